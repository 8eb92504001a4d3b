import { createHash } from "node:crypto";
import { beforeEach, expect, it } from "vitest";
import { CallingChannel, refusalOf } from "../testing/calling-channel.ts";
import { evidenceContract } from "./contract.ts";

const uid = "1000000000000001";
const iotId = "2122232425262728292A2B2C";
const productKey = "a1B2c3D4e5F";
const keyOf = (id: string) => `0001_aaaaaaaaaaaaaaaa_AB12_${id}`;
const device = (code: string) => JSON.stringify({ iotId, productKey, source: "1", code });
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let channel: CallingChannel;
beforeEach(() => {
  channel = new CallingChannel(evidenceContract);
});

const set = (id: string, deviceJson: string) => channel.submit(uid, "set", keyOf(id), "value", deviceJson);
const devices = () => channel.read(uid, "devices", productKey, "", "1", "10");
const row = (key: string) => JSON.parse(Buffer.from(new Map(channel.channel.dump()).get(key) ?? "", "hex").toString());

it("keeps the rows of a set without a device as they were", async () => {
  await set("plain", "");
  const { txId, timeMs } = channel;
  expect(channel.channel.dump()).toEqual([
    [`\u0000digest\u0000${sha256("value")}\u0000${keyOf("plain")}\u0000000000000001\u0000`, "00"],
    [
      keyOf("plain"),
      Buffer.from(
        `{"count":1,"lastTime":${timeMs},"first":{"value":"value","writer":"${uid}","tx":"${txId}","time":${timeMs}}}`,
      ).toString("hex"),
    ],
  ]);
});

it("stores the device, its product, the source and the code with the record", async () => {
  await set("one", device("3~2~R~C~B"));
  expect(row(keyOf("one")).first).toMatchObject({ device: iotId, product: productKey, source: "1", code: "3~2~R~C~B" });
  expect(await channel.read(uid, "get", keyOf("one"))).toMatchObject({ deviceId: iotId, productKey });
});

it("names the device in each record of a batch and in further records of a key", async () => {
  const items = JSON.stringify([1, 2].map((id) => ({ key: keyOf(`item${id}`), value: "v" })));
  await channel.submit(uid, "setBatch", keyOf("batch"), items, device("a"));
  await channel.submit(uid, "attach", keyOf("batch"), "more", "", device("b"));
  for (const id of ["batch", "item1", "item2"]) {
    expect(await channel.read(uid, "get", keyOf(id))).toMatchObject({ deviceId: iotId, productKey });
  }
  expect(row(keyOf("item2")).first).toMatchObject({ source: "1", code: "a" });
  expect(await devices()).toMatchObject({ total: 1, devices: [{ uploads: 2 }] });
});

it("takes a code once, whatever is uploaded with it, and leaves nothing of the second try", async () => {
  await set("one", device("code"));
  const before = channel.channel.dump();
  const items = JSON.stringify([{ key: keyOf("item"), value: "v" }]);
  const tries = [
    set("two", device("code")),
    channel.submit(uid, "setBatch", keyOf("two"), items, device("code")),
    channel.submit(uid, "attach", keyOf("two"), "v", "", device("code")),
    channel.submit(uid, "attach", keyOf("one"), "v", "", device("code")),
  ];
  for (const each of tries) expect(await refusalOf(each)).toBe("DEVICE_SIGNATURE_REFUSED");
  expect(await refusalOf(set("one", device("fresh")))).toBe("KEY_EXISTS");
  expect(channel.channel.dump()).toEqual(before);
});

it("refuses a device that is not in its form, before it looks at the ledger", async () => {
  const good = { iotId, productKey, source: "1", code: "c" };
  const { code: _, ...lacking } = good;
  const wrong = [
    "no JSON",
    "[]",
    "null",
    '"text"',
    JSON.stringify(lacking),
    JSON.stringify({ ...good, more: "1" }),
    JSON.stringify({ ...lacking, other: "c" }),
    JSON.stringify({ ...good, iotId: "" }),
    JSON.stringify({ ...good, iotId: "a b" }),
    JSON.stringify({ ...good, iotId: 24 }),
    JSON.stringify({ ...good, iotId: "x".repeat(65) }),
    JSON.stringify({ ...good, productKey: "x".repeat(65) }),
    JSON.stringify({ ...good, productKey: "\u0000" }),
    JSON.stringify({ ...good, source: "3" }),
    JSON.stringify({ ...good, source: 1 }),
    JSON.stringify({ ...good, code: "" }),
    JSON.stringify({ ...good, code: "x".repeat(513) }),
    JSON.stringify({ ...good, code: "ä" }),
  ];
  const items = JSON.stringify([{ key: keyOf("item"), value: "v" }]);
  for (const each of wrong) {
    expect(await refusalOf(set("one", each)), each).toBe("DEVICE_MALFORMED");
    expect(await refusalOf(channel.submit(uid, "attach", keyOf("one"), "v", "", each))).toBe("DEVICE_MALFORMED");
    expect(await refusalOf(channel.submit(uid, "setBatch", keyOf("one"), items, each))).toBe("DEVICE_MALFORMED");
  }
  expect(channel.channel.dump()).toEqual([]);
  await set(
    "one",
    JSON.stringify({ iotId: "x".repeat(64), productKey: "y".repeat(64), source: "2", code: "c".repeat(512) }),
  );
});

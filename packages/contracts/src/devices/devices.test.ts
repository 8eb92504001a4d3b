import type { ContractStub } from "@concordat/ledger/contract-api";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { evidenceContract } from "../evidence/contract.ts";
import { writeJsonRow } from "../stub-rows.ts";
import { CallingChannel, refusalOf } from "../testing/calling-channel.ts";
import type { DeviceJson, DevicesPageJson } from "./answers.ts";
import { deviceKey, findDevice, textToDeviceId } from "./uploads.ts";

const uid = "1000000000000001";
const product = "productA";
let channel: CallingChannel;
let uploads: number;

beforeEach(() => {
  channel = new CallingChannel(evidenceContract);
  uploads = 0;
});

async function upload(iotId: string, productKey = product): Promise<void> {
  uploads++;
  const device = JSON.stringify({ iotId, productKey, source: "1", code: `code${uploads}` });
  await channel.submit(uid, "set", `0001_aaaaaaaaaaaaaaaa_AB12_${uploads}`, "v", device);
}

const list = async (productKey: string, iotId: string, page: number, size: number) =>
  (await channel.read(uid, "devices", productKey, iotId, String(page), String(size))) as DevicesPageJson;

describe("devices", () => {
  it("tells times and number of a device's uploads", async () => {
    const firstMs = channel.timeMs;
    await upload("one");
    channel.timeMs += 5_000;
    await upload("one");
    const [one] = (await list(product, "one", 1, 10)).devices;
    expect(one).toEqual({
      deviceId: expect.stringMatching(/^[1-9][0-9]{15}$/),
      iotId: "one",
      firstMs,
      lastMs: channel.timeMs,
      uploads: 2,
    });
    expect(await channel.read(uid, "device", product, one?.deviceId ?? "")).toEqual(one);
  });

  it("never sets the last time back", async () => {
    await upload("one");
    const lastMs = channel.timeMs;
    channel.timeMs -= 1;
    await upload("one");
    expect((await list(product, "one", 1, 1)).devices).toMatchObject([{ firstMs: lastMs, lastMs, uploads: 2 }]);
  });

  it("pages through the devices of one product by ascending id", async () => {
    for (const number of [1, 2, 3, 4, 5]) await upload(`device${number}`);
    await upload("device1", "productB");
    const all = (await list(product, "", 1, 100)).devices;
    expect(all.map(({ iotId }) => iotId).sort()).toEqual(["device1", "device2", "device3", "device4", "device5"]);
    expect(all.map(({ deviceId }) => deviceId)).toEqual(all.map(({ deviceId }) => deviceId).sort());
    expect(await list(product, "", 2, 2)).toEqual({ total: 5, devices: all.slice(2, 4) });
    expect(await list(product, "", 4, 2)).toEqual({ total: 5, devices: [] });
    expect(await list(product, "device3", 1, 1)).toEqual({
      total: 1,
      devices: all.filter(({ iotId }) => iotId === "device3"),
    });
    expect(await list(product, "device3", 2, 1)).toEqual({ total: 1, devices: [] });
    expect(await list(product, "device6", 1, 1)).toEqual({ total: 0, devices: [] });
    expect(await list("product", "", 1, 1)).toEqual({ total: 0, devices: [] });
    expect((await list("productB", "", 1, 1)).devices[0]?.deviceId).not.toBe(
      all.find(({ iotId }) => iotId === "device1")?.deviceId,
    );
  });

  it("refuses wrong pages, product keys and ids", async () => {
    await upload("one");
    for (const [page, size] of [
      ["0", "1"],
      ["1", "0"],
      ["1", "101"],
      ["x", "1"],
      ["1", ""],
      ["", "1"],
      ["-1", "1"],
    ]) {
      expect(await refusalOf(channel.read(uid, "devices", product, "", page ?? "", size ?? ""))).toBe("PAGE_INVALID");
    }
    for (const [productKey, iotId] of [
      ["", ""],
      ["a b", ""],
      ["x".repeat(65), ""],
      [product, "a b"],
      [product, "\u0000"],
    ]) {
      const asked = channel.read(uid, "devices", productKey ?? "", iotId ?? "", "1", "1");
      expect(await refusalOf(asked)).toBe("DEVICE_MALFORMED");
    }
    expect(await refusalOf(channel.read(uid, "device", "", "1"))).toBe("DEVICE_MALFORMED");
    expect(await refusalOf(channel.read(uid, "device", product))).toBe("DEVICE_MALFORMED");
    expect(await refusalOf(channel.read(uid, "device", product, "1000000000000000"))).toBe("DEVICE_UNKNOWN");
    const [{ deviceId } = { deviceId: "" }]: readonly Partial<DeviceJson>[] = (await list(product, "one", 1, 1))
      .devices;
    expect(await refusalOf(channel.read(uid, "device", "productB", deviceId ?? ""))).toBe("DEVICE_UNKNOWN");
  });
});

describe("device ids", () => {
  it("goes on to the next candidate where another device has the id", async () => {
    const rows = new Map<string, Uint8Array>();
    const stub = {
      getState: async (key: string) => rows.get(key) ?? new Uint8Array(),
      putState: async (key: string, value: Uint8Array) => void rows.set(key, value),
      createCompositeKey: (type: string, parts: readonly string[]) => [type, ...parts].join("/"),
    } as unknown as ContractStub; // The functions that the look-up needs.
    const taken = textToDeviceId(product, "one", 0);
    await writeJsonRow(stub, deviceKey(stub, product, taken), { iot: "two", first: 1, last: 1, uploads: 1 });
    const next = await findDevice(stub, product, "one");
    expect(next).toMatchObject({ deviceId: textToDeviceId(product, "one", 1), row: undefined });
    const own = { iot: "one", first: 1, last: 1, uploads: 1 };
    await writeJsonRow(stub, next.key, own);
    expect(await findDevice(stub, product, "one")).toEqual({ ...next, row: own });
  });

  it("have 16 digits, the first not 0", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(5), (productKey, iotId, attempt) => {
        expect(textToDeviceId(productKey, iotId, attempt)).toMatch(/^[1-9][0-9]{15}$/);
      }),
    );
  });
});

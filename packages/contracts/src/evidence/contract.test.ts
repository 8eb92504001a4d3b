import { createHash } from "node:crypto";
import { ContractRefusal } from "@concordat/ledger/contract-api";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryChannel } from "../testing/memory-channel.ts";
import { evidenceContract } from "./contract.ts";
import { assignBusinessId } from "./rows.ts";

const key = (id: string | number) => `0001_aaaaaaaaaaaaaaaa_AB12_${id}`;
const hex64 = (digit: string) => digit.repeat(64);
const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
const day = 24 * 3_600_000;
const device = (code: string) => {
  return JSON.stringify({
    iotId: "2122232425262728292A2B2C",
    productKey: "a1B2c3D4e5F",
    source: "2",
    code: code.replace(" ", "~"),
  });
};

let channel: MemoryChannel;
let timeMs: number;
let transactions: number;

beforeEach(() => {
  channel = new MemoryChannel(evidenceContract);
  timeMs = 1_700_000_000_123;
  transactions = 0;
});

const call = (writer = "1000000000000001") => ({
  txId: sha256(`tx ${transactions}`),
  timeMs,
  attributes: { principal: writer },
});

function submit(fn: string, ...args: string[]): Promise<string> {
  transactions++;
  return channel.submit(fn, args, call());
}

async function read(fn: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await channel.evaluate(fn, args, call()));
}

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return error instanceof ContractRefusal ? error.code : `no refusal: ${String(error)}`;
}

describe("set and get", () => {
  it("reads back what was set, with writer, type code, device, time and transaction", async () => {
    await submit("set", key(1), "温度 21.5", device("one code"));
    expect(await read("get", key(1), "")).toEqual({
      key: key(1),
      sequence: 1,
      value: "温度 21.5",
      digest: sha256("温度 21.5"),
      businessId: assignBusinessId(call().txId, 0, 0),
      dataTypeCode: "AB12",
      writerUid: "1000000000000001",
      deviceId: "2122232425262728292A2B2C",
      productKey: "a1B2c3D4e5F",
      txId: call().txId,
      timestampMs: timeMs,
    });
  });

  it("answers the newest record without a business id, and each by its own", async () => {
    await submit("set", key(1), "first");
    await submit("attach", key(1), "second", hex64("a"));
    const third = JSON.parse(await submit("attach", key(1), "third"));
    expect(third.businessId).toMatch(/^[0-9]{16}$/);
    expect(third.sequence).toBe(3);
    expect(await read("get", key(1))).toMatchObject({ sequence: 3, value: "third" });
    expect(await read("get", key(1), hex64("a"))).toMatchObject({ sequence: 2, value: "second" });
    expect(await read("get", key(1), third.businessId)).toMatchObject({ sequence: 3, value: "third" });
    expect(await read("get", key(1), assignBusinessId(sha256("tx 1"), 0, 0))).toMatchObject({ value: "first" });
    expect(await refusalOf(read("get", key(1), hex64("b")))).toBe("EVIDENCE_UNKNOWN");
  });

  it("starts a key that is attached to first, and then refuses to set it", async () => {
    await submit("attach", key(1), "first", hex64("c"), device("code"));
    expect(await read("get", key(1), hex64("c"))).toMatchObject({ sequence: 1, productKey: "a1B2c3D4e5F" });
    expect(await refusalOf(submit("set", key(1), "again"))).toBe("KEY_EXISTS");
  });

  it("keeps a single set to two rows", async () => {
    await submit("set", key(1), "value");
    expect(channel.dump().map(([row]) => row)).toEqual([
      `\u0000digest\u0000${sha256("value")}\u0000${key(1)}\u0000000000000001\u0000`,
      key(1),
    ]);
  });

  it("reads a time whose seconds are an object, as fabric-shim gives it", async () => {
    const long = { toString: () => "1700000000" };
    const writes: string[] = [];
    const stub = {
      getTxID: () => "t",
      getTxTimestamp: () => ({ seconds: long, nanos: 5_999_999 }),
      getState: async () => new Uint8Array(),
      putState: async (_: string, value: Uint8Array) => void writes.push(Buffer.from(value).toString()),
      createCompositeKey: (type: string, parts: string[]) => `\u0000${type}\u0000${parts.join("\u0000")}\u0000`,
    };
    const clientIdentity = { getAttributeValue: () => "1" };
    // The four functions that set needs.
    const context = { stub, clientIdentity } as unknown as Parameters<
      NonNullable<(typeof evidenceContract.functions)["set"]>
    >[0];
    await evidenceContract.functions["set"]?.(context, key(1), "v");
    expect(JSON.parse(writes[0] ?? "").first.time).toBe(1_700_000_000_005);
  });
});

describe("batches", () => {
  const text = `[ {"Key":"${key(1)}","Value":"one"},\n {"value":"zwei \\"2\\"","key":"${key(2)}"} ]`;

  it("writes every item under its own key and reads the batch back to the byte", async () => {
    await submit("setBatch", key("outer"), text);
    expect(await read("get", key(1))).toMatchObject({ value: "one", txId: call().txId });
    expect(await read("get", key(2))).toMatchObject({ value: 'zwei "2"' });
    expect(await read("get", key("outer"))).toMatchObject({ value: text, digest: sha256(text), sequence: 1 });
    const ids = await Promise.all([1, 2, "outer"].map((id) => read("get", key(id))));
    expect(new Set(ids.map((record) => (record as { businessId: string }).businessId)).size).toBe(3);
  });

  it("stores no value twice, and finds items and batch by digest", async () => {
    await submit("setBatch", key("outer"), text);
    const rows = channel.dump().map(([, value]) => Buffer.from(value, "hex").toString());
    expect(rows.filter((row) => row.includes("one"))).toHaveLength(1);
    expect(await read("findByDigest", sha256("one"))).toMatchObject([{ key: key(1) }]);
    expect(await read("findByDigest", sha256(text).toUpperCase())).toMatchObject([{ key: key("outer"), value: text }]);
  });

  it("is all or nothing, and names which key was on chain", async () => {
    await submit("set", key(2), "taken");
    const before = channel.dump();
    expect(await refusalOf(submit("setBatch", key("outer"), text))).toBe("BATCH_KEY_EXISTS");
    expect(await refusalOf(submit("setBatch", key(2), `[{"key":"${key(3)}","value":"v"}]`))).toBe("KEY_EXISTS");
    expect(channel.dump()).toEqual(before);
  });

  it("can be attached to, as each of its items can", async () => {
    await submit("setBatch", key("outer"), text);
    await submit("attach", key("outer"), "more");
    await submit("attach", key(1), "more");
    expect(await read("get", key("outer"))).toMatchObject({ sequence: 2, value: "more" });
    expect(await read("history", key("outer"), "", "", "1", "10")).toMatchObject({
      total: 2,
      records: [{ value: "more" }, { value: text }],
    });
  });
});

describe("history and count", () => {
  beforeEach(async () => {
    for (let index = 1; index <= 5; index++) {
      await submit(index === 1 ? "set" : "attach", key(1), `v${index}`);
      timeMs += index === 2 ? 0 : day;
    }
  });

  it("pages newest first", async () => {
    expect(await read("history", key(1), "", "", "1", "2")).toMatchObject({
      total: 5,
      records: [{ value: "v5" }, { value: "v4" }],
    });
    expect(await read("history", key(1), "", "", "3", "2")).toMatchObject({ total: 5, records: [{ value: "v1" }] });
    expect(await read("history", key(1), "", "", "4", "2")).toEqual({ total: 5, records: [] });
  });

  it("takes both ends of a window in, and equal times together", async () => {
    const start = 1_700_000_000_123;
    const window = [start + day, start + 2 * day].map(String);
    expect(await read("count", key(1), ...window)).toBe(3);
    expect(await read("count", key(1), String(start + day + 1), String(start + 2 * day - 1))).toBe(0);
    expect(await read("history", key(1), ...window, "1", "100")).toMatchObject({
      total: 3,
      records: [{ value: "v4" }, { value: "v3" }, { value: "v2" }],
    });
    expect(await read("count", key(1))).toBe(5);
  });

  it("is empty for a key that is not on chain", async () => {
    expect(await read("count", key(9))).toBe(0);
    expect(await read("history", key(9), "", "", "1", "1")).toEqual({ total: 0, records: [] });
  });

  it("keeps times in order where the client's clock goes back", async () => {
    timeMs = 1_600_000_000_000;
    await submit("attach", key(1), "late");
    const late = (await read("get", key(1))) as { timestampMs: number };
    expect(late.timestampMs).toBe(1_700_000_000_123 + 3 * day);
  });

  it("needs a window from 501 records on", async () => {
    for (let index = 6; index <= 500; index++) await submit("attach", key(1), "v");
    expect(await read("history", key(1), "", "", "1", "1")).toMatchObject({ total: 500 });
    await submit("attach", key(1), "v");
    expect(await refusalOf(read("history", key(1), "", "", "1", "1"))).toBe("WINDOW_NEEDED");
    expect(await read("count", key(1))).toBe(501);
    expect(await read("history", key(1), String(timeMs), String(timeMs), "1", "1")).toMatchObject({ total: 496 });
  });
});

it("answers at most 100 records of one value, by ascending key", async () => {
  for (let index = 100; index <= 200; index++) await submit("set", key(index), "same");
  const found = (await read("findByDigest", sha256("same"))) as { key: string }[];
  expect(found.map((record) => record.key)).toEqual(Array.from({ length: 100 }, (_, index) => key(index + 100)));
  expect(await read("findByDigest", sha256("other"))).toEqual([]);
});

it("meters records and bytes in total and for each writer, a batch as its items", async () => {
  await submit("set", key(1), "é");
  await submit("attach", key(1), "abc");
  await submit("setBatch", key("o"), `[{"key":"${key(2)}","value":"xx"},{"key":"${key(3)}","value":"y"}]`);
  await channel.submit("set", [key(4), "12345"], call("2000000000000002"));
  expect(channel.meters()).toEqual({
    count: 5,
    bytes: 13,
    "count:1000000000000001": 4,
    "bytes:1000000000000001": 8,
    "count:2000000000000002": 1,
    "bytes:2000000000000002": 5,
  });
});

describe("refusals leave no trace", () => {
  const long = "x".repeat(257);
  const batchOf = (...items: unknown[]) => JSON.stringify(items);
  it.each<[string, string, string[]]>([
    ["EVIDENCE_KEY_MALFORMED", "set", ["k", "v"]],
    ["EVIDENCE_KEY_MALFORMED", "set", []],
    ["EVIDENCE_KEY_MALFORMED", "set", ["0002_aaaaaaaaaaaaaaaa_AB12_1", "v"]],
    ["EVIDENCE_KEY_MALFORMED", "attach", ["k", "v"]],
    ["EVIDENCE_KEY_MALFORMED", "get", ["0003_aaaaaaaaaaaaaaaa_AB12_1"]],
    ["EVIDENCE_KEY_MALFORMED", "count", ["k"]],
    ["EVIDENCE_KEY_MALFORMED", "history", ["k", "", "", "1", "1"]],
    ["EVIDENCE_KEY_MALFORMED", "setBatch", ["k", batchOf({ key: key(1), value: "v" })]],
    ["VALUE_EMPTY", "set", [key(1), ""]],
    ["VALUE_EMPTY", "attach", [key(1), ""]],
    ["VALUE_EMPTY", "setBatch", [key(1), batchOf({ key: key(2), value: "" })]],
    ["VALUE_MALFORMED", "setBatch", [key(1), "plain"]],
    ["VALUE_TOO_LONG", "set", [key(1), long]],
    ["VALUE_TOO_LONG", "attach", [key(1), long]],
    ["DEVICE_MALFORMED", "set", [key(1), "v", "two words"]],
    ["DEVICE_MALFORMED", "attach", [key(1), "v", "", "x".repeat(65)]],
    ["BUSINESS_ID_MALFORMED", "attach", [key(1), "v", "12"]],
    ["BUSINESS_ID_EXISTS", "attach", [key("there"), "v", hex64("f")]],
    ["KEY_EXISTS", "set", [key("there"), "v"]],
    ["BATCH_MIXED", "setBatch", [key(1), batchOf({ key: "0001_aaaaaaaaaaaaaaaa_ZZZZ_1", value: "v" })]],
    ["BATCH_KEY_REPEATED", "setBatch", [key(1), batchOf({ key: key(1), value: "v" })]],
    [
      "BATCH_TOO_LARGE",
      "setBatch",
      [key("o"), batchOf(...Array.from({ length: 51 }, (_, i) => ({ key: key(i), value: "v" })))],
    ],
    ["BATCH_VALUE_TOO_LONG", "setBatch", [key(1), batchOf({ key: key(2), value: long })]],
    ["BATCH_KEY_EXISTS", "setBatch", [key(1), batchOf({ key: key("there"), value: "v" })]],
    ["EVIDENCE_UNKNOWN", "get", [key("absent")]],
    ["EVIDENCE_UNKNOWN", "get", ["0002_aaaaaaaaaaaaaaaa_AB12_1"]],
    ["DIGEST_MALFORMED", "findByDigest", ["12"]],
    ["WINDOW_INVALID", "count", [key(1), "5", "4"]],
    ["WINDOW_INVALID", "count", [key(1), "5", ""]],
    ["WINDOW_INVALID", "count", [key(1), "x", "5"]],
    ["WINDOW_INVALID", "history", [key(1), "0", String(30 * day + 1), "1", "1"]],
    ["PAGE_INVALID", "history", [key(1), "", "", "0", "1"]],
    ["PAGE_INVALID", "history", [key(1), "", "", "1", "101"]],
    ["PAGE_INVALID", "history", [key(1), "", "", "1", ""]],
  ])("%s from %s %j", async (code, fn, args) => {
    await submit("set", key("there"), "first");
    await submit("attach", key("there"), "second", hex64("f"));
    const before = channel.dump();
    expect(await refusalOf(submit(fn, ...args))).toBe(code);
    expect(channel.dump()).toEqual(before);
  });

  it("ACCESS_DENIED for a certificate that names no principal", async () => {
    const anonymous = { txId: "t", timeMs, attributes: {} };
    expect(await refusalOf(channel.submit("set", [key(1), "v"], anonymous))).toBe("ACCESS_DENIED");
    expect(await refusalOf(channel.submit("attach", [key(1), "v"], anonymous))).toBe("ACCESS_DENIED");
    expect(channel.dump()).toEqual([]);
  });

  it("takes exactly 30 days", async () => {
    expect(await read("count", key(1), "0", String(30 * day))).toBe(0);
  });
});

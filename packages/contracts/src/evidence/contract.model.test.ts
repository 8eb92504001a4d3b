import { createHash } from "node:crypto";
import { ContractRefusal } from "@concordat/ledger/contract-api";
import fc from "fast-check";
import { expect, it } from "vitest";
import { MemoryChannel } from "../testing/memory-channel.ts";
import { evidenceContract } from "./contract.ts";

/**
 * The model: for each key the list of its records, oldest first. Commands run on model and contract alike;
 * refusals and answers must agree, and the meters must be the sums of the model.
 */
interface ModelRecord {
  readonly value: string;
  readonly timeMs: number;
  readonly writer: string;
  businessId: string;
}

class Model {
  readonly keys = new Map<string, ModelRecord[]>();
  /** Keys whose first record is a batch: no meter counts it. */
  readonly batches = new Set<string>();
  timeMs = 1_700_000_000_000;
  transactions = 0;
}

interface Real {
  readonly channel: MemoryChannel;
}

const writers = ["1000000000000001", "2000000000000002"];
const fullKey = (id: number) => `0001_aaaaaaaaaaaaaaaa_AB12_${id}`;
const call = (model: Model, writer: string) => ({
  txId: createHash("sha256").update(String(model.transactions)).digest("hex"),
  timeMs: model.timeMs,
  attributes: { principal: writer },
});

/** The JSON answer, or the refusal's code. */
async function outcome(work: Promise<string>): Promise<unknown> {
  try {
    const text = await work;
    return text === "" ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof ContractRefusal) return error.code;
    throw error;
  }
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

const set = (id: number, value: string, writer: string, waitMs: number): Command =>
  command(`set(${id}, ${value}, ${waitMs})`, async (model, { channel }) => {
    model.timeMs += waitMs;
    model.transactions++;
    const key = fullKey(id);
    const answer = await outcome(channel.submit("set", [key, value, ""], call(model, writer)));
    expect(answer).toBe(model.keys.has(key) ? "KEY_EXISTS" : undefined);
    if (answer === undefined) {
      const businessId = await readBusinessId(channel, model, key);
      model.keys.set(key, [{ value, timeMs: model.timeMs, writer, businessId }]);
    }
  });

const attach = (id: number, value: string, given: string, writer: string, waitMs: number): Command =>
  command(`attach(${id}, ${value}, ${given}, ${waitMs})`, async (model, { channel }) => {
    model.timeMs += waitMs;
    model.transactions++;
    const key = fullKey(id);
    const records = model.keys.get(key) ?? [];
    const isUsed = given !== "" && records.some((record) => record.businessId === given);
    const answer = await outcome(channel.submit("attach", [key, value, given, ""], call(model, writer)));
    if (isUsed) return expect(answer).toBe("BUSINESS_ID_EXISTS");
    const { businessId } = answer as { businessId: string };
    expect(answer).toEqual({ sequence: records.length + 1, businessId });
    if (given === "") expect(businessId).toMatch(/^[0-9]{16}$/);
    else expect(businessId).toBe(given);
    expect(records.map((record) => record.businessId)).not.toContain(businessId);
    model.keys.set(key, [...records, { value, timeMs: model.timeMs, writer, businessId }]);
  });

const setBatch = (id: number, items: readonly (readonly [number, string])[], writer: string): Command =>
  command(`setBatch(${id}, ${JSON.stringify(items)})`, async (model, { channel }) => {
    model.transactions++;
    const key = fullKey(id);
    const text = JSON.stringify(items.map(([itemId, value]) => ({ Key: fullKey(itemId), Value: value })));
    const answer = await outcome(channel.submit("setBatch", [key, text], call(model, writer)));
    const ids = [id, ...items.map(([itemId]) => itemId)];
    if (new Set(ids).size < ids.length) return expect(answer).toBe("BATCH_KEY_REPEATED");
    if (model.keys.has(key)) return expect(answer).toBe("KEY_EXISTS");
    if (ids.some((each) => model.keys.has(fullKey(each)))) return expect(answer).toBe("BATCH_KEY_EXISTS");
    expect(answer).toBeUndefined();
    model.batches.add(key);
    for (const [each, value] of [[id, text] as const, ...items]) {
      const businessId = await readBusinessId(channel, model, fullKey(each));
      model.keys.set(fullKey(each), [{ value, timeMs: model.timeMs, writer, businessId }]);
    }
  });

const read = (id: number, recordIndex: number): Command =>
  command(`get(${id}, ${recordIndex})`, async (model, { channel }) => {
    const key = fullKey(id);
    const records = model.keys.get(key) ?? [];
    const index = recordIndex < records.length ? recordIndex : records.length - 1;
    const asked = recordIndex < records.length ? (records[recordIndex]?.businessId ?? "") : "";
    const answer = await outcome(channel.evaluate("get", [key, asked], call(model, "")));
    const expected = records[index];
    if (expected === undefined) return expect(answer).toBe("EVIDENCE_UNKNOWN");
    expect(answer).toMatchObject(asJson(key, index + 1, expected));
  });

const history = (id: number, window: readonly [number, number] | undefined, page: number, pageSize: number): Command =>
  command(`history(${id}, ${window}, ${page}, ${pageSize})`, async (model, { channel }) => {
    const key = fullKey(id);
    const startMs = window === undefined ? 0 : model.timeMs - window[0] - window[1];
    const endMs = window === undefined ? Number.MAX_SAFE_INTEGER : startMs + window[1];
    const all = (model.keys.get(key) ?? []).map((record, index) => ({ ...asJson(key, index + 1, record), record }));
    const inside = all.filter(({ record }) => record.timeMs >= startMs && record.timeMs <= endMs).reverse();
    const times = window === undefined ? ["", ""] : [String(startMs), String(endMs)];
    expect(await outcome(channel.evaluate("count", [key, ...times], call(model, "")))).toBe(inside.length);
    const args = [key, ...times, String(page), String(pageSize)];
    const answer = (await outcome(channel.evaluate("history", args, call(model, "")))) as { records: unknown[] };
    const expected = inside.slice((page - 1) * pageSize, page * pageSize).map(({ record: _, ...json }) => json);
    expect(answer).toMatchObject({ total: inside.length, records: expected });
    expect(answer.records).toHaveLength(expected.length);
  });

function asJson(key: string, sequence: number, record: ModelRecord) {
  const digest = createHash("sha256").update(record.value).digest("hex");
  const { value, businessId, timeMs, writer } = record;
  return { key, sequence, value, digest, businessId, timestampMs: timeMs, writerUid: writer };
}

async function readBusinessId(channel: MemoryChannel, model: Model, key: string): Promise<string> {
  const answer = (await outcome(channel.evaluate("get", [key, ""], call(model, "")))) as { businessId: string };
  return answer.businessId;
}

function expectedMeters(model: Model): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, records] of model.keys) {
    for (const record of model.batches.has(key) ? records.slice(1) : records) {
      const bytes = Buffer.byteLength(record.value);
      const readings = { count: 1, bytes, [`count:${record.writer}`]: 1, [`bytes:${record.writer}`]: bytes };
      for (const [meter, amount] of Object.entries(readings)) sums[meter] = (sums[meter] ?? 0) + amount;
    }
  }
  return sums;
}

it("behaves as a list of records for each key, whatever the calls", async () => {
  const id = fc.integer({ min: 0, max: 5 });
  const value = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
  const writer = fc.constantFrom(...writers);
  const waitMs = fc.constantFrom(0, 0, 1, 1000, 86_400_000);
  const businessId = fc.constantFrom("", "", "a".repeat(64), "B".repeat(64), "1".repeat(64));
  const items = fc.array(fc.tuple(id, value), { minLength: 1, maxLength: 4 });
  const window = fc.option(fc.tuple(fc.nat(172_800_000), fc.nat(172_800_000)), { nil: undefined });
  const commands = fc.commands(
    [
      fc.tuple(id, value, writer, waitMs).map((parts) => set(...parts)),
      fc.tuple(id, value, businessId, writer, waitMs).map((parts) => attach(...parts)),
      fc.tuple(id, value, businessId, writer, waitMs).map((parts) => attach(...parts)),
      fc.tuple(id, items, writer).map((parts) => setBatch(...parts)),
      fc.tuple(id, fc.nat(8)).map((parts) => read(...parts)),
      fc
        .tuple(id, window, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
        .map((parts) => history(...parts)),
    ],
    { maxCommands: 60 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const model = new Model();
      const channel = new MemoryChannel(evidenceContract);
      await fc.asyncModelRun(() => ({ model, real: { channel } }), sequence);
      expect(channel.meters()).toEqual(expectedMeters(model));
    }),
    { numRuns: 150 },
  );
});

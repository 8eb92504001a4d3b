import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseCheckpoint } from "../checkpoint/note.ts";
import type { ChannelConfig, Ledger, SubmitRequest } from "../ports.ts";
import { contracts } from "../testing/kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { openLedger } from "./ledger.ts";

let org: TestOrganization;
let directory: string;
let ledger: Ledger;
let clock: ManualClock;

beforeAll(async () => {
  org = await createTestOrganization();
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-ledger-"));
  clock = new ManualClock(1_700_000_000_000);
  ledger = await open();
});

afterEach(async () => {
  await ledger.close().catch(() => undefined);
  await rm(directory, { recursive: true, force: true });
});

function open(): Promise<Ledger> {
  return openLedger({ directory, installationId: TEST_INSTALLATION, contracts }, { clock });
}

async function reopen(channelId = "ch1"): Promise<void> {
  await ledger.close();
  ledger = await open();
  await ledger.unlockChannel(channelId, [org.signer]);
}

async function createChannel(parts: Partial<ChannelConfig> = {}): Promise<void> {
  await ledger.createChannel(testChannelConfig([org], parts), [org.signer]);
}

function call(fn: string, ...args: string[]): SubmitRequest {
  return { channelId: "ch1", creator: org.creator, contract: "kv", fn, args };
}

async function read(fn: string, ...args: string[]): Promise<string> {
  return Buffer.from(await ledger.evaluate(call(fn, ...args))).toString("utf8");
}

describe("a channel", () => {
  it("starts with its configuration in block 0, signed by its organization", async () => {
    await createChannel();
    const status = await ledger.status("ch1");
    expect(status).toMatchObject({ height: 1, transactionCount: 1, configSequence: 0 });
    const checkpoint = parseCheckpoint(status.checkpoint);
    expect(checkpoint).toMatchObject({ origin: `concordat/${TEST_INSTALLATION}/ch1`, size: 1, block: 0 });
    expect(checkpoint.signatures).toHaveLength(1);
  });

  it("makes writes visible to queries once they are acknowledged, and after a restart", async () => {
    await createChannel();
    const written = await ledger.submit(call("put", "a", "1"));
    expect(written).toMatchObject({ block: 1, index: 0, timestampMs: 1_700_000_000_000 });
    expect(await read("get", "a")).toBe("1");
    const hash = await ledger.stateHash("ch1");
    await reopen();
    expect(await read("get", "a")).toBe("1");
    expect(await ledger.stateHash("ch1")).toBe(hash);
    expect(await ledger.transaction("ch1", written.txId)).toMatchObject({
      index: 0,
      validationCode: 0,
      block: { number: 1 },
    });
  });

  it("executes serial transactions in order, each seeing the ones before it in the same block", async () => {
    await createChannel();
    const sums = await Promise.all(Array.from({ length: 50 }, () => ledger.submit(call("add", "counter", "1"))));
    expect(sums.map(({ result }) => Number(Buffer.from(result).toString()))).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    expect(new Set(sums.map(({ block }) => block)).size).toBeLessThan(50);
    expect(await read("get", "counter")).toBe("50");
  });

  it("leaves no trace of a refused call", async () => {
    await createChannel();
    await ledger.submit(call("create", "k", "1"));
    const before = [await ledger.status("ch1"), await ledger.stateHash("ch1")];
    await expect(ledger.submit(call("create", "k", "2"))).rejects.toMatchObject({
      code: "CONTRACT_REFUSED",
      facts: { contract: "kv", refusal: "KEY_EXISTS" },
    });
    await expect(ledger.submit(call("breakOff"))).rejects.toMatchObject({ code: "CONTRACT_FAILED" });
    await expect(ledger.submit(call("nothing"))).rejects.toMatchObject({ code: "FUNCTION_UNKNOWN" });
    await expect(ledger.submit(call("toString"))).rejects.toMatchObject({ code: "FUNCTION_UNKNOWN" });
    await expect(ledger.submit({ ...call("get"), contract: "other" })).rejects.toMatchObject({
      code: "CONTRACT_UNKNOWN",
    });
    await expect(ledger.submit({ ...call("get"), channelId: "nope" })).rejects.toMatchObject({
      code: "CHANNEL_UNKNOWN",
    });
    expect([await ledger.status("ch1"), await ledger.stateHash("ch1")]).toEqual(before);
  });

  it("orders refusals with their verdict where the channel records them", async () => {
    await createChannel({ recordRefusals: true });
    await ledger.submit(call("create", "k", "1"));
    const nonce = new Uint8Array(24).fill(7);
    await expect(ledger.submit({ ...call("create", "k", "2"), nonce })).rejects.toMatchObject({
      code: "CONTRACT_REFUSED",
    });
    expect(await ledger.status("ch1")).toMatchObject({ height: 3, transactionCount: 3 });
    expect(await read("get", "k")).toBe("1");
  });

  it("refuses a transaction id that is in the log, also after a restart", async () => {
    await createChannel();
    const nonce = new Uint8Array(24).fill(9);
    const { txId } = await ledger.submit({ ...call("put", "a", "1"), nonce });
    await expect(ledger.submit({ ...call("put", "a", "2"), nonce })).rejects.toMatchObject({
      code: "DUPLICATE_TRANSACTION",
    });
    await reopen();
    expect(await ledger.hasTransaction("ch1", txId)).toBe(true);
    await expect(ledger.submit({ ...call("put", "a", "2"), nonce })).rejects.toMatchObject({
      code: "DUPLICATE_TRANSACTION",
    });
  });

  it("holds a block open until its timeout, keeping it from queries and saying that the key is in flight", async () => {
    await createChannel({
      blockCutting: { messageCountMax: 500, bytesMax: 1e6, timeoutMs: 2_000, cutWhenIdle: false },
    });
    const writing = ledger.submit(call("put", "a", "1"));
    const refused = ledger.submit(call("create", "a", "2"));
    refused.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await read("get", "a")).toBe("");
    await expect(ledger.evaluate({ ...call("get", "a"), settledKeys: ["a"] })).rejects.toMatchObject({
      code: "WRITE_IN_FLIGHT",
    });
    await expect(ledger.submit({ ...call("put", "a", "3"), settledKeys: ["a"] })).rejects.toMatchObject({
      code: "WRITE_IN_FLIGHT",
    });
    clock.advance(2_000);
    await writing;
    // The refusal rested on a write that was not durable; it is answered only now.
    await expect(refused).rejects.toMatchObject({ code: "CONTRACT_REFUSED" });
    expect(await read("get", "a")).toBe("1");
  });

  it("answers a refusal as soon as what it rests on is durable, however much is written after it", async () => {
    await createChannel();
    await ledger.submit(call("create", "a", "1"));
    let refused = false;
    const refusing = ledger.submit(call("create", "a", "2")).catch(() => {
      refused = true;
    });
    let written = 0;
    const writer = async (name: number) => {
      for (let round = 0; !refused && round < 500; round += 1) {
        await ledger.submit(call("put", `w${name}`, String(round)));
        written += 1;
      }
    };
    await Promise.all([refusing, ...Array.from({ length: 8 }, (_, name) => writer(name))]);
    expect(written).toBeLessThan(8 * 500);
  });

  it("cuts blocks by count and by bytes", async () => {
    await createChannel({ blockCutting: { messageCountMax: 4, bytesMax: 1e6, timeoutMs: 2_000, cutWhenIdle: false } });
    const written = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ledger.submit(call("put", `k${index}`, "1"))),
    );
    expect(written.map(({ block, index }) => [block, index])).toEqual(
      [1, 1, 1, 1, 2, 2, 2, 2].map((block, index) => [block, index % 4]),
    );
    await ledger.updateChannel(
      testChannelConfig([org], {
        blockCutting: { messageCountMax: 500, bytesMax: 8_000, timeoutMs: 2_000, cutWhenIdle: true },
      }),
      [org.signer],
    );
    const large = await Promise.all(
      Array.from({ length: 4 }, (_, index) => ledger.submit(call("put", `l${index}`, "x".repeat(3_000)))),
    );
    expect(new Set(large.map(({ block }) => block)).size).toBeGreaterThan(1);
  });

  it("leaves configuration and sequence alone when an update is refused, and takes updates one after the other", async () => {
    await createChannel();
    const other = await createTestOrganization("Org2MSP");
    const both = testChannelConfig([org, other]);
    await expect(ledger.updateChannel(both, [org.signer])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const unencodable = testChannelConfig([org], { displayName: "\ud800" });
    await expect(ledger.updateChannel(unencodable, [org.signer])).rejects.toThrow();
    expect(await ledger.status("ch1")).toMatchObject({
      height: 1,
      configSequence: 0,
      organizations: [{ mspId: "Org1MSP" }],
    });
    await ledger.submit(call("put", "a", "1"));
    await Promise.all(
      [1, 2].map((turn) => ledger.updateChannel({ ...both, displayName: `turn ${turn}` }, [org.signer, other.signer])),
    );
    expect(await ledger.status("ch1")).toMatchObject({ height: 4, configSequence: 2 });
  });

  it("never lets transaction times go back", async () => {
    await createChannel();
    clock.advance(5_000);
    await ledger.submit(call("put", "a", "1"));
    await ledger.close();
    clock = new ManualClock(1_600_000_000_000);
    ledger = await open();
    await ledger.unlockChannel("ch1", [org.signer]);
    const later = await ledger.submit(call("put", "a", "2"));
    expect(later.timestampMs).toBe(1_700_000_005_000);
  });

  it("is read-only until it is unlocked", async () => {
    await createChannel();
    await ledger.close();
    ledger = await open();
    await expect(ledger.submit(call("put", "a", "1"))).rejects.toMatchObject({ code: "CHANNEL_READ_ONLY" });
    const other = await createTestOrganization("Org1MSP");
    await expect(ledger.unlockChannel("ch1", [other.signer])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("the contract's stub", () => {
  it("answers ranges, composite keys and pages over durable and open writes alike", async () => {
    await createChannel({ blockCutting: { messageCountMax: 500, bytesMax: 1e6, timeoutMs: 2_000, cutWhenIdle: true } });
    await Promise.all(["b", "a", "\u{1f600}", "\uffee", "c"].map((key) => ledger.submit(call("put", key, "1"))));
    await Promise.all([
      ledger.submit(call("index", "color", "red", "1")),
      ledger.submit(call("index", "color", "blue", "2")),
    ]);
    expect(JSON.parse(await read("keys", "", ""))).toEqual(["a", "b", "c", "\uffee", "\u{1f600}"]);
    expect(JSON.parse(await read("keys", "b", "c"))).toEqual(["b"]);
    expect(JSON.parse(await read("indexed", "color", "red"))).toEqual(["\u0000color\u0000red\u00001\u0000"]);
    const [writing, listed] = await Promise.all([
      ledger.submit(call("remove", "b")),
      ledger.submit(call("keys", "", "")),
    ]);
    expect(writing.block).toBe(listed.block);
    expect(JSON.parse(Buffer.from(listed.result).toString())).toEqual(["a", "c", "\uffee", "\u{1f600}"]);
    const first = JSON.parse(await read("page", "", "", "2"));
    expect(first).toEqual({ keys: ["a", "c"], fetchedRecordsCount: 2, bookmark: "\uffee" });
    expect(JSON.parse(await read("page", "", "", "2", first.bookmark)).keys).toEqual(["\uffee", "\u{1f600}"]);
  });

  it("answers the history of a key, newest first", async () => {
    await createChannel();
    const txIds: string[] = [];
    for (const fn of [call("put", "a", "1"), call("put", "a", "2"), call("remove", "a")]) {
      txIds.unshift((await ledger.submit(fn)).txId);
    }
    expect(JSON.parse(await read("history", "a"))).toEqual([
      { txId: txIds[0], isDelete: true, value: "" },
      { txId: txIds[1], isDelete: false, value: "2" },
      { txId: txIds[2], isDelete: false, value: "1" },
    ]);
  });

  it("answers selectors on couchdb channels only", async () => {
    await createChannel({ stateDatabase: "couchdb" });
    await Promise.all([
      ledger.submit(call("put", "a", '{"color":"red"}')),
      ledger.submit(call("put", "b", '{"color":"blue"}')),
    ]);
    const query = JSON.stringify({ selector: { color: "red" } });
    expect(JSON.parse(await read("query", query))).toEqual(["a"]);
    const [, queried] = await Promise.all([
      ledger.submit(call("put", "c", '{"color":"red"}')),
      ledger.submit(call("query", query)),
    ]);
    expect(JSON.parse(Buffer.from(queried.result).toString())).toEqual(["a", "c"]);
    await ledger.createChannel(testChannelConfig([org], { channelId: "ch2" }), [org.signer]);
    await expect(ledger.evaluate({ ...call("query", query), channelId: "ch2" })).rejects.toMatchObject({
      code: "QUERY_UNSUPPORTED",
    });
    await expect(ledger.evaluate(call("query", "{"))).rejects.toMatchObject({ code: "QUERY_INVALID" });
  });

  it("knows the creator and the transaction's time", async () => {
    await createChannel();
    expect(JSON.parse(await read("whoami"))).toEqual({
      mspId: "Org1MSP",
      principal: "1000000000000001",
      seconds: 1_700_000_000,
      nanos: 0,
    });
  });

  it("delivers events of valid transactions in log order", async () => {
    await createChannel();
    const waiting = ledger.waitForBlock("ch1", 1);
    const { txId } = await ledger.submit(call("announce", "made", "42"));
    await waiting;
    const { events, nextBlock } = await ledger.events("ch1", 0);
    expect(events).toEqual([
      { channelId: "ch1", block: 1, index: 0, txId, contract: "kv", name: "made", payload: expect.anything() },
    ]);
    expect(Buffer.from(events[0]?.payload ?? []).toString()).toBe("42");
    expect(nextBlock).toBe(2);
  });

  it("adds up what contracts measure", async () => {
    await createChannel();
    await Promise.all([ledger.submit(call("put", "a", "12345")), ledger.submit(call("put", "b", "123"))]);
    expect(await ledger.meters("ch1", "kv", "")).toEqual({ bytes: 8 });
    await reopen();
    expect(await ledger.meters("ch1", "kv", "")).toEqual({ bytes: 8 });
  });
});

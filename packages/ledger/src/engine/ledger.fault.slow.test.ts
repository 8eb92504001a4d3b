import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, systemClock } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger, SubmitRequest } from "../ports.ts";
import type { CrashMode } from "../testing/disk-survival.ts";
import { FaultFileSystem } from "../testing/fault-file-system.ts";
import { contracts } from "../testing/kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { createEnvelope, createProposal, createTestMember, type TestMember } from "../testing/outside-client.ts";
import { openLedger } from "./ledger.ts";

/*
 * Invariants, for every place at which the machine can stop: what was acknowledged is there; what was refused is not; the state is
 * that of a replay of the blocks; receipts of acknowledged transactions can be made; the ledger goes on.
 */

const MODES: readonly CrashMode[] = [
  { kind: "process" },
  { kind: "lose-all" },
  { kind: "keep-all" },
  { kind: "torn", bytes: 5, zeroFill: false, others: "kept" },
  { kind: "torn", bytes: 700, zeroFill: true, others: "lost" },
  { kind: "hole", sector: 0 },
  { kind: "random", seed: 1 },
  { kind: "random", seed: 2 },
];

/** Certificates begin when they are made. */
const NOW_MS = systemClock.nowMs();

let org: TestOrganization;
let client: TestMember;
let peer: TestMember;
let scratch: string;
let derivedFolders = 0;

beforeAll(async () => {
  org = await createTestOrganization();
  client = await createTestMember(org, "client", { clock: systemClock });
  peer = await createTestMember(org, "peer", { clock: systemClock });
  scratch = await mkdtemp(join(tmpdir(), "concordat-fault-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

interface Memory {
  created: boolean;
  /** Key to value and transaction id of acknowledged writes. */
  readonly acknowledged: Map<string, { readonly value: string; readonly txId: string }>;
  /** Keys whose write was begun. */
  readonly begun: Set<string>;
}

function newDerived(): string {
  derivedFolders += 1;
  return join(scratch, `derived-${derivedFolders}`);
}

function open(fileSystem: FaultFileSystem, derivedDirectory: string): Promise<Ledger> {
  return openLedger(
    {
      directory: "/srv/ledger",
      installationId: TEST_INSTALLATION,
      contracts,
      derivedDirectory,
      segmentBytesMax: 12_000,
    },
    { clock: new ManualClock(NOW_MS), fileSystem },
  );
}

function call(fn: string, ...args: string[]): SubmitRequest {
  return { channelId: "ch1", creator: org.creator, contract: "kv", fn, args };
}

/** Writes a key as a client from outside: answers the id of its transaction once it is durable and valid. */
async function order(ledger: Ledger, key: string, value: string): Promise<string> {
  const proposal = createProposal(client, { channelId: "ch1", contract: "kv", args: ["put"], timestampMs: NOW_MS });
  const { txId, timestamp } = proposal;
  const { simulationId } = await ledger.openSimulation({ channelId: "ch1", txId, timestamp });
  await ledger.simulate(simulationId, { kind: "get", namespace: "kv", key });
  await ledger.simulate(simulationId, { kind: "put", namespace: "kv", key, value: Buffer.from(value) });
  const { results } = await ledger.finishSimulation(simulationId);
  const envelope = createEnvelope(proposal, { results, endorsers: [peer] });
  const ordered = await ledger.order({ channelId: "ch1", envelope });
  expect(ordered).toMatchObject({ txId, validationCode: 0 });
  // The same once more gets its verdict and changes nothing.
  expect(await ledger.order({ channelId: "ch1", envelope })).toMatchObject({ validationCode: 9 });
  return txId;
}

/** One life of the program: open or create, write groups of keys, note what is acknowledged. */
async function live(
  fileSystem: FaultFileSystem,
  derived: string,
  memory: Memory,
  groups: readonly string[][],
): Promise<void> {
  const ledger = await open(fileSystem, derived);
  try {
    if ((await ledger.channels()).length === 0) await ledger.createChannel(testChannelConfig([org]), [org.signer]);
    else await ledger.unlockChannel("ch1", [org.signer]);
    memory.created = true;
    for (const group of groups) {
      const written = group.map(async (key) => {
        memory.begun.add(key);
        const value = `value of ${key}`;
        const txId = key.startsWith("outside")
          ? await order(ledger, key, value)
          : (await ledger.submit(call("create", key, value))).txId;
        memory.acknowledged.set(key, { value, txId });
      });
      const failed = (await Promise.allSettled(written)).find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  } finally {
    await ledger.close().catch(() => undefined);
  }
}

async function check(fileSystem: FaultFileSystem, derived: string, memory: Memory): Promise<string> {
  const ledger = await open(fileSystem, derived);
  try {
    const channels = await ledger.channels();
    if (channels.length === 0) {
      expect(memory.created).toBe(false);
      return "";
    }
    for (const [key, { value, txId }] of memory.acknowledged) {
      expect(Buffer.from(await ledger.evaluate(call("get", key))).toString()).toBe(value);
      expect((await ledger.receipt("ch1", txId)).leaf).toMatchObject({ txId, validationCode: 0 });
    }
    const keys: string[] = JSON.parse(Buffer.from(await ledger.evaluate(call("keys", "", ""))).toString());
    expect(keys.filter((key) => !memory.begun.has(key))).toEqual([]);
    return await ledger.stateHash("ch1");
  } finally {
    await ledger.close();
  }
}

const GROUPS = [["a"], ["b", "outside 1", "d"], ["outside 2"], ["f", "g"]];

async function countOperations(): Promise<number> {
  const disk = new FaultFileSystem();
  await live(disk, newDerived(), { created: false, acknowledged: new Map(), begun: new Set() }, GROUPS);
  return disk.operationCount;
}

describe("the engine on a disk that forgets", () => {
  it("keeps what it acknowledged, wherever it is stopped", async () => {
    const operations = await countOperations();
    expect(operations).toBeGreaterThan(20);
    for (let at = 1; at <= operations; at += 1) {
      const disk = new FaultFileSystem();
      disk.crashAt(at);
      const memory: Memory = { created: false, acknowledged: new Map(), begun: new Set() };
      const derived = newDerived();
      await live(disk, derived, memory, GROUPS).catch(() => undefined);
      expect(disk.crashed, `operation ${at} is reached`).toBe(true);
      for (const mode of MODES) {
        const survivor = disk.reopen(mode);
        // Once with the derived data that the crash left, which may be ahead of the segments, and once without any.
        const kept = await check(survivor, derived, memory);
        const rebuilt = await check(survivor.reopen({ kind: "lose-all" }), newDerived(), memory);
        expect(rebuilt, `${JSON.stringify(mode)} at operation ${at}`).toBe(kept);
        const later: Memory = { ...memory, acknowledged: new Map(memory.acknowledged), begun: new Set(memory.begun) };
        await live(survivor, newDerived(), later, [["z"], ["outside y"]]);
        await check(survivor, newDerived(), later);
      }
      await rm(derived, { recursive: true, force: true });
    }
  });

  it("stops the channel at a failed write or sync, and loses nothing acknowledged", async () => {
    const operations = await countOperations();
    for (let at = 1; at <= operations; at += 1) {
      const disk = new FaultFileSystem();
      disk.failAt(at, at % 2 === 0 ? "EIO" : "ENOSPC");
      const memory: Memory = { created: false, acknowledged: new Map(), begun: new Set() };
      await live(disk, newDerived(), memory, GROUPS).catch(() => undefined);
      await check(disk.reopen({ kind: "lose-all" }), newDerived(), memory);
    }
  });

  it("refuses later calls after a failed sync, saying that the outcome of the one under way is unknown", async () => {
    const disk = new FaultFileSystem();
    const ledger = await open(disk, newDerived());
    await ledger.createChannel(testChannelConfig([org]), [org.signer]);
    disk.failAt(disk.operationCount + 2);
    await expect(ledger.submit(call("put", "a", "1"))).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    await expect(ledger.submit(call("put", "b", "1"))).rejects.toMatchObject({ code: "CHANNEL_FAILED" });
    await ledger.close().catch(() => undefined);
  });
});

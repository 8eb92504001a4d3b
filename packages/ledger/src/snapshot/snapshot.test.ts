import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@concordat/base";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeResults } from "../endorsement/results.ts";
import { openLedger } from "../engine/ledger.ts";
import type { Ledger, SubmitRequest, TrustBundleChannel } from "../ports.ts";
import { contracts } from "../testing/kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { createEnvelope, createProposal, createTestMember } from "../testing/outside-client.ts";

/* Invariants: a snapshot carries state, ids, meters and configuration; the imported channel goes on with the same tree; a changed snapshot is refused. */

let org: TestOrganization;
let scratch: string;
let source: Ledger;
let target: Ledger;
let trust: TrustBundleChannel;
const nonce = new Uint8Array(24).fill(3);

beforeAll(async () => {
  org = await createTestOrganization();
});

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "concordat-snapshot-"));
  source = await open("source", TEST_INSTALLATION);
  target = await open("target", "fedcba9876543210");
  await source.createChannel(testChannelConfig([org]), [org.signer]);
  await source.submit(call("put", "a", "1"));
  await source.submit({ ...call("put", "b", "22"), nonce });
  await source.submit(call("remove", "a"));
  await source.exportSnapshot("ch1", join(scratch, "snapshot"));
  trust = await source.trust("ch1");
});

afterEach(async () => {
  await source.close();
  await target.close();
  await rm(scratch, { recursive: true, force: true });
});

function open(name: string, installationId: string): Promise<Ledger> {
  return openLedger({ directory: join(scratch, name), installationId, contracts });
}

function call(fn: string, ...args: string[]): SubmitRequest {
  return { channelId: "ch1", creator: org.creator, contract: "kv", fn, args };
}

async function reopenTarget(): Promise<void> {
  await target.close();
  target = await open("target", "fedcba9876543210");
  await target.unlockChannel("ch1", [org.signer]);
}

describe("a snapshot", () => {
  it("starts a channel that has the same state and goes on with the same tree", async () => {
    const status = await target.importSnapshot(join(scratch, "snapshot"), [org.signer], trust);
    expect(status).toEqual(await source.status("ch1"));
    expect(await target.stateHash("ch1")).toBe(await source.stateHash("ch1"));
    expect(await target.meters("ch1", "kv", "")).toEqual(await source.meters("ch1", "kv", ""));
    expect(await target.trust("ch1")).toEqual(trust);
    const written = await target.submit(call("put", "c", "3"));
    expect(written.block).toBe(4);
    await reopenTarget();
    expect(await target.receipt("ch1", written.txId)).toMatchObject({ leafIndex: 4, leaf: { block: 4 } });
    expect(await target.stateHash("ch1")).not.toBe(await source.stateHash("ch1"));
    await target.submit(call("put", "d", "4"));
  });

  it("is enough to rebuild the derived data of the channel that it started", async () => {
    await target.importSnapshot(join(scratch, "snapshot"), [org.signer], trust);
    await target.submit(call("put", "c", "3"));
    const hash = await target.stateHash("ch1");
    await target.close();
    await rm(join(scratch, "target", "channels", "ch1", "derived"), { recursive: true });
    target = await open("target", "fedcba9876543210");
    expect(await target.stateHash("ch1")).toBe(hash);
    expect(await target.meters("ch1", "kv", "")).toEqual({ bytes: 4 });
  });

  it("keeps transaction ids from before it taken, without a place", async () => {
    await target.importSnapshot(join(scratch, "snapshot"), [org.signer], trust);
    await expect(target.submit({ ...call("put", "b", "x"), nonce })).rejects.toMatchObject({
      code: "DUPLICATE_TRANSACTION",
    });
    await expect(target.block("ch1", 1)).rejects.toMatchObject({ code: "BLOCK_UNKNOWN" });
  });

  it("carries what transactions from outside left: metadata, definitions, and their ids", async () => {
    const [client, peer] = await Promise.all([
      createTestMember(org, "client", { clock: systemClock }),
      createTestMember(org, "peer", { clock: systemClock }),
    ]);
    const timestampMs = systemClock.nowMs();
    const proposal = createProposal(client, { channelId: "ch1", contract: "kv", args: ["f"], timestampMs });
    const nothing = { reads: [], rangeQueries: [], metadataWrites: [] };
    const write = { key: "k", value: Uint8Array.of(1) };
    const metadata = { key: "k", entries: [{ name: "m", value: Uint8Array.of(2) }] };
    const results = encodeResults([
      { ...nothing, namespace: "kv", writes: [write], metadataWrites: [metadata] },
      { ...nothing, namespace: "_lifecycle", writes: [{ ...write, key: "approvals/Org1MSP/x/1" }] },
    ]);
    const envelope = createEnvelope(proposal, { results, endorsers: [peer] });
    expect(await source.order({ channelId: "ch1", envelope })).toMatchObject({ validationCode: 0 });
    await source.exportSnapshot("ch1", join(scratch, "later"));
    await target.importSnapshot(join(scratch, "later"), [org.signer], await source.trust("ch1"));
    expect(await target.stateHash("ch1")).toBe(await source.stateHash("ch1"));
    const { txId, timestamp } = proposal;
    const read = async () => {
      const { simulationId } = await target.openSimulation({ channelId: "ch1", txId, timestamp });
      return [
        await target.simulate(simulationId, { kind: "get-metadata", namespace: "kv", key: "k" }),
        await target.simulate(simulationId, { kind: "get", namespace: "_lifecycle", key: "approvals/Org1MSP/x/1" }),
      ];
    };
    const expected = [
      { kind: "metadata", entries: { m: Uint8Array.of(2) } },
      { kind: "value", value: Uint8Array.of(1) },
    ];
    expect(await read()).toEqual(expected);
    expect(await target.order({ channelId: "ch1", envelope })).toMatchObject({ validationCode: 9 });
    await reopenTarget();
    expect(await read()).toEqual(expected);
    expect(await target.order({ channelId: "ch1", envelope })).toMatchObject({ validationCode: 9 });
    await expect(target.envelope("ch1", txId)).rejects.toMatchObject({ code: "TRANSACTION_UNKNOWN" });
    expect((await target.submit(call("put", "z", "1"))).timestampMs).toBeGreaterThan(0);
  });

  it("is refused when a byte of any of its files differs, or when other keys signed it", async () => {
    for (const name of [
      "state.ndjson",
      "transactions.ndjson",
      "configs.ndjson",
      "meters.json",
      "base.json",
      "manifest.json",
      "manifest.note",
    ]) {
      const path = join(scratch, "snapshot", name);
      const whole = await readFile(path);
      const changed = Buffer.from(whole);
      const at = changed.length >> 1;
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(path, changed);
      await expect(target.importSnapshot(join(scratch, "snapshot"), [], trust), name).rejects.toThrow();
      await writeFile(path, whole);
    }
    const stranger = await createTestOrganization();
    const key = {
      ...trust.organizations[0]?.checkpointKeys[0],
      publicKey: Buffer.from(stranger.config.checkpointKeys[0]?.publicKey ?? []).toString("base64"),
    };
    const foreign = {
      ...trust,
      organizations: trust.organizations.map((one) => ({ ...one, checkpointKeys: [key as never] })),
    };
    await expect(target.importSnapshot(join(scratch, "snapshot"), [], foreign)).rejects.toMatchObject({
      code: "SNAPSHOT_INVALID",
    });
    expect(await target.channels()).toEqual([]);
  });

  it("does not overwrite what is there", async () => {
    await expect(source.exportSnapshot("ch1", join(scratch, "snapshot"))).rejects.toMatchObject({
      code: "SNAPSHOT_INVALID",
    });
    await expect(source.importSnapshot(join(scratch, "snapshot"), [], trust)).rejects.toMatchObject({
      code: "CHANNEL_EXISTS",
    });
  });
});

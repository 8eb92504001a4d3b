import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@concordat/base";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Ledger } from "../ports.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { createEnvelope, createProposal, createTestMember } from "../testing/outside-client.ts";
import { startLedgerWorker } from "./start-ledger-worker.ts";

let directory: string;
let org: TestOrganization;
let ledger: Ledger;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-worker-"));
  org = await createTestOrganization();
  const contractsModule = new URL("../testing/kv-contract.ts", import.meta.url).href;
  const options = { directory, installationId: TEST_INSTALLATION, contractsModule };
  ledger = await startLedgerWorker(options, { log: silentLogger });
  await ledger.createChannel(testChannelConfig([org]), [org.signer]);
});
afterEach(async () => {
  await ledger.close();
  await rm(directory, { recursive: true, force: true });
});

it("carries transactions from outside over the thread border, with what is refused and why", async () => {
  const [client, peer] = await Promise.all([
    createTestMember(org, "client", { clock: systemClock }),
    createTestMember(org, "peer", { clock: systemClock }),
  ]);
  const request = { channelId: "ch1", contract: "kv", args: ["put"], timestampMs: systemClock.nowMs() };
  const proposal = createProposal(client, request);
  const { txId, timestamp } = proposal;
  const { simulationId, height } = await ledger.openSimulation({ channelId: "ch1", txId, timestamp });
  expect(height).toBe(1);
  const value = Buffer.from("from outside");
  await ledger.simulate(simulationId, { kind: "put", namespace: "kv", key: "k", value });
  const run = { kind: "run", contract: "kv", fn: "create", args: ["c", "1"], creator: org.creator } as const;
  expect(await ledger.simulate(simulationId, run)).toMatchObject({ kind: "ran", contractVersion: "1" });
  const { results, writtenNamespaces } = await ledger.finishSimulation(simulationId);
  expect(writtenNamespaces).toEqual(["kv"]);
  const envelope = createEnvelope(proposal, { results, endorsers: [peer] });
  expect(await ledger.order({ channelId: "ch1", envelope })).toEqual({ txId, block: 1, index: 0, validationCode: 0 });
  const call = { channelId: "ch1", creator: org.creator, contract: "kv", fn: "get", args: ["k"] };
  expect(await ledger.evaluate(call)).toEqual(new Uint8Array(value));
  expect((await ledger.envelope("ch1", txId)).envelope).toEqual(new Uint8Array(envelope));
  expect(await ledger.committedBlocks("ch1", 1)).toEqual([{ number: 1, transactions: [{ txId, validationCode: 0 }] }]);
  expect(await ledger.blockNumberByHash("ch1", (await ledger.block("ch1", 1)).headerHash)).toBe(1);
  expect(await ledger.configBlock("ch1")).toBe(0);
  await ledger.dropSimulation(simulationId);
  await expect(ledger.simulate(simulationId, run)).rejects.toMatchObject({ code: "SIMULATION_UNKNOWN" });
  const late = createProposal(client, { ...request, timestampMs: 0 });
  const ordering = ledger.order({ channelId: "ch1", envelope: createEnvelope(late, { results, endorsers: [peer] }) });
  await expect(ordering).rejects.toMatchObject({ code: "ENVELOPE_REFUSED", facts: { status: "BAD_REQUEST" } });
});

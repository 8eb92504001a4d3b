import { setTimeout as pause } from "node:timers/promises";
import { status as grpcStatus } from "@grpc/grpc-js";
import { type Commit, type Contract, GatewayError } from "@hyperledger/fabric-gateway";
import { common, gateway as messages, peer } from "@hyperledger/fabric-protos";
import { expect, test } from "vitest";
import {
  type Connection,
  connectGateway,
  createTestNetwork,
  type GatewayConnection,
  serializedIdentity,
} from "../support/fabric-network.ts";
import { createChooser, runSeed } from "../support/seed.ts";
import { newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";

/* The server is killed while a thousand submissions are under way; a client that comes back learns the fate of each. */

const KILLS = 20;
const SUBMISSIONS = 1_000;
const LIFE_MS_MAX = 2_500;
const CHANNEL = "trade";

interface Seen {
  readonly txId: string;
  readonly key: string;
  /** Its block, once the client saw it committed. */
  block: bigint | undefined;
}

/** Every transaction whose proposal was endorsed: from then on it may have been ordered. */
async function submitUntilDeath(contract: Contract, round: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const one = async (index: number) => {
    const key = `${round}-${index}`;
    const transaction = await contract.newProposal("put", { arguments: [key, key] }).endorse();
    const entry: Seen = { txId: transaction.getTransactionId(), key, block: undefined };
    seen.push(entry);
    const commit = await transaction.submit();
    const status = await commit.getStatus();
    expect(status.code).toBe(peer.TxValidationCode.VALID);
    entry.block = status.blockNumber;
  };
  const all = await Promise.allSettled(Array.from({ length: SUBMISSIONS }, (_, index) => one(index)));
  for (const result of all) {
    if (result.status === "rejected") expect(result.reason).toBeInstanceOf(GatewayError);
  }
  return seen;
}

/** Asks again for a transaction whose answer was lost, as a client can that knows its id alone. */
function commitOf(connected: GatewayConnection, connection: Connection, txId: string): Commit {
  const request = new messages.CommitStatusRequest();
  request.setChannelId(CHANNEL);
  request.setTransactionId(txId);
  request.setIdentity(serializedIdentity(connection));
  const signed = new messages.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return connected.gateway.newCommit(signed.serializeBinary());
}

async function fateOf(commit: Commit): Promise<bigint | undefined> {
  try {
    const { successful, blockNumber } = await commit.getStatus({ deadline: Date.now() + 8_000 });
    expect(successful).toBe(true);
    return blockNumber;
  } catch (error) {
    expect((error as GatewayError).code).toBe(grpcStatus.DEADLINE_EXCEEDED);
    return undefined;
  }
}

/** Valid transactions by id, with the block that holds each; fails when one stands twice. */
async function committedIn(connected: GatewayConnection, height: bigint): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>();
  const blocks = await connected.gateway.getNetwork(CHANNEL).getFilteredBlockEvents({ startBlock: 0n });
  for await (const block of blocks) {
    const number = BigInt(block.getNumber());
    for (const transaction of block.getFilteredTransactionsList()) {
      if (transaction.getType() !== common.HeaderType.ENDORSER_TRANSACTION) continue;
      expect(found.has(transaction.getTxid())).toBe(false);
      if (transaction.getTxValidationCode() === peer.TxValidationCode.VALID) found.set(transaction.getTxid(), number);
    }
    if (number + 1n >= height) return found;
  }
  return found;
}

async function answering(contract: Contract): Promise<void> {
  await expect
    .poll(() => contract.evaluateTransaction("range", "", "").then(String, () => ""), { timeout: 60_000 })
    .not.toBe("");
}

test(`${KILLS} kills during ${SUBMISSIONS} concurrent submissions`, async () => {
  const choose = createChooser(runSeed("fabric-crash"));
  const installation = await newInstallation("fabric-crash");
  let server: RunningServer = await startServer(installation);
  const network = await createTestNetwork(server);
  await network.createChannel(CHANNEL);
  await network.deploy(CHANNEL, "general");
  const connection = await network.connection();
  const connected = connectGateway(connection);
  const contract = connected.gateway.getNetwork(CHANNEL).getContract("general", "General");
  const committed = new Map<string, bigint>();
  let unanswered = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await answering(contract);
    const submitting = submitUntilDeath(contract, kill);
    await pause(choose.between(0, LIFE_MS_MAX));
    await server.kill();
    const seen = await submitting;
    server = await startServer(installation);
    await answering(contract);
    const fates = await Promise.all(seen.map(({ txId }) => fateOf(commitOf(connected, connection, txId))));
    seen.forEach(({ txId, block }, index) => {
      const fate = fates[index];
      if (block !== undefined) expect(fate).toBe(block);
      else unanswered += 1;
      if (fate !== undefined) committed.set(txId, fate);
    });
    for (const [index, { key }] of seen.entries()) {
      if (index % 50 !== 0) continue;
      const stored = await contract.evaluateTransaction("get", key).then(
        (bytes) => Buffer.from(bytes).toString(),
        () => undefined,
      );
      expect(stored).toBe(fates[index] === undefined ? undefined : key);
    }
  }
  const last = await contract.submitAsync("put", { arguments: ["last", "1"] });
  const { blockNumber } = await last.getStatus();
  const inLog = await committedIn(connected, blockNumber + 1n);
  for (const [txId, block] of committed) expect(inLog.get(txId)).toBe(block);
  // Some of each kind, or the kills came at the wrong moments.
  expect(committed.size).toBeGreaterThan(KILLS);
  expect(unanswered).toBeGreaterThan(0);
  connected.close();
  await server.stop();
  const { exitCode, stdout, stderr } = await runCommand(installation, ["verify", "--data", installation.dataFolder]);
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
});

import { certificateSummary } from "@concordat/identity";
import { status } from "@grpc/grpc-js";
import { CommitError, GatewayError, type Network } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectGateway, type GatewayConnection } from "../testing/gateway-client.ts";
import { commitStatusRequest, signedRequest } from "../testing/messages.ts";
import { callUnary } from "../testing/raw-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

let network: TestNetwork;
let connection: GatewayConnection;
let channel: Network;

beforeAll(async () => {
  network = await startTestNetwork();
  connection = connectGateway(network.peer(), await network.organization().member());
  channel = connection.gateway.getNetwork("ch1");
});
afterAll(async () => {
  connection?.close();
  await network?.close();
});

const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("It did not fail.");
};

describe("the official Gateway client", () => {
  it("submits, evaluates and learns the commit", async () => {
    const contract = channel.getContract("kv");
    const committed = await contract.submitAsync("put", { arguments: ["colour", "green"] });
    expect(Buffer.from(committed.getResult()).toString()).toBe("green");
    const commit = await committed.getStatus();
    expect(commit).toMatchObject({ code: 0, successful: true, transactionId: committed.getTransactionId() });
    const stored = await network.ledger.transaction("ch1", committed.getTransactionId());
    expect(stored).toMatchObject({ validationCode: 0, block: { number: Number(commit.blockNumber) } });
    expect(Buffer.from(await contract.evaluateTransaction("get", "colour")).toString()).toBe("green");
  });

  it("sees a conflict as a commit error", async () => {
    const contract = channel.getContract("kv");
    const proposals = ["1", "2"].map((amount) => contract.newProposal("add", { arguments: ["counter", amount] }));
    const transactions = await Promise.all(proposals.map((proposal) => proposal.endorse()));
    const [first, second] = await Promise.all(transactions.map(async (one) => (await one.submit()).getStatus()));
    expect([first?.code, second?.code].sort()).toEqual([0, 11]);
    const stale = await contract.newProposal("add", { arguments: ["counter", "5"] }).endorse();
    await contract.submitTransaction("add", "counter", "1");
    const late = await (await stale.submit()).getStatus();
    expect(late.code).toBe(11);
    expect(new CommitError({ message: "", code: late.code, transactionId: late.transactionId }).code).toBe(11);
  });

  it("replays and follows a contract's events", async () => {
    const contract = channel.getContract("kv");
    const first = await contract.submitAsync("announce", { arguments: ["one", "1"] });
    const { blockNumber } = await first.getStatus();
    const second = await contract.submitAsync("announce", { arguments: ["two", "2"] });
    await second.getStatus();
    const events = await channel.getChaincodeEvents("kv", { startBlock: blockNumber });
    try {
      const iterator = events[Symbol.asyncIterator]();
      const next = async () => (await iterator.next()).value;
      expect(await next()).toMatchObject({
        eventName: "one",
        blockNumber,
        transactionId: first.getTransactionId(),
        chaincodeName: "kv",
      });
      const after = await next();
      expect(after).toMatchObject({ eventName: "two" });
      expect(Buffer.from(after.payload).toString()).toBe("2");
      const live = next();
      await contract.submitTransaction("announce", "three", "3");
      expect(await live).toMatchObject({ eventName: "three" });
    } finally {
      events.close();
    }
    const resumed = await channel.getChaincodeEvents("kv", {
      checkpoint: { getBlockNumber: () => blockNumber, getTransactionId: () => first.getTransactionId() },
    });
    for await (const event of resumed) {
      expect(event).toMatchObject({ eventName: "two" });
      break;
    }
    resumed.close();
  });

  it("replays blocks, whole and filtered", async () => {
    const blocks = await channel.getBlockEvents({ startBlock: 0n });
    for await (const block of blocks) {
      const stored = await network.ledger.blockBytes("ch1", 0);
      expect(Buffer.from(block.serializeBinary()).equals(stored)).toBe(true);
      break;
    }
    blocks.close();
    const contract = channel.getContract("kv");
    const sent = await contract.submitAsync("announce", { arguments: ["seen", "secret"] });
    const { blockNumber } = await sent.getStatus();
    const filtered = await channel.getFilteredBlockEvents({ startBlock: blockNumber });
    for await (const block of filtered) {
      const [transaction] = block.getFilteredTransactionsList();
      expect(block.getChannelId()).toBe("ch1");
      expect(transaction?.toObject()).toMatchObject({ txid: sent.getTransactionId(), type: 3, txValidationCode: 0 });
      const event = transaction?.getTransactionActions()?.getChaincodeActionsList()[0]?.getChaincodeEvent();
      expect(event?.toObject()).toMatchObject({ eventName: "seen", chaincodeId: "kv", payload: "" });
      break;
    }
    filtered.close();
  });

  it("is told that private data is not there yet", async () => {
    const events = await channel.getBlockAndPrivateDataEvents({ startBlock: 0n });
    const failure = await failureOf(events[Symbol.asyncIterator]().next());
    expect(failure).toBeInstanceOf(GatewayError);
    expect(failure).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

describe("a member whose standing changes", () => {
  it.each([false, true])(
    "is shut out by a revocation list (hold: %s), in the middle of its streams too",
    async (isHold) => {
      const organization = network.organization();
      const member = await organization.member();
      const theirs = connectGateway(network.peer(), member);
      try {
        const ch1 = theirs.gateway.getNetwork("ch1");
        await ch1.getContract("kv").submitTransaction("put", "mine", "1");
        const events = await ch1.getChaincodeEvents("kv");
        const waiting = failureOf(events[Symbol.asyncIterator]().next());
        const { serialNumber } = certificateSummary(member.certificatePem);
        const list = await organization.revocationList([{ serialNumber, isHold }], isHold ? 3n : 2n);
        await network.updateChannel("ch1", (config) => ({
          ...config,
          organizations: config.organizations.map((one) => ({ ...one, revocationLists: [list] })),
        }));
        expect(await waiting).toMatchObject({ code: status.PERMISSION_DENIED });
        const failure = await failureOf(ch1.getContract("kv").submitTransaction("put", "mine", "2"));
        expect(failure).toMatchObject({ code: status.ABORTED });
        expect(failure).toMatchObject({
          details: [{ message: "error validating proposal: access denied: channel [ch1] creator org [Org1MSP]" }],
        });
      } finally {
        theirs.close();
      }
      // The others go on.
      await channel.getContract("kv").submitTransaction("put", "ours", "1");
    },
  );

  it("is shut out when its certificate has run out", async () => {
    const member = await network.organization().member("client", 1e-6);
    const theirs = connectGateway(network.peer(), member);
    const contract = theirs.gateway.getNetwork("ch1").getContract("kv");
    const answer = () =>
      contract.evaluateTransaction("get", "a").then(
        () => status.OK,
        ({ code }: { readonly code: number }) => code,
      );
    // Certificates count in whole seconds: this one may have part of one left.
    await expect.poll(answer, { timeout: 5_000 }).toBe(status.FAILED_PRECONDITION);
    theirs.close();
  });
});

describe("a peer that is stopped", () => {
  it("ends its streams, stands still, and has caught up when it is back", async () => {
    const before = network.peer();
    const events = await channel.getChaincodeEvents("kv");
    const waiting = failureOf(events[Symbol.asyncIterator]().next());
    const asking = await network.organization().member();
    const request = signedRequest(asking, commitStatusRequest(asking, "ef".repeat(32)));
    const unknown = failureOf(callUnary(connection.client, "/gateway.Gateway/CommitStatus", request));
    const stopped = await network.fabric.stopNode(before.config.nodeId);
    expect(await waiting).toMatchObject({ code: status.UNAVAILABLE });
    expect(await unknown).toMatchObject({ code: status.UNAVAILABLE });
    expect(network.fabric.nodes().map(({ nodeId }) => nodeId)).not.toContain(before.config.nodeId);
    await network.ledger.submit({
      channelId: "ch1",
      creator: await network.organization().member(),
      contract: "kv",
      fn: "put",
      args: ["while", "away"],
    });
    const { height } = await network.ledger.status("ch1");
    expect(stopped.channels).toEqual([{ channelId: "ch1", height: height - 1 }]);
    const back = await network.fabric.startNode({
      ...before.config,
      listen: { host: "127.0.0.1", port: stopped.port },
      channels: stopped.channels,
    });
    expect(back).toEqual({
      nodeId: before.config.nodeId,
      port: stopped.port,
      channels: [{ channelId: "ch1", height }],
    });
    // The same client, which has lost its connection meanwhile.
    await new Promise<void>((resolve, reject) => {
      connection.client.waitForReady(Date.now() + 20_000, (error) => (error === undefined ? resolve() : reject(error)));
    });
    expect(Buffer.from(await channel.getContract("kv").evaluateTransaction("get", "while")).toString()).toBe("away");
  });
});

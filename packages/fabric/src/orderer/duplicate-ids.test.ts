import { randomBytes } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { common, peer as messages } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "../ports.ts";
import { bentTransaction, peerOf } from "../testing/bent-transactions.ts";
import { grpcClient } from "../testing/gateway-client.ts";
import { proposalRequest, signedProposal } from "../testing/messages.ts";
import { filterOf, OutsideClient } from "../testing/outside-client.ts";
import { callUnary, failureOf } from "../testing/raw-calls.ts";
import { createReopeningLedger, type ReopeningLedger } from "../testing/reopening-ledger.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const { VALID, DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE } = messages.TxValidationCode;
const OK = { status: 200, info: "" };

let engine: ReopeningLedger;
let network: TestNetwork;
let member: Signer;
let client: OutsideClient;

beforeAll(async () => {
  engine = await createReopeningLedger();
  network = await startTestNetwork({ organizations: ["Org1MSP", "Org2MSP"], ledger: engine.ledger });
  member = await network.organization().member();
  client = new OutsideClient(network, member);
});
afterAll(async () => {
  client?.close();
  await network?.close();
  await engine?.close();
});

/** Ports change when nodes start again. */
async function reopen(): Promise<void> {
  client.close();
  await engine.reopen(network);
  client = new OutsideClient(network, member);
}

/** The transactions of a block by their ids, each with its code: from the block's filter, and as filtered blocks tell it. */
async function blockCodes(number: number) {
  const { payload } = await client.query("qscc", "GetBlockByNumber", "ch1", String(number));
  const filtered = await client.filteredBlock(number);
  return {
    filter: filterOf(common.Block.deserializeBinary(payload)),
    filtered: filtered.getFilteredTransactionsList().map((one) => [one.getTxid(), one.getTxValidationCode()]),
  };
}

async function lastBlock(): Promise<number> {
  const { height } = await network.ledger.status("ch1");
  await expect.poll(() => network.peer().status.channels).toEqual([{ channelId: "ch1", height }]);
  return height - 1;
}

async function read(key: string): Promise<string> {
  return Buffer.from((await client.propose({ args: ["get", key] })).payload).toString();
}

/** What is known of the id is what the first one got, whoever asks. */
async function expectFirst(txId: string, code: number, block: number): Promise<void> {
  expect(await client.commitStatus(txId)).toEqual({ block, code });
  const { payload } = await client.query("qscc", "GetTransactionByID", "ch1", txId);
  expect(messages.ProcessedTransaction.deserializeBinary(payload).getValidationcode()).toBe(code);
  expect((await network.ledger.receipt("ch1", txId)).leaf).toMatchObject({ validationCode: code, block });
}

describe("an id that the channel has", () => {
  it("is refused when the same envelope comes twice in one stream", async () => {
    const sent = await client.endorse({ args: ["add", "counter", "1"] });
    const first = await lastBlock();
    expect(await client.broadcast(sent.envelope, sent.envelope)).toEqual([OK, OK]);
    const blocks = [];
    for (let block = first + 1; block <= (await lastBlock()); block++) blocks.push(await blockCodes(block));
    expect(blocks.flatMap(({ filter }) => filter)).toEqual([VALID, DUPLICATE_TXID]);
    expect(blocks.flatMap(({ filtered }) => filtered)).toEqual([
      [sent.txId, VALID],
      [sent.txId, DUPLICATE_TXID],
    ]);
    expect(await read("counter")).toBe("1");
    await expectFirst(sent.txId, VALID, first + 1);
  });

  it.each([false, true])("is refused again (after the ledger was closed and opened: %s)", async (isReopened) => {
    // A blind write: nothing but its id is against it.
    const sent = await client.endorse({ args: ["put", "again", String(isReopened)] });
    expect(await client.broadcast(sent.envelope)).toEqual([OK]);
    const { block } = await client.commitStatus(sent.txId);
    await client.broadcast((await client.endorse({ args: ["put", "again", "later"] })).envelope);
    if (isReopened) await reopen();
    const before = await network.ledger.stateHash("ch1");
    expect(await client.broadcast(sent.envelope)).toEqual([OK]);
    const last = await lastBlock();
    expect(await blockCodes(last)).toEqual({ filter: [DUPLICATE_TXID], filtered: [[sent.txId, DUPLICATE_TXID]] });
    expect(last).toBeGreaterThan(block);
    expect(await network.ledger.stateHash("ch1")).toBe(before);
    expect(await read("again")).toBe("later");
    await expectFirst(sent.txId, VALID, block);
    // The refused one has its place in the log all the same.
    const [, repeated] = (await network.ledger.committedBlocks("ch1", last - 1)).flatMap((one) => one.transactions);
    expect(repeated).toEqual({ txId: sent.txId, validationCode: DUPLICATE_TXID });
  });

  it.each([false, true])("is used up by a refused transaction too (closed and opened: %s)", async (isReopened) => {
    const nonce = randomBytes(24);
    const poor = await bentTransaction(network, member, { nonce, endorsers: [peerOf(network, "Org1MSP")] });
    expect(await client.broadcast(poor.envelope)).toEqual([OK]);
    const { block, code } = await client.commitStatus(poor.txId);
    expect(code).toBe(ENDORSEMENT_POLICY_FAILURE);
    if (isReopened) await reopen();
    const good = await bentTransaction(network, member, { nonce });
    expect(good.txId).toBe(poor.txId);
    expect(await client.broadcast(good.envelope)).toEqual([OK]);
    expect((await blockCodes(await lastBlock())).filter).toEqual([DUPLICATE_TXID]);
    expect(await read("bent")).toBe("");
    await expectFirst(poor.txId, ENDORSEMENT_POLICY_FAILURE, block);
  });

  it.each([
    ["of a valid transaction", false, false],
    ["of a valid transaction, after the ledger was closed and opened", false, true],
    ["of a refused transaction", true, false],
    ["of a refused transaction, after the ledger was closed and opened", true, true],
  ])("is not endorsed: %s", async (_what, isRefused, isReopened) => {
    const nonce = randomBytes(24);
    const parts = isRefused ? { nonce, endorsers: [] } : { nonce };
    const { txId, envelope } = await bentTransaction(network, member, parts);
    expect(await client.broadcast(envelope)).toEqual([OK]);
    await client.commitStatus(txId);
    if (isReopened) await reopen();
    const { txId: same, bytes } = signedProposal(member, { nonce, args: ["put", "bent", "2"] });
    expect(same).toBe(txId);
    const peer = grpcClient(network.peer());
    try {
      const refusal = expect.stringMatching(new RegExp(`^duplicate transaction found \\[${txId}\\]\\. Creator \\[`));
      const gateway = await failureOf(callUnary(peer, "/gateway.Gateway/Endorse", proposalRequest(bytes)));
      expect(gateway).toMatchObject({ code: status.ABORTED, details: [{ mspId: "Org1MSP", message: refusal }] });
      const endorser = await failureOf(callUnary(peer, "/protos.Endorser/ProcessProposal", bytes));
      expect(endorser).toEqual({ code: status.UNKNOWN, text: refusal, details: [] });
    } finally {
      peer.close();
    }
  });
});

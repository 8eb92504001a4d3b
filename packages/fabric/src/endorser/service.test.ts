import { type Client, status } from "@grpc/grpc-js";
import { common, peer as messages } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "../ports.ts";
import { grpcClient } from "../testing/gateway-client.ts";
import { type ProposalParts, signedProposal } from "../testing/messages.ts";
import { callUnary, failureOf } from "../testing/raw-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

let network: TestNetwork;
let member: Signer;
let admin: Signer;
let client: Client;

beforeAll(async () => {
  network = await startTestNetwork({ channelIds: ["ch1", "ch2"] });
  member = await network.organization().member();
  admin = await network.organization().member("admin");
  client = grpcClient(network.peer());
});
afterAll(async () => {
  client?.close();
  await network?.close();
});

async function propose(parts: ProposalParts, signer = member) {
  const { txId, bytes } = signedProposal(signer, parts);
  const answer = await callUnary(client, "/protos.Endorser/ProcessProposal", bytes);
  const response = messages.ProposalResponse.deserializeBinary(answer);
  const result = response.getResponse();
  return {
    txId,
    response,
    status: result?.getStatus(),
    message: result?.getMessage(),
    payload: result?.getPayload_asU8() ?? new Uint8Array(0),
  };
}

describe("ProcessProposal", () => {
  it("endorses with the peer's key", async () => {
    const { txId, response, payload } = await propose({ args: ["announce", "name", "payload"] });
    expect(response.getVersion()).toBe(1);
    expect(Buffer.from(payload).toString()).toBe("");
    const signed = response.getEndorsement();
    const identity = signed?.getEndorser_asU8() ?? new Uint8Array(0);
    const { createChannelMsps } = await import("@concordat/ledger/endorsement");
    const { member: endorser } = createChannelMsps(await network.ledger.config("ch1")).identify(identity, Date.now());
    expect(endorser).toMatchObject({ mspId: "Org1MSP", role: "peer" });
    const message = Buffer.concat([response.getPayload_asU8(), identity]);
    expect(endorser?.verify(message, signed?.getSignature_asU8() ?? new Uint8Array(0))).toBe(true);
    const whole = messages.ProposalResponsePayload.deserializeBinary(response.getPayload_asU8());
    const action = messages.ChaincodeAction.deserializeBinary(whole.getExtension_asU8());
    expect(action.getChaincodeId()?.toObject()).toMatchObject({ name: "kv", version: "1" });
    const event = messages.ChaincodeEvent.deserializeBinary(action.getEvents_asU8());
    expect(event.toObject()).toMatchObject({ chaincodeId: "kv", txId, eventName: "name" });
  });

  it("answers a refused proposal with code UNKNOWN, an unknown channel with status 500", async () => {
    const forged = signedProposal(member, { signature: Buffer.from("3006020101020101", "hex") });
    expect(await failureOf(callUnary(client, "/protos.Endorser/ProcessProposal", forged.bytes))).toEqual({
      code: status.UNKNOWN,
      text: "error validating proposal: access denied: channel [ch1] creator org [Org1MSP]",
      details: [],
    });
    expect(await propose({ channelId: "nowhere" })).toMatchObject({
      status: 500,
      message: "channel 'nowhere' not found",
    });
    const unknown = await propose({ contract: "nothing" });
    expect(unknown).toMatchObject({ status: 500 });
    expect(unknown.message).toMatch(
      /^make sure the chaincode nothing has been successfully defined on channel ch1 and try again/,
    );
    expect(unknown.response.getEndorsement()).toBeUndefined();
  });

  it("shows what a contract refused without an endorsement", async () => {
    const { response, status: code, message } = await propose({ args: ["refuse", "WHY", "Because."] });
    expect([code, message]).toEqual([500, "WHY: Because."]);
    expect(response.getEndorsement()).toBeUndefined();
    expect(response.getPayload_asU8().length).toBeGreaterThan(0);
  });
});

describe("qscc", () => {
  const query = (...args: (string | Uint8Array)[]) => propose({ contract: "qscc", args });

  it("answers from the peer's blocks", async () => {
    const sent = await network.ledger.submit({
      channelId: "ch2",
      creator: member,
      contract: "kv",
      fn: "put",
      args: ["a", "1"],
    });
    const bytes = await network.ledger.blockBytes("ch2", sent.block);
    const block = await network.ledger.block("ch2", sent.block);
    // The peer's position follows the ledger's.
    await expect
      .poll(() => network.peer().status.channels)
      .toContainEqual({ channelId: "ch2", height: sent.block + 1 });
    const info = common.BlockchainInfo.deserializeBinary((await query("GetChainInfo", "ch2")).payload);
    expect(info.getHeight()).toBe(sent.block + 1);
    expect(Buffer.from(info.getCurrentblockhash_asU8()).toString("hex")).toBe(block.headerHash);
    const hash = Buffer.from(block.headerHash, "hex");
    for (const args of [
      ["GetBlockByNumber", "ch2", String(sent.block)],
      ["GetBlockByTxID", "ch2", sent.txId],
      ["GetBlockByHash", "ch2", hash],
    ]) {
      expect(Buffer.from((await query(...args)).payload).equals(bytes)).toBe(true);
    }
    const processed = messages.ProcessedTransaction.deserializeBinary(
      (await query("GetTransactionByID", "ch2", sent.txId)).payload,
    );
    const { envelope } = await network.ledger.envelope("ch2", sent.txId);
    expect(processed.getValidationcode()).toBe(0);
    expect(Buffer.from(processed.getTransactionenvelope()?.serializeBinary() ?? []).equals(envelope)).toBe(true);
  });

  it.each([
    [["GetChainInfo"], "Incorrect number of arguments, 1"],
    [["GetBlockByNumber", "ch1"], "missing 3rd argument for GetBlockByNumber"],
    [["GetChainInfo", "nowhere"], "Invalid chain ID, nowhere"],
    [["GetNothing", "ch1", "x"], "access denied for [GetNothing][ch1]: [Unmapped policy for qscc/GetNothing]"],
    [
      ["GetBlockByNumber", "ch1", "x"],
      'Failed to parse block number with error strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [["GetBlockByNumber", "ch1", "99"], "Failed to get block number 99, error no such block number [99] in index"],
    [["GetBlockByHash", "ch1", "ab"], "Failed to get block hash 6162, error no such block hash [6162] in index"],
    [["GetBlockByTxID", "ch1", "ab"], "Failed to get block for txID ab, error no such transaction ID [ab] in index"],
    [
      ["GetTransactionByID", "ch1", "ab"],
      "Failed to get transaction with id ab, error no such transaction ID [ab] in index",
    ],
  ])("refuses %j", async (args, message) => {
    expect(await query(...args)).toMatchObject({ status: 500, message });
  });
});

describe("cscc", () => {
  const query = (args: (string | Uint8Array)[], parts: ProposalParts = {}, signer = member) =>
    propose({ contract: "cscc", args, ...parts }, signer);

  it("lists channels and answers configurations", async () => {
    const listed = messages.ChannelQueryResponse.deserializeBinary(
      (await query(["GetChannels"], { channelId: "" })).payload,
    );
    expect(listed.getChannelsList().map((one) => one.getChannelId())).toEqual(["ch1", "ch2"]);
    const bytes = await network.ledger.blockBytes("ch1", 0);
    expect(Buffer.from((await query(["GetConfigBlock", "ch1"])).payload).equals(bytes)).toBe(true);
    const config = common.Config.deserializeBinary((await query(["GetChannelConfig", "ch1"])).payload);
    expect(config.getChannelGroup()?.getGroupsMap().has("Application")).toBe(true);
  });

  it("refuses to join, and what it does not know", async () => {
    const joined = await query(["JoinChain", "block"], { channelId: "" }, admin);
    expect(joined).toMatchObject({ status: 501 });
    expect(joined.message).toMatch(/^JoinChain is not supported/);
    expect((await query(["JoinChain", "block"], { channelId: "" })).message).toMatch(
      /^access denied for \[JoinChain\]: .*not an admin/,
    );
    expect(await query(["GetConfigBlock"])).toMatchObject({ status: 500, message: "Incorrect number of arguments, 1" });
    expect(await query(["Nothing", "x"])).toMatchObject({
      status: 500,
      message: "Requested function Nothing not found.",
    });
    expect((await query(["GetConfigBlock", "nowhere"])).message).toMatch(
      /Failed to get policy manager for channel \[nowhere\]$/,
    );
  });
});

describe("discovery", () => {
  it("is refused with a clear text", async () => {
    const failure = await failureOf(callUnary(client, "/discovery.Discovery/Discover", new Uint8Array(0)));
    expect(failure.code).toBe(status.UNIMPLEMENTED);
    expect(failure.text).toMatch(/^service discovery is not supported by this peer/);
  });
});

import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "../ports.ts";
import { connectGateway, type GatewayConnection } from "../testing/gateway-client.ts";
import {
  commitStatusRequest,
  type ProposalParts,
  proposalRequest,
  signedEnvelope,
  signedProposal,
  signedRequest,
} from "../testing/messages.ts";
import { callUnary, failureOf } from "../testing/raw-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";
import { WireMessage } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";

let network: TestNetwork;
let member: Signer;
let stranger: Signer;
let connection: GatewayConnection;

beforeAll(async () => {
  network = await startTestNetwork({ organizations: ["Org1MSP"] });
  member = await network.organization().member();
  const elsewhere = await startTestNetwork({ organizations: ["OtherMSP"] });
  stranger = await elsewhere.organization("OtherMSP").member();
  await elsewhere.close();
  connection = connectGateway(network.peer(), member);
});
afterAll(async () => {
  connection?.close();
  await network?.close();
});

const call = (method: string, request: Uint8Array) =>
  callUnary(connection.client, `/gateway.Gateway/${method}`, request);
const evaluate = (parts: ProposalParts, signer = member) =>
  failureOf(call("Evaluate", proposalRequest(signedProposal(signer, parts).bytes)));
const endorse = (parts: ProposalParts, signer = member, organizations: readonly string[] = []) =>
  failureOf(call("Endorse", proposalRequest(signedProposal(signer, parts).bytes, organizations)));
const detail = (message: string) => {
  const { config, status: running } = network.peer();
  return [{ address: `${config.name}:${running.port}`, mspId: "Org1MSP", message }];
};

/** What a proposal is refused for before it is run, and the detail that says so. */
const MALFORMED: readonly [string, ProposalParts, string][] = [
  ["another header type", { type: 5 }, "error validating proposal: invalid header type 5"],
  ["an epoch", { epoch: 1 }, "error validating proposal: epoch is non-zero"],
  ["no nonce", { nonce: new Uint8Array(0) }, "error validating proposal: nonce is empty"],
  ["no creator", { creator: new Uint8Array(0) }, "error validating proposal: creator is empty"],
  [
    "a malformed creator",
    { creator: Buffer.from("nobody") },
    "error validating proposal: access denied: channel [ch1] creator org unknown, creator is malformed",
  ],
  [
    "somebody else's signature",
    { signature: Buffer.from("3006020101020101", "hex") },
    "error validating proposal: access denied: channel [ch1] creator org [Org1MSP]",
  ],
];

describe("a refused proposal", () => {
  it.each(MALFORMED)("with %s", async (_what, parts, text) => {
    expect(await evaluate(parts)).toEqual({
      code: status.FAILED_PRECONDITION,
      text: `evaluate call to endorser returned error: ${text}`,
      details: detail(text),
    });
    expect(await endorse(parts)).toEqual({
      code: status.ABORTED,
      text: "failed to endorse transaction, see attached details for more info",
      details: detail(text),
    });
  });

  it("with an id that is not its nonce's and creator's", async () => {
    const failure = await endorse({ txId: "ab".repeat(32) });
    expect(failure.code).toBe(status.ABORTED);
    expect(failure.details[0]?.message).toMatch(/^error validating proposal: incorrectly computed txid 'abab/);
  });

  it.each([-61_000, 61_000])("of another time (%i ms)", async (offMs) => {
    const failure = await endorse({ atMs: Date.now() + offMs });
    expect(failure.details[0]?.message).toMatch(/is more than 1m0s apart from current server time/);
  });

  it("of a stranger", async () => {
    const text = "error validating proposal: access denied: channel [ch1] creator org unknown, creator is malformed";
    expect((await endorse({}, stranger)).details).toEqual(detail(text));
  });

  it("for a channel that the peer is not on", async () => {
    expect(await evaluate({ channelId: "nowhere" })).toEqual({
      code: status.UNAVAILABLE,
      text: "failed to get config for channel [nowhere]: could not get last config block for channel nowhere",
      details: [],
    });
    expect((await endorse({ channelId: "nowhere" })).code).toBe(status.FAILED_PRECONDITION);
  });

  it("for a contract that nobody has", async () => {
    expect(await evaluate({ contract: "nothing" })).toEqual({
      code: status.FAILED_PRECONDITION,
      text: "no peers available to evaluate chaincode nothing in channel ch1",
      details: [],
    });
    const text = "No metadata was found for chaincode nothing in channel ch1";
    expect(await endorse({ contract: "nothing" })).toEqual({
      code: status.FAILED_PRECONDITION,
      text: `no combination of peers can be derived which satisfy the endorsement policy: ${text}`,
      details: [],
    });
  });

  it("whose contract refuses", async () => {
    const args = ["refuse", "KEY_EXISTS", "Key a exists."];
    const text = "chaincode response 500, KEY_EXISTS: Key a exists.";
    expect(await evaluate({ args })).toEqual({
      code: status.UNKNOWN,
      text: `evaluate call to endorser returned error: ${text}`,
      details: detail(text),
    });
    expect(await endorse({ args })).toEqual({
      code: status.ABORTED,
      text: "failed to endorse transaction, see attached details for more info",
      details: detail(text),
    });
  });

  it("with an unknown function, arguments that are no text, or a needless init", async () => {
    expect((await evaluate({ args: ["nothing"] })).text).toMatch(/chaincode response 500, FUNCTION_UNKNOWN: /);
    const binary = Uint8Array.of(0xff, 0xfe);
    expect((await evaluate({ args: ["get", binary] })).text).toMatch(/chaincode response 500, ARGUMENT_INVALID: /);
    const failure = await endorse({ isInit: true });
    const text = "invalid invocation: chaincode 'kv' does not require initialization but called as init";
    const context = "error in simulation: failed to execute transaction [0-9a-f]{64}: ";
    expect(failure.details).toMatchObject([{ message: expect.stringMatching(`^${context}${text}$`) }]);
  });

  it("for organizations without a peer", async () => {
    expect(await endorse({}, member, ["Org1MSP", "Org7MSP", "Org8MSP"])).toEqual({
      code: status.UNAVAILABLE,
      text: "failed to find any endorsing peers for org(s): Org7MSP, Org8MSP",
      details: [],
    });
  });

  it.each([
    ["Evaluate", "failed to unpack transaction proposal: a signed proposal is required"],
    ["Endorse", "the proposed transaction must contain a signed proposal"],
  ])("that is not there (%s)", async (method, text) => {
    expect(await failureOf(call(method, new Uint8Array(0)))).toEqual({
      code: status.INVALID_ARGUMENT,
      text,
      details: [],
    });
  });

  it.each(["Evaluate", "Endorse"])("that is no protobuf (%s)", async (method) => {
    const failure = await failureOf(call(method, proposalRequest(Buffer.from("\u0007\u0007"))));
    expect(failure.code).toBe(status.INVALID_ARGUMENT);
  });

  it("that names two contracts", async () => {
    expect((await endorse({ headerContract: "other" })).code).toBe(status.INVALID_ARGUMENT);
  });

  it("whose id is taken", async () => {
    const { txId, bytes } = signedProposal(member);
    const endorsed = new WireMessage(await call("Endorse", proposalRequest(bytes)));
    const envelope = signedEnvelope(member, endorsed.message(1).bytes(1));
    await call("Submit", writeMessage([2, "ch1"], [3, envelope]));
    await call("CommitStatus", signedRequest(member, commitStatusRequest(member, txId)));
    const failure = await failureOf(call("Endorse", proposalRequest(bytes)));
    expect(failure.code).toBe(status.ABORTED);
    expect(failure.details[0]?.message).toMatch(
      new RegExp(`^duplicate transaction found \\[${txId}\\]. Creator \\[0a07`),
    );
  });
});

describe("a refused Submit", () => {
  const submit = (envelope: Uint8Array | undefined, channelId = "ch1") =>
    failureOf(
      call(
        "Submit",
        writeMessage([2, channelId], envelope === undefined ? [3, undefined] : { present: 3, value: envelope }),
      ),
    );

  it("without a transaction, a signature or a channel", async () => {
    expect(await submit(undefined)).toMatchObject({
      code: status.INVALID_ARGUMENT,
      text: "a prepared transaction is required",
    });
    const unsigned = writeMessage([1, Buffer.from("payload")]);
    expect(await submit(unsigned)).toMatchObject({
      code: status.INVALID_ARGUMENT,
      text: "prepared transaction must be signed",
    });
    expect(await submit(signedEnvelope(member, new Uint8Array(0)), "nowhere")).toMatchObject({
      code: status.FAILED_PRECONDITION,
      text: "failed to get config for channel [nowhere]: could not get last config block for channel nowhere",
    });
  });

  it("by the orderer", async () => {
    const failure = await submit(signedEnvelope(member, Buffer.from("no payload")));
    expect(failure.code).toBe(status.ABORTED);
    expect(failure.text).toMatch(/^received unsuccessful response from orderer: status=BAD_REQUEST, info=/);
  });

  it("while no orderer runs", async () => {
    const { config } = network.orderer();
    await network.fabric.stopNode(config.nodeId);
    const failure = await submit(signedEnvelope(member, new Uint8Array(1)));
    await network.fabric.startNode(config);
    expect(failure).toEqual({ code: status.UNAVAILABLE, text: "no orderer nodes available", details: [] });
  });
});

describe("a refused CommitStatus", () => {
  const ask = (request: Uint8Array, deadlineMs?: number) =>
    failureOf(callUnary(connection.client, "/gateway.Gateway/CommitStatus", request, deadlineMs));
  const txId = "cd".repeat(32);

  it("that is incomplete", async () => {
    const rows: [Uint8Array, string][] = [
      [new Uint8Array(0), "a commit status request is required"],
      [writeMessage([1, writeMessage([1, txId], [2, "ch1"])]), "no identity provided"],
      [writeMessage([1, writeMessage([1, txId], [3, "x"])]), "no channel ID provided"],
      [writeMessage([1, writeMessage([2, "ch1"], [3, "x"])]), "transaction ID should not be empty"],
    ];
    for (const [request, text] of rows) {
      expect(await ask(request)).toEqual({ code: status.INVALID_ARGUMENT, text, details: [] });
    }
  });

  it("of somebody who may not read", async () => {
    const request = commitStatusRequest(member, txId);
    const forged = await ask(signedRequest(member, request, Buffer.from("3006020101020101", "hex")));
    const foreign = await ask(signedRequest(stranger, commitStatusRequest(stranger, txId)));
    const text =
      "Failed evaluating policy on signed data during check policy on channel [ch1] with policy [/Channel/Application/Readers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]";
    expect(forged).toEqual({ code: status.PERMISSION_DENIED, text, details: [] });
    expect(foreign).toEqual(forged);
    expect(await ask(signedRequest(member, commitStatusRequest(member, txId, "nowhere")))).toMatchObject({
      code: status.PERMISSION_DENIED,
      text: "Failed to get policy manager for channel [nowhere]",
    });
  });

  it("whose deadline passes before the transaction comes", async () => {
    const failure = await ask(signedRequest(member, commitStatusRequest(member, txId)), 200);
    expect(failure.code).toBe(status.DEADLINE_EXCEEDED);
  });
});

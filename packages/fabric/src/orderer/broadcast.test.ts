import { ConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import type { Client } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "../ports.ts";
import { grpcClient } from "../testing/gateway-client.ts";
import { proposalRequest, signedEnvelope, signedProposal } from "../testing/messages.ts";
import { callUnary, openStream } from "../testing/raw-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";
import { WireMessage } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";

const PATH = "/orderer.AtomicBroadcast/Broadcast";

let network: TestNetwork;
let member: Signer;
let peer: Client;
let orderer: Client;
/** What the engine is made to say instead of ordering. */
let disturbance: ConcordatError | undefined;

beforeAll(async () => {
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        if (name === "order" && disturbance !== undefined) return async () => Promise.reject(disturbance);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  network = await startTestNetwork({ wrapLedger });
  member = await network.organization().member();
  peer = grpcClient(network.peer());
  orderer = grpcClient(network.orderer());
});
afterAll(async () => {
  peer?.close();
  orderer?.close();
  await network?.close();
});

async function endorsed(...args: string[]) {
  const { txId, bytes } = signedProposal(member, { args });
  const answer = new WireMessage(await callUnary(peer, "/gateway.Gateway/Endorse", proposalRequest(bytes)));
  return { txId, envelope: signedEnvelope(member, answer.message(1).bytes(1)) };
}

/** Sends all envelopes at once, answers what comes back. */
async function broadcast(...envelopes: Uint8Array[]) {
  const stream = openStream(orderer, PATH);
  for (const envelope of envelopes) stream.send(envelope);
  stream.end();
  const answers: { status: number; info: string }[] = [];
  for (let bytes = await stream.next(); bytes !== undefined; bytes = await stream.next()) {
    const message = new WireMessage(bytes);
    answers.push({ status: message.number(1), info: message.text(2) });
  }
  return answers;
}

const header = (channelId: string) => writeMessage([1, writeMessage([1, writeMessage([1, 3], [4, channelId])])]);

describe("Broadcast", () => {
  it("answers when the transactions are durable, in their order, with several in flight", async () => {
    const sent = await Promise.all(Array.from({ length: 100 }, (_, index) => endorsed("put", `key ${index}`, "1")));
    const answers = await broadcast(...sent.map(({ envelope }) => envelope));
    expect(answers).toEqual(sent.map(() => ({ status: 200, info: "" })));
    for (const { txId } of sent) {
      expect(await network.ledger.transaction("ch1", txId)).toMatchObject({ validationCode: 0 });
    }
  });

  it("stores the very bytes that came", async () => {
    const { txId, envelope } = await endorsed("put", "a", "1");
    // A field that nobody knows: it must survive.
    const dressed = Buffer.concat([envelope, writeMessage([15, "a note"])]);
    expect(await broadcast(dressed)).toEqual([{ status: 200, info: "" }]);
    const stored = await network.ledger.envelope("ch1", txId);
    expect(Buffer.from(stored.envelope).equals(dressed)).toBe(true);
  });

  it.each([
    ["an unknown channel", header("nowhere"), 404, "channel nowhere doesn't exist"],
    ["no payload", new Uint8Array(0), 400, "could not determine channel ID: missing channel header"],
    ["noise", Buffer.from("nothing"), 400, /^could not determine channel ID: error unmarshaling envelope: proto: /],
  ] as const)("refuses %s, and ends the stream", async (_what, payload, status, info) => {
    const { envelope } = await endorsed("put", "after", "1");
    const answers = await broadcast(writeMessage([1, payload], [2, "signature"]), envelope);
    expect(answers).toEqual([{ status, info: typeof info === "string" ? info : expect.stringMatching(info) }]);
  });

  it.each([
    ["the orderer", async () => writeMessage([1, header("nowhere")], [2, "signature"]), 404],
    [
      "the ledger",
      async () => {
        const { envelope } = await endorsed("put", "between", "1");
        return signedEnvelope(await network.organization().member(), new WireMessage(envelope).bytes(1));
      },
      403,
    ],
  ] as const)(
    "orders nothing behind an envelope that %s refuses, however fast it follows",
    async (_who, refused, status) => {
      const [before, ...behind] = await Promise.all(
        Array.from({ length: 12 }, (_, index) => endorsed("put", `around ${status} ${index}`, "1")),
      );
      if (before === undefined) throw new Error("Nothing was endorsed.");
      const answers = await broadcast(before.envelope, await refused(), ...behind.map(({ envelope }) => envelope));
      expect(answers.map((answer) => answer.status)).toEqual([200, status]);
      const again = await endorsed("put", `after ${status}`, "1");
      expect(await broadcast(again.envelope)).toMatchObject([{ status: 200 }]);
      expect(await network.ledger.transaction("ch1", before.txId)).toMatchObject({ validationCode: 0 });
      for (const { txId } of behind) {
        await expect(network.ledger.transaction("ch1", txId)).rejects.toMatchObject({ code: "TRANSACTION_UNKNOWN" });
      }
    },
  );

  it("refuses a signature that is not the creator's", async () => {
    const { envelope } = await endorsed("put", "forged", "1");
    const payload = new WireMessage(envelope).bytes(1);
    const other = await network.organization().member();
    const [answer] = await broadcast(signedEnvelope(other, payload));
    expect(answer?.status).toBe(403);
  });

  it.each([
    ["OVERLOADED", undefined, 503],
    ["CHANNEL_READ_ONLY", undefined, 503],
    ["CHANNEL_UNKNOWN", undefined, 404],
    ["OUTCOME_UNKNOWN", undefined, 500],
    ["ENVELOPE_REFUSED", "REQUEST_ENTITY_TOO_LARGE", 413],
    ["ENVELOPE_REFUSED", "NOT_IMPLEMENTED", 501],
  ] as const)("tells %s %s as %i", async (code, refusal, status) => {
    const { envelope } = await endorsed("put", "disturbed", "1");
    disturbance = new ConcordatError({
      code,
      summary: "Why.",
      ...(refusal === undefined ? {} : { facts: { status: refusal } }),
    });
    try {
      expect(await broadcast(envelope)).toEqual([{ status, info: "Why." }]);
    } finally {
      disturbance = undefined;
    }
  });
});

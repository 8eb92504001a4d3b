import { createHash } from "node:crypto";
import { certificateSummary } from "@concordat/identity";
import type { Client } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyPair, Signer } from "../ports.ts";
import { grpcClient } from "../testing/gateway-client.ts";
import { type SeekParts, seek, seekEnvelope } from "../testing/messages.ts";
import { openStream } from "../testing/raw-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";
import { WireMessage } from "../wire/read.ts";

const PEER = "/protos.Deliver/Deliver";
const ORDERER = "/orderer.AtomicBroadcast/Deliver";
type Range = Parameters<typeof seekEnvelope>[1];

let network: TestNetwork;
let member: Signer;
let stranger: Signer;
let peer: Client;
let orderer: Client;

beforeAll(async () => {
  network = await startTestNetwork();
  member = await network.organization().member();
  const elsewhere = await startTestNetwork({ organizations: ["OtherMSP"] });
  stranger = await elsewhere.organization("OtherMSP").member();
  await elsewhere.close();
  peer = grpcClient(network.peer());
  orderer = grpcClient(network.orderer());
  for (const value of ["1", "2", "3"]) await put(value);
});
afterAll(async () => {
  peer?.close();
  orderer?.close();
  await network?.close();
});

const put = (value: string) =>
  network.ledger.submit({ channelId: "ch1", creator: member, contract: "kv", fn: "put", args: ["a", value] });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** All answers up to the status: blocks as hex. */
async function read(client: Client, path: string, request: Uint8Array) {
  const stream = openStream(client, path);
  stream.send(request);
  const blocks: string[] = [];
  for (;;) {
    const answer = new WireMessage((await stream.next()) ?? new Uint8Array(0));
    if (answer.has(2)) blocks.push(hex(answer.bytes(2)));
    else {
      stream.end();
      return { status: answer.number(1), blocks };
    }
  }
}
/** Its number, when both nodes have committed it. */
async function lastBlock(): Promise<number> {
  const last = (await network.ledger.status("ch1")).height - 1;
  for (const [client, path] of [
    [peer, PEER],
    [orderer, ORDERER],
  ] as const) {
    await readRange({ start: seek.oldest, stop: seek.block(last) }, {}, client, path);
  }
  return last;
}
const readRange = (range: Range, parts: SeekParts = {}, client = peer, path = PEER) =>
  read(client, path, seekEnvelope(member, range, parts));
const stored = (...numbers: number[]) =>
  Promise.all(numbers.map(async (number) => hex(await network.ledger.blockBytes("ch1", number))));

describe.each([
  ["a peer", PEER, () => peer],
  ["an orderer", ORDERER, () => orderer],
] as const)("Deliver of %s", (_who, path, client) => {
  it.each([
    ["oldest to newest", { start: seek.oldest, stop: seek.newest }, (last: number) => [0, last]],
    ["newest", { start: seek.newest, stop: seek.newest }, (last: number) => [last, last]],
    ["oldest", { start: seek.oldest, stop: seek.oldest }, () => [0, 0]],
    ["a range", { start: seek.block(1), stop: seek.block(2) }, () => [1, 2]],
  ] as const)("sends the stored bytes: %s", async (_what, range, expected) => {
    const [from = 0, to = 0] = expected(await lastBlock());
    const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const answer = await readRange(range, {}, client(), path);
    expect(answer).toEqual({ status: 200, blocks: await stored(...numbers) });
  });

  it("waits for blocks that are to come, or fails when told to", async () => {
    const height = (await lastBlock()) + 1;
    const range = { start: seek.nextCommit, stop: seek.block(height) };
    expect(await readRange(range, { behavior: 1 }, client(), path)).toEqual({ status: 404, blocks: [] });
    const waiting = readRange(range, {}, client(), path);
    // Ahead of it in the same connection, so that the first request is waiting when the block comes.
    await readRange({ start: seek.oldest, stop: seek.oldest }, {}, client(), path);
    await put("later");
    expect(await waiting).toEqual({ status: 200, blocks: await stored(height) });
  });

  it.each([
    ["no start", {}, 400, {}],
    ["no stop", { start: seek.oldest }, 400, {}],
    ["a stop before the start", { start: seek.block(2), stop: seek.block(1) }, 400, {}],
    ["a start far ahead", { start: seek.block(1_000), stop: seek.block(1_001) }, 404, {}],
    ["an unknown channel", { start: seek.oldest, stop: seek.newest }, 404, { channelId: "nowhere" }],
    ["an old request", { start: seek.oldest, stop: seek.newest }, 400, { atMs: Date.now() - 16 * 60_000 }],
    [
      "a forged signature",
      { start: seek.oldest, stop: seek.newest },
      403,
      { signature: Buffer.from("30060201010201", "hex") },
    ],
  ] as const)("refuses %s", async (_what, range, status, parts) => {
    expect(await readRange(range, parts, client(), path)).toEqual({ status, blocks: [] });
  });

  it("refuses strangers and what is no envelope", async () => {
    const request = seekEnvelope(stranger, { start: seek.oldest, stop: seek.newest });
    expect(await read(client(), path, request)).toEqual({ status: 403, blocks: [] });
    expect(await read(client(), path, Buffer.from("nothing"))).toEqual({ status: 400, blocks: [] });
  });

  it("answers several requests on one stream", async () => {
    const stream = openStream(client(), path);
    for (const number of [0, 1])
      stream.send(seekEnvelope(member, { start: seek.block(number), stop: seek.block(number) }));
    const answers = [await stream.next(), await stream.next(), await stream.next(), await stream.next()];
    stream.end();
    expect(await stream.next()).toBeUndefined();
    const [first, second] = await stored(0, 1);
    const read = answers.map((bytes) => new WireMessage(bytes ?? new Uint8Array(0)));
    expect(read.map((message) => (message.has(2) ? hex(message.bytes(2)) : message.number(1)))).toEqual([
      first,
      200,
      second,
      200,
    ]);
  });

  it("leaves data out when only headers are asked for", async () => {
    const { blocks } = await readRange(
      { start: seek.block(1), stop: seek.block(1) },
      { contentType: 1 },
      client(),
      path,
    );
    const [whole] = await stored(1);
    const [block, original] = [blocks[0], whole].map((text) => new WireMessage(Buffer.from(text ?? "", "hex")));
    expect(block?.has(2)).toBe(false);
    expect([block?.bytes(1), block?.bytes(3)]).toEqual([original?.bytes(1), original?.bytes(3)]);
  });

  it("ends when the reader is revoked", async () => {
    const reader = await network.organization().member();
    const stream = openStream(client(), path);
    await lastBlock();
    stream.send(seekEnvelope(reader, { start: seek.newest, stop: seek.block(1_000_000) }));
    await stream.next();
    const { serialNumber } = certificateSummary(reader.certificatePem);
    const number = BigInt(path === PEER ? 5 : 6);
    const list = await network.organization().revocationList([{ serialNumber }], number);
    await network.updateChannel("ch1", (config) => ({
      ...config,
      organizations: config.organizations.map((one) => ({ ...one, revocationLists: [list] })),
    }));
    expect(new WireMessage((await stream.next()) ?? new Uint8Array(0)).number(1)).toBe(403);
    expect(await stream.next()).toBeUndefined();
  });
});

describe("mutual TLS", () => {
  it("asks clients for a certificate, and requests for blocks for its hash", async () => {
    const strict = await startTestNetwork({ mutualTls: true });
    try {
      const reader = await strict.organization().member();
      const tlsClient: KeyPair = await strict.organization().tls("client.example");
      const known = grpcClient(strict.peer(), { tlsClient });
      const der = Buffer.from(tlsClient.certificatePem.replace(/-----[^-]+-----|\s/g, ""), "base64");
      const range = { start: seek.oldest, stop: seek.oldest };
      const tlsCertHash = createHash("sha256").update(der).digest();
      expect(await read(known, PEER, seekEnvelope(reader, range, { tlsCertHash }))).toMatchObject({ status: 200 });
      expect(await read(known, PEER, seekEnvelope(reader, range))).toEqual({ status: 400, blocks: [] });
      const other = Buffer.alloc(32, 1);
      expect(await read(known, PEER, seekEnvelope(reader, range, { tlsCertHash: other }))).toEqual({
        status: 400,
        blocks: [],
      });
      known.close();
      const unknown = grpcClient(strict.peer());
      await expect(read(unknown, PEER, seekEnvelope(reader, range))).rejects.toMatchObject({ code: 14 });
      unknown.close();
    } finally {
      await strict.close();
    }
  });
});

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { common, orderer, peer } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimestamp } from "../support/fabric-messages.ts";
import {
  type Connection,
  connectGateway,
  connectNode,
  createTestNetwork,
  type GatewayConnection,
  nativeSigner,
  serializedIdentity,
  type TestNetwork,
} from "../support/fabric-network.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

/* Blocks as Fabric's Deliver service hands them out, against the segments, by a second implementation of the format. */

const CHANNEL = "chain";
const folder = join(repositoryRoot, "tests/second-implementation");
const run = promisify(execFile);

let server: RunningServer;
let network: TestNetwork;
let connection: Connection;
let connected: GatewayConnection;

/** Runs one of the Python scripts; it fails, with a sentence, where it disagrees. @returns what it counted */
async function check(script: string, ...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run("bash", [join(folder, "check.sh"), script, ...words], { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  await run("bash", [join(folder, "setup.sh")]);
  server = await startServer(await newInstallation("fabric-blocks"));
  network = await createTestNetwork(server, { organizations: ["AlphaMSP", "BetaMSP"] });
  await network.createChannel(CHANNEL);
  await network.deploy(CHANNEL, "general");
  connection = await network.connection();
  connected = connectGateway(connection);
});

afterAll(async () => {
  connected?.close();
  await server?.stop();
});

/** A signed wish for all blocks up to one, as the payload of an envelope. */
async function seekEnvelope(last: number): Promise<Uint8Array> {
  const at = (number: number) => {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(number);
    const position = new orderer.SeekPosition();
    position.setSpecified(specified);
    return position;
  };
  const info = new orderer.SeekInfo();
  info.setStart(at(0));
  info.setStop(at(last));
  info.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
  channelHeader.setChannelId(CHANNEL);
  setTimestamp(channelHeader, Date.now());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(serializedIdentity(connection));
  signatureHeader.setNonce(randomBytes(24));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(info.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  envelope.setSignature(await nativeSigner(connection.privateKeyPem)(payload.serializeBinary()));
  return envelope.serializeBinary();
}

/** The first field's number and content of a message whose first field is bytes or a message. */
function firstField(message: Uint8Array): { readonly field: number; readonly content: Uint8Array } {
  let length = 0;
  let at = 1;
  for (let shift = 0; ; shift += 7) {
    const byte = message[at++] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return { field: (message[0] ?? 0) >> 3, content: message.subarray(at, at + length) };
}

/** The bytes of the blocks as they came over the wire, which no class has decoded. */
async function deliveredBlocks(
  last: number,
  node = connection.peers[0],
  service = "protos.Deliver",
): Promise<Uint8Array[]> {
  const client = connectNode(connection, node);
  const pass = (bytes: Uint8Array) => Buffer.from(bytes);
  const stream = client.makeBidiStreamRequest<Uint8Array, Uint8Array>(`/${service}/Deliver`, pass, pass);
  stream.write(await seekEnvelope(last));
  const blocks: Uint8Array[] = [];
  try {
    for await (const message of stream) {
      if (!(message instanceof Uint8Array)) throw new TypeError("The stream carries bytes.");
      const { field, content } = firstField(message);
      // Both services answer with the status as field 1 and the block as field 2.
      if (field === 1) {
        expect(peer.DeliverResponse.deserializeBinary(message).getStatus()).toBe(common.Status.SUCCESS);
        break;
      }
      expect(field).toBe(2);
      blocks.push(content);
    }
  } finally {
    stream.cancel();
    client.close();
  }
  return blocks;
}

function framed(blocks: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(block.length);
      return [length, block];
    }),
  );
}

test("blocks of all kinds of transactions are the very bytes of the segments, over every way to fetch them", async () => {
  const general = connected.gateway.getNetwork(CHANNEL).getContract("general", "General");
  for (let number = 0; number < 5; number += 1) await general.submitTransaction("put", `key-${number}`, "1");
  await general.submitTransaction("announce", "event", "payload");
  await general.submitTransaction("put", "large", "x".repeat(200_000));
  // Two that read the same state: the second is in its block, with the code of a conflict.
  const endorsed = await Promise.all(
    ["1", "2"].map((amount) => general.newProposal("add", { arguments: ["account", amount] }).endorse()),
  );
  const codes: number[] = [];
  for (const transaction of endorsed) codes.push((await (await transaction.submit()).getStatus()).code);
  expect(codes).toEqual([peer.TxValidationCode.VALID, peer.TxValidationCode.MVCC_READ_CONFLICT]);
  // A revocation changes the channel's configuration.
  await network.connection("BetaMSP", "leaver");
  const { body } = await network.api.get("/certificates?mspId=BetaMSP&commonName=leaver");
  const [certificate] = body["certificates"] as readonly { readonly serialNumber: string }[];
  await network.post(`/organizations/BetaMSP/certificates/identity/${certificate?.serialNumber}/revoke`, {});
  const last = Number((await (await general.submitAsync("put", { arguments: ["last", "1"] })).getStatus()).blockNumber);

  const raw = await deliveredBlocks(last);
  expect(raw).toHaveLength(last + 1);
  const types = raw.map((bytes) => {
    const [envelope] = common.Block.deserializeBinary(bytes).getData()?.getDataList_asU8() ?? [];
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(envelope ?? new Uint8Array()).getPayload_asU8(),
    );
    const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    return common.ChannelHeader.deserializeBinary(header).getType();
  });
  // The genesis block and what the revocation made.
  expect(types.filter((type) => type === common.HeaderType.CONFIG).length).toBeGreaterThan(1);
  expect(types.filter((type) => type === common.HeaderType.ENDORSER_TRANSACTION).length).toBeGreaterThan(8);

  const decoded: Uint8Array[] = [];
  for await (const block of await connected.gateway.getNetwork(CHANNEL).getBlockEvents({ startBlock: 0n })) {
    decoded.push(block.serializeBinary());
    if (decoded.length > last) break;
  }
  expect(framed(decoded).equals(framed(raw))).toBe(true);
  const ordered = await deliveredBlocks(last, connection.orderers[0], "orderer.AtomicBroadcast");
  expect(framed(ordered).equals(framed(raw))).toBe(true);

  const file = join(await temporaryFolder("delivered"), "blocks.bin");
  await writeFile(file, framed(raw));
  const ledger = join(server.dataFolder, "channels", CHANNEL);
  const words = [file, "--first", "0", "--ledger", ledger];
  const counts = await check("check_blocks.py", ...words);
  expect(counts).toMatchObject({ blocks: last + 1, first: 0, last, codes: { "11": 1 } });

  // What the checks are worth: a block with one other byte is found.
  const damaged = framed(raw);
  damaged[damaged.length - 40] = (damaged[damaged.length - 40] ?? 0) ^ 1;
  await writeFile(file, damaged);
  await expect(check("check_blocks.py", ...words)).rejects.toThrow("disagreement");
});

test("the whole ledger verifies, with both implementations", async () => {
  expect(await server.stop()).toBe(0);
  const counts = await check("check_ledger.py", server.dataFolder);
  expect(counts["endorsed"]).toBeGreaterThan(8);
  const verified = await runCommand(server, ["verify", "--data", server.dataFolder]);
  expect({ exitCode: verified.exitCode, stderr: verified.stderr }).toEqual({ exitCode: 0, stderr: "" });
});

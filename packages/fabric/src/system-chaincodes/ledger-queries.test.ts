import { createHash } from "node:crypto";
import { common, peer } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bentTransaction, type OutsideTransaction } from "../testing/bent-transactions.ts";
import { OutsideClient } from "../testing/outside-client.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const { VALID, ENDORSEMENT_POLICY_FAILURE } = peer.TxValidationCode;

let network: TestNetwork;
let client: OutsideClient;
let good: OutsideTransaction;
let bad: OutsideTransaction;
/** Of `ch1`, with what was sent last. */
let height: number;

beforeAll(async () => {
  network = await startTestNetwork({ organizations: ["Org1MSP", "Org2MSP"], channelIds: ["ch1", "ch2"] });
  const member = await network.organization().member();
  client = new OutsideClient(network, member);
  good = await client.endorse({ args: ["put", "a", "1"] });
  bad = await bentTransaction(network, member, { endorsers: [] });
  for (const { envelope, txId } of [good, bad]) {
    await client.broadcast(envelope);
    height = (await client.commitStatus(txId)).block + 1;
  }
});
afterAll(async () => {
  client?.close();
  await network?.close();
});

const query = (...args: (string | Uint8Array)[]) => client.query("qscc", ...args);
const sha256 = (...parts: Uint8Array[]) => {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
};

/** SHA-256 of the DER of number, previous hash and data hash; of blocks below 128. */
function headerHash(block: common.Block): Buffer {
  const header = block.getHeader();
  const number = header?.getNumber() ?? 0;
  const octets = [header?.getPreviousHash_asU8(), header?.getDataHash_asU8()].map((hash = new Uint8Array(0)) =>
    Buffer.concat([Buffer.of(4, hash.length), hash]),
  );
  const content = Buffer.concat([Buffer.of(2, 1, number), ...octets]);
  return sha256(Buffer.concat([Buffer.of(0x30, content.length), content]));
}

async function blockOf(number: number | string): Promise<common.Block> {
  const { status, payload } = await query("GetBlockByNumber", "ch1", String(number));
  expect(status).toBe(200);
  return common.Block.deserializeBinary(payload);
}

describe("QSCC", () => {
  it("tells the height, and hashes that follow from the blocks by Fabric's rule", async () => {
    const { payload, response } = await query("GetChainInfo", "ch1");
    const info = common.BlockchainInfo.deserializeBinary(payload);
    expect(info.getHeight()).toBe(height);
    const [last, before] = [await blockOf(height - 1), await blockOf(height - 2)];
    expect(Buffer.from(info.getCurrentblockhash_asU8())).toEqual(headerHash(last));
    expect(Buffer.from(info.getPreviousblockhash_asU8())).toEqual(headerHash(before));
    // As on Fabric the answer is endorsed: it is a proposal like any other.
    expect(response.getEndorsement()).toBeDefined();
    const alone = common.BlockchainInfo.deserializeBinary((await query("GetChainInfo", "ch2")).payload);
    expect(alone.getHeight()).toBe(1);
    expect(alone.getPreviousblockhash_asU8()).toHaveLength(0);
  });

  it("answers blocks as they are stored, chained and hashed, however they are asked for", async () => {
    let previous = Buffer.alloc(0);
    for (let number = 0; number < height; number++) {
      const stored = await network.ledger.blockBytes("ch1", number);
      const block = common.Block.deserializeBinary(new Uint8Array(stored));
      expect(Buffer.from(block.getHeader()?.getPreviousHash_asU8() ?? [])).toEqual(previous);
      const entries = block.getData()?.getDataList_asU8() ?? [];
      expect(Buffer.from(block.getHeader()?.getDataHash_asU8() ?? [])).toEqual(sha256(...entries));
      previous = Buffer.from(headerHash(block));
      for (const args of [
        ["GetBlockByNumber", "ch1", `00${number}`],
        ["GetBlockByHash", "ch1", previous],
      ]) {
        expect(Buffer.from((await query(...args)).payload).equals(stored)).toBe(true);
      }
    }
    for (const { txId, envelope } of [good, bad]) {
      const { payload } = await query("GetBlockByTxID", "ch1", txId);
      const entries = common.Block.deserializeBinary(payload).getData()?.getDataList_asU8() ?? [];
      expect(entries.some((entry) => Buffer.from(entry).equals(envelope))).toBe(true);
    }
    const last = await query("GetBlockByNumber", "ch1", "18446744073709551615");
    expect(Buffer.from(last.payload).equals(await network.ledger.blockBytes("ch1", height - 1))).toBe(true);
  });

  it("answers transactions as they came, with their verdicts", async () => {
    for (const [{ txId, envelope }, code] of [
      [good, VALID],
      [bad, ENDORSEMENT_POLICY_FAILURE],
    ] as const) {
      const { payload } = await query("GetTransactionByID", "ch1", txId);
      const processed = peer.ProcessedTransaction.deserializeBinary(payload);
      expect(processed.getValidationcode()).toBe(code);
      const found = Buffer.from(processed.getTransactionenvelope()?.serializeBinary() ?? []);
      expect(found.equals(envelope)).toBe(true);
    }
  });

  const parsing = (text: string, why: string) =>
    `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;
  it.each([
    ["", "invalid syntax"],
    ["-1", "invalid syntax"],
    ["+1", "invalid syntax"],
    ["1.0", "invalid syntax"],
    ["0x1", "invalid syntax"],
    ["18446744073709551616", "value out of range"],
    ["99999999999999999999999", "value out of range"],
  ])("takes %j for no block number", async (text, why) => {
    expect(await query("GetBlockByNumber", "ch1", text)).toMatchObject({ status: 500, message: parsing(text, why) });
  });

  it.each(["3000", "9007199254740993", "18446744073709551614"])("knows no block %s", async (number) => {
    const { status, message, payload, response } = await query("GetBlockByNumber", "ch1", number);
    expect([status, payload.length, response.getEndorsement()]).toEqual([500, 0, undefined]);
    expect(message).toMatch(
      new RegExp(`^Failed to get block number ${number}, error no such block number \\[\\d+\\] in index$`),
    );
  });

  it.each(["", "0".repeat(64), "ä", "a/../b", "x".repeat(10_000)])("knows no transaction or hash %j", async (text) => {
    const missing = `no such transaction ID [${text}] in index`;
    expect(await query("GetTransactionByID", "ch1", text)).toMatchObject({
      status: 500,
      message: `Failed to get transaction with id ${text}, error ${missing}`,
    });
    expect(await query("GetBlockByTxID", "ch1", text)).toMatchObject({
      status: 500,
      message: `Failed to get block for txID ${text}, error ${missing}`,
    });
    expect(await query("GetBlockByHash", "ch1", text)).toMatchObject({
      status: 500,
      message: expect.stringMatching(/^Failed to get block hash [0-9a-f]*, error no such block hash/),
    });
  });

  it("keeps channels apart", async () => {
    expect((await query("GetTransactionByID", "ch2", good.txId)).status).toBe(500);
    expect((await query("GetBlockByNumber", "ch2", "1")).status).toBe(500);
  });
});

describe("CSCC", () => {
  const ask = (...args: (string | Uint8Array)[]) => client.query("cscc", ...args);
  const channelsOn = async (): Promise<string[]> => {
    const { payload } = await client.propose({ contract: "cscc", channelId: "", args: ["GetChannels"] });
    const list = peer.ChannelQueryResponse.deserializeBinary(payload).getChannelsList();
    return list.map((one) => one.getChannelId());
  };

  it("lists the channels that this peer is on at the time", async () => {
    const { nodeId } = network.peer().config;
    expect(await channelsOn()).toEqual(["ch1", "ch2"]);
    await network.fabric.leaveChannel(nodeId, "ch2");
    expect(await channelsOn()).toEqual(["ch1"]);
    expect(await query("GetChainInfo", "ch2")).toMatchObject({ status: 500, message: "Invalid chain ID, ch2" });
    await network.fabric.joinChannel(nodeId, "ch2");
    expect(await channelsOn()).toEqual(["ch1", "ch2"]);
  });

  it("answers the configuration in force, and its block", async () => {
    const before = await ask("GetConfigBlock", "ch2");
    expect(Buffer.from(before.payload).equals(await network.ledger.blockBytes("ch2", 0))).toBe(true);
    const list = await network.organization().revocationList([]);
    await network.updateChannel("ch2", (config) => ({
      ...config,
      organizations: config.organizations.map((one, index) =>
        index === 0 ? { ...one, revocationLists: [list] } : one,
      ),
    }));
    const number = await network.ledger.configBlock("ch2");
    expect(number).toBe(1);
    const stored = await network.ledger.blockBytes("ch2", number);
    await expect.poll(async () => Buffer.from((await ask("GetConfigBlock", "ch2")).payload).equals(stored)).toBe(true);
    const block = common.Block.deserializeBinary(new Uint8Array(stored));
    const [entry = new Uint8Array(0)] = block.getData()?.getDataList_asU8() ?? [];
    const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(entry).getPayload_asU8());
    const envelope = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
    const config = common.Config.deserializeBinary((await ask("GetChannelConfig", "ch2")).payload);
    expect(config.toObject()).toEqual(envelope.getConfig()?.toObject());
    expect(config.getSequence()).toBe(1);
    const application = config.getChannelGroup()?.getGroupsMap().get("Application");
    expect(
      application
        ?.getGroupsMap()
        .toArray()
        .map(([mspId]: [string, unknown]) => mspId),
    ).toEqual(["Org1MSP", "Org2MSP"]);
  });

  it("says that channels are joined elsewhere, to administrators alone", async () => {
    const admin = new OutsideClient(network, await network.organization().member("admin"));
    try {
      const genesis = await network.ledger.blockBytes("ch1", 0);
      const join = (by: OutsideClient, fn: string) =>
        by.propose({ contract: "cscc", channelId: "", args: [fn, genesis] });
      for (const fn of ["JoinChain", "JoinChainBySnapshot"]) {
        expect(await join(admin, fn)).toMatchObject({
          status: 501,
          message: `${fn} is not supported: peers of this network join channels through its management interface (concordat channel join)`,
        });
        expect(await join(client, fn)).toMatchObject({
          status: 500,
          message: expect.stringMatching(new RegExp(`^access denied for \\[${fn}\\]: .*is not an admin`)),
        });
      }
    } finally {
      admin.close();
    }
  });

  it.each([
    [["GetChannelConfig", ""], "empty channel name provided"],
    [
      ["GetChannelConfig", "nowhere"],
      "access denied for [GetChannelConfig][nowhere]: Failed to get policy manager for channel [nowhere]",
    ],
    [["GetChannelConfig"], "Incorrect number of arguments, 1"],
    [[], "Incorrect number of arguments, 0"],
  ])("refuses %j", async (args, message) => {
    expect(await ask(...args)).toMatchObject({ status: 500, message });
  });
});

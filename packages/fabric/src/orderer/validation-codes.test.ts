import { createHash } from "node:crypto";
import { certificateSummary } from "@concordat/identity";
import type { Ledger } from "@concordat/ledger/client";
import type { Contract } from "@concordat/ledger/contract-api";
import { namespaceResults } from "@concordat/ledger/testing/endorsed-envelope";
import { common, peer as messages } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "../ports.ts";
import { bentTransaction, type OutsideTransaction, peerOf, testMember } from "../testing/bent-transactions.ts";
import { keyValueContract } from "../testing/key-value-contract.ts";
import { filterOf, OutsideClient } from "../testing/outside-client.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";
import { writeMessage } from "../wire/write.ts";

type CodeName = keyof typeof messages.TxValidationCode;

/** Makes what is sent; everything that changes the state on the way there is done when it resolves. */
type Make = () => Promise<OutsideTransaction & { readonly isConfigured?: boolean }>;

let network: TestNetwork;
let member: Signer;
let client: OutsideClient;
/** Runs in the tick in which the engine gets the next envelope, before it gets it. */
let beforeOrder: ((ledger: Ledger) => Promise<void>) | undefined;

const contract: Contract = {
  ...keyValueContract,
  functions: {
    ...keyValueContract.functions,
    /** Writes down how many keys there are in a range. */
    async tally({ stub }, start = "", end = "") {
      const rows = await stub.getStateByRange(start, end);
      let count = 0;
      while (!(await rows.next()).done) count += 1;
      await rows.close();
      await stub.putState("tally", Buffer.from(String(count)));
      return String(count);
    },
  },
};

beforeAll(async () => {
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        if (name === "order") {
          return async (request: Parameters<Ledger["order"]>[0]) => {
            const work = beforeOrder;
            beforeOrder = undefined;
            await work?.(target);
            return target.order(request);
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  network = await startTestNetwork({ organizations: ["Org1MSP", "Org2MSP"], contracts: [contract], wrapLedger });
  member = await network.organization().member();
  client = new OutsideClient(network, member);
});
afterAll(async () => {
  client?.close();
  await network?.close();
});

const bent = (bend: Parameters<typeof bentTransaction>[2] = {}) => bentTransaction(network, member, bend);
const put = (namespace: string, ...keys: string[]) =>
  namespaceResults(namespace, { writes: keys.map((key) => ({ key, value: Buffer.from("1") })) });
const call = (...args: string[]) => client.endorse({ args });
const order = async ({ envelope }: OutsideTransaction) => expect(await client.broadcast(envelope)).toMatchObject([OK]);
const OK = { status: 200 };

/** Endorsed, then overtaken. */
async function overtaken(late: readonly string[], first: readonly string[]): Promise<OutsideTransaction> {
  const transaction = await call(...late);
  await order(await call(...first));
  return transaction;
}

/** A revocation of the creator that has its place in the log before the envelope, which was taken when it was not yet in force. */
async function revokedOnTheWay() {
  const creator = await network.organization().member();
  const { serialNumber } = certificateSummary(creator.certificatePem);
  const list = await network.organization().revocationList([{ serialNumber }]);
  const config = await network.ledger.config("ch1");
  const organizations = config.organizations.map((one) =>
    one.mspId === creator.mspId ? { ...one, revocationLists: [list] } : one,
  );
  const signers = network.organizations.map(({ checkpointSigner }) => checkpointSigner);
  beforeOrder = async (ledger) => {
    ledger.updateChannel({ ...config, organizations }, signers).catch(() => undefined);
    // Two steps bring it into the queue; the disk cannot have answered before this tick is over.
    await Promise.resolve();
    await Promise.resolve();
  };
  return { ...(await bentTransaction(network, creator, { namespaces: [put("kv", "revoked")] })), isConfigured: true };
}

/** By code and cause. Each is a good transaction with one thing bent. */
const PRODUCED: Partial<Record<CodeName, Readonly<Record<string, Make>>>> = {
  VALID: { "a good transaction": () => bent(), "what the gateway endorsed": () => call("put", "good", "1") },
  BAD_COMMON_HEADER: {
    "an epoch": () => bent({ change: { channelHeader: (header) => header.setEpoch(1) } }),
    "a header type that nobody knows": () => bent({ change: { channelHeader: (header) => header.setType(99) } }),
    "a nonce of no bytes": () => bent({ nonce: new Uint8Array(0) }),
  },
  BAD_CREATOR_SIGNATURE: { "a creator who is revoked on the way": revokedOnTheWay },
  INVALID_ENDORSER_TRANSACTION: {
    "the hash of another proposal": () =>
      bent({ change: { responsePayload: (payload) => payload.setProposalHash(Buffer.alloc(32)) } }),
    "no action": () => bent({ change: { transaction: (transaction) => transaction.clearActionsList() } }),
    "another's signature header": () =>
      bent({ change: { transactionAction: (action) => action.setHeader(Buffer.from("other")) } }),
    "transient data": () =>
      bent({ change: { proposalPayload: (payload) => payload.getTransientmapMap().set("secret", Buffer.of(1)) } }),
  },
  BAD_PROPOSAL_TXID: { "an id of its own": async () => bent({ txId: "0123456789abcdef".repeat(4) }) },
  ENDORSEMENT_POLICY_FAILURE: {
    "one organization of two": () => bent({ endorsers: [peerOf(network, "Org1MSP")] }),
    "one organization twice": () => bent({ endorsers: [peerOf(network, "Org1MSP"), peerOf(network, "Org1MSP")] }),
    "nobody's endorsement": () => bent({ endorsers: [] }),
    "the endorsement of a client": () => bent({ endorsers: [peerOf(network, "Org1MSP"), testMember(member)] }),
    "an endorsement signed with another's key": () => {
      const [one, two] = [peerOf(network, "Org1MSP"), peerOf(network, "Org2MSP")];
      return bent({ endorsers: [one, { ...two, sign: one.sign }] });
    },
    "the definitions of contracts rewritten by one": () =>
      bent({ contract: "_lifecycle", endorsers: [peerOf(network, "Org1MSP")], namespaces: [put("_lifecycle", "a")] }),
  },
  MVCC_READ_CONFLICT: {
    "a key that changed": () => overtaken(["add", "counter", "1"], ["add", "counter", "5"]),
  },
  PHANTOM_READ_CONFLICT: {
    "a key that came into a range": () => overtaken(["tally", "range a", "range z"], ["put", "range b", "1"]),
  },
  BAD_HEADER_EXTENSION: {
    "an extension that is no message": () =>
      bent({ change: { channelHeader: (header) => header.setExtension$(Buffer.of(0xff)) } }),
  },
  BAD_RESPONSE_PAYLOAD: {
    "an action that is no message": () =>
      bent({ change: { responsePayload: (payload) => payload.setExtension$(Buffer.of(0xff)) } }),
    "a response that is an error": () => bent({ response: { status: 500, message: "no", payload: new Uint8Array(0) } }),
  },
  BAD_RWSET: {
    "a read-write set that is no message": () =>
      bent({ change: { action: (action) => action.setResults(Buffer.of(0xff)) } }),
    "a key read twice": () => bent({ namespaces: [namespaceResults("kv", { reads: [{ key: "a" }, { key: "a" }] })] }),
  },
  ILLEGAL_WRITESET: {
    "a namespace twice": () => bent({ namespaces: [put("kv", "a"), put("kv", "b")] }),
    "the namespace of a system contract": () => bent({ namespaces: [put("kv", "a"), put("lscc", "a")] }),
    "the rows behind metadata": () => bent({ namespaces: [put("kv", "a"), put("kv$meta", "a")] }),
    "the channel's configuration": () => bent({ namespaces: [put("kv", "a"), put("_config", "a")] }),
  },
  INVALID_WRITESET: {
    "a key written twice": () => bent({ namespaces: [put("kv", "a", "a")] }),
    "metadata without a write": () =>
      bent({ namespaces: [namespaceResults("kv", { metadataWrites: [{ key: "a", entries: [] }] })] }),
  },
  INVALID_CHAINCODE: {
    "a contract that nobody defined": () => bent({ contract: "none", namespaces: [] }),
    "writes of a contract that nobody defined": () => bent({ namespaces: [put("kv", "a"), put("none", "a")] }),
    "another contract in the header": () =>
      bent({ change: { channelHeader: (header) => header.setExtension$(extensionOf("other")) } }),
    "no version": () => bent({ contractVersion: "" }),
  },
  INVALID_OTHER_REASON: {
    "a header extension without a contract": () =>
      bent({ change: { channelHeader: (header) => header.setExtension$(new Uint8Array(0)) } }),
    "another contract's event": () =>
      bent({ change: { action: (action) => action.setEvents(writeMessage([1, "other"], [3, "name"])) } }),
  },
};

/** Shown in duplicate-ids.test.ts. */
const SHOWN_ELSEWHERE: readonly CodeName[] = ["DUPLICATE_TXID"];

/** Codes that no block of this ledger has: why, and, where somebody might try, what the orderer says. */
const IMPOSSIBLE: Partial<
  Record<CodeName, { readonly why: string; readonly envelope?: Make | Uint8Array; readonly status?: number }>
> = {
  NIL_ENVELOPE: {
    why: "The orderer takes no envelope without a payload: it would not know the channel.",
    envelope: new Uint8Array(0),
    status: 400,
  },
  BAD_PAYLOAD: {
    why: "The orderer takes no payload that it cannot read.",
    envelope: writeMessage([1, Buffer.of(0xff)], [2, "signature"]),
    status: 400,
  },
  BAD_CHANNEL_HEADER: {
    why: "The orderer takes no channel header that it cannot read.",
    envelope: writeMessage([1, writeMessage([1, writeMessage([1, Buffer.of(0xff)], [2, "x"])])], [2, "signature"]),
    status: 400,
  },
  TARGET_CHAIN_NOT_FOUND: {
    why: "An envelope goes to the channel that it names, or to none.",
    envelope: () => bent({ channelId: "ch2" }),
    status: 404,
  },
  INVALID_CONFIG_TRANSACTION: {
    why: "Configurations are written by the engine alone; the orderer takes none from outside.",
    envelope: () => bent({ change: { channelHeader: (header) => header.setType(common.HeaderType.CONFIG) } }),
    status: 400,
  },
  UNSUPPORTED_TX_PAYLOAD: {
    why: "Only configuration updates have a known type that no validator takes, and the orderer takes none.",
    envelope: () => bent({ change: { channelHeader: (header) => header.setType(common.HeaderType.CONFIG_UPDATE) } }),
    status: 501,
  },
  UNKNOWN_TX_TYPE: { why: "An unknown type is found earlier, as BAD_COMMON_HEADER; so it is on Fabric." },
  MARSHAL_TX_ERROR: { why: "Envelopes are kept as the bytes that came; nothing writes them anew." },
  NIL_TXACTION: { why: "Fabric's second reading finds it; here an envelope is read once, to code 5 or 21." },
  EXPIRED_CHAINCODE: { why: "Fabric 1's contract lifecycle gave it; the present one never does." },
  CHAINCODE_VERSION_CONFLICT: { why: "Fabric 1's contract lifecycle gave it; the present one never does." },
  NOT_VALIDATED: { why: "A transaction gets its verdict together with its place in a block." },
};

const extensionOf = (name: string) => writeMessage([2, writeMessage([2, name])]);

/** Everything that a client can ask about what became of a transaction. */
async function lookUp({ txId, envelope }: OutsideTransaction) {
  const status = await client.commitStatus(txId);
  const filtered = await client.filteredBlock(status.block);
  const entry = filtered.getFilteredTransactionsList().findIndex((one) => one.getTxid() === txId);
  const { payload } = await client.query("qscc", "GetTransactionByID", "ch1", txId);
  const processed = messages.ProcessedTransaction.deserializeBinary(payload);
  const block = await client.query("qscc", "GetBlockByTxID", "ch1", txId);
  const whole = common.Block.deserializeBinary(block.payload);
  const { leaf } = await network.ledger.receipt("ch1", txId);
  return {
    status: status.code,
    filtered: filtered.getFilteredTransactionsList()[entry]?.getTxValidationCode(),
    filter: filterOf(whole)[entry],
    processed: processed.getValidationcode(),
    isInPlace: Buffer.from(whole.getData()?.getDataList_asU8()[entry] ?? []).equals(envelope),
    isSameEnvelope: Buffer.from(processed.getTransactionenvelope()?.serializeBinary() ?? []).equals(envelope),
    receipt: leaf.validationCode,
    isReceiptOfThis: leaf.envelopeSha256 === createHash("sha256").update(envelope).digest("hex"),
  };
}

const cases = Object.entries(PRODUCED).flatMap(([code, causes]) =>
  Object.entries(causes ?? {}).map(([cause, make]) => ({ code, cause, make })),
);

describe("a transaction that comes through Broadcast", () => {
  it.each(cases)("gets $code for $cause", async ({ code, make }) => {
    const expected = Object.entries(messages.TxValidationCode).find(([name]) => name === code)?.[1] ?? -1;
    const sent = await make();
    const isValid = expected === messages.TxValidationCode.VALID;
    const before = await network.ledger.stateHash("ch1");
    await order(sent);
    const codes = { status: expected, filtered: expected, filter: expected, processed: expected, receipt: expected };
    expect(await lookUp(sent)).toEqual({ ...codes, isInPlace: true, isSameEnvelope: true, isReceiptOfThis: true });
    expect(await network.ledger.hasTransaction("ch1", sent.txId)).toBe(isValid);
    if (sent.isConfigured === true) {
      // The configuration is part of the state: compared is what the transaction wrote.
      expect(await read("revoked")).toBe("");
      const [{ revocationLists } = {}] = (await network.ledger.config("ch1")).organizations;
      expect(revocationLists).toHaveLength(1);
    } else {
      expect((await network.ledger.stateHash("ch1")) === before).toBe(!isValid);
    }
  });

  it.each(
    Object.entries(IMPOSSIBLE).flatMap(([code, { why = "", envelope, status } = { why: "" }]) =>
      envelope === undefined ? [] : [{ code, why, envelope, status }],
    ),
  )("never gets $code: $why", async ({ envelope, status }) => {
    const before = await network.ledger.status("ch1");
    const sent = envelope instanceof Uint8Array ? envelope : (await envelope()).envelope;
    expect(await client.broadcast(sent)).toMatchObject([{ status }]);
    const { height, transactionCount } = await network.ledger.status("ch1");
    expect({ height, transactionCount }).toEqual({
      height: before.height,
      transactionCount: before.transactionCount,
    });
  });

  it("gets one of the codes that are shown here, or none", () => {
    const named = [...Object.keys(PRODUCED), ...SHOWN_ELSEWHERE, ...Object.keys(IMPOSSIBLE)];
    expect(named.sort()).toEqual(Object.keys(messages.TxValidationCode).sort());
  });
});

async function read(key: string): Promise<string> {
  const creator = { mspId: member.mspId, certificatePem: member.certificatePem };
  const request = { channelId: "ch1", creator, contract: "kv", fn: "get", args: [key] };
  return Buffer.from(await network.ledger.evaluate(request)).toString();
}

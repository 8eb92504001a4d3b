import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../node-crypto.ts";
import { FixtureChannel } from "../testing/channel.ts";
import { fixtureKey, fixtureOrganization } from "../testing/keys.ts";
import { note } from "../testing/note.ts";
import { portableCrypto } from "./crypto.ts";
import { verifyReceipt } from "./verify-receipt.ts";

function makeChannel(origin?: string): FixtureChannel {
  const channel = new FixtureChannel(undefined, origin);
  channel.addConfig();
  for (let block = 1; block <= 4; block += 1) {
    channel.add([
      { writes: [{ key: `key ${block}`, value: "value" }, { key: "gone" }], args: ["key", "\u00e4"] },
      { code: 11, reads: [{ key: "key", version: [1, 0] }] },
      { writes: [{ key: "bytes", value: Buffer.from([0xff, 0xfe]) }] },
    ]);
  }
  return channel;
}

const channel = makeChannel();
const trust = channel.trustBundle();
type ReceiptJson = ReturnType<FixtureChannel["receipt"]>;
const good: ReceiptJson = channel.receipt(3, 0);

describe.each([
  ["node:crypto", nodeCrypto],
  ["portable crypto", portableCrypto],
])("verifyReceipt by %s", (_name, crypto) => {
  it("finds every receipt of a good ledger valid, refused ones refused", () => {
    for (const { number, envelopes } of channel.blocks) {
      for (const index of envelopes.keys()) {
        for (const withEnvelope of [true, false]) {
          const { status, reasons } = verifyReceipt(channel.receipt(number, index, withEnvelope), trust, crypto);
          expect({ number, index, status }).toEqual({ number, index, status: index === 1 ? "refused" : "valid" });
          expect(reasons).toHaveLength(index === 1 ? 1 : 0);
        }
      }
    }
  });
});

describe("verifyReceipt", () => {
  it("decodes the block, the creator, the call and the writes", () => {
    const { facts } = verifyReceipt(good, trust);
    expect(facts).toMatchObject({
      origin: channel.origin,
      block: 3,
      index: 0,
      leafIndex: 7,
      treeSize: 10,
      txId: good.leaf.txId,
      kind: "serial",
      validationName: "VALID",
      headerHash: channel.blocks[3]?.headerHash.toString("hex"),
      signedBy: ["Org1MSP", "Org2MSP"],
    });
    expect(facts?.transaction).toMatchObject({
      type: "transaction",
      channelId: "ltl-1",
      time: "2023-11-14T22:13:28.500000000Z",
      creator: {
        mspId: "Org1MSP",
        commonName: "user@Org1MSP",
        attributes: { tenant: "1000000000000001", principal: "2000000000000002" },
      },
      contract: "evidence",
      functionName: "set",
      arguments: [
        { encoding: "utf8", value: "key" },
        { encoding: "utf8", value: "\u00e4" },
      ],
      writes: [
        { namespace: "evidence", key: "key 3", isDelete: false, value: { encoding: "utf8", value: "value" } },
        { namespace: "evidence", key: "gone", isDelete: true },
      ],
    });
    const other = verifyReceipt(channel.receipt(3, 2), trust).facts?.transaction;
    expect(other?.writes[0]?.value).toEqual({ encoding: "base64", value: "//4=" });
    const refused = verifyReceipt(channel.receipt(3, 1), trust);
    expect(refused.reasons[0]).toContain("MVCC_READ_CONFLICT");
    expect(refused.facts?.transaction?.response).toMatchObject({ status: 500, message: "KEY_EXISTS" });
    expect(refused.facts?.transaction?.reads).toEqual([
      { namespace: "evidence", key: "key", version: { block: 1, index: 0 } },
    ]);
  });

  it("says unauthenticated without a bundle, or when the bundle knows no key for the log or the block", () => {
    const otherLog = new FixtureChannel(undefined, "concordat/ffffffffffffffff/ltl-1").trustBundle();
    for (const bundle of [
      undefined,
      { ...trust, channels: [] },
      otherLog,
      channel.trustBundle(4),
      channel.trustBundle(0, 2),
    ]) {
      expect(verifyReceipt(good, bundle).status).toBe("unauthenticated");
    }
    expect(verifyReceipt(channel.receipt(3, 1), undefined).status).toBe("unauthenticated");
  });

  it("refuses any other value of any field", () => {
    const otherBlock = channel.receipt(2, 0);
    const changes: Record<string, readonly unknown[]> = {
      format: ["concordat-receipt/2", "", 1, null],
      origin: ["concordat/0123456789abcdef/ltl-2", "concordat/0123456789abcdee/ltl-1", "x", 7, null],
      leaf: [otherBlock.leaf, null, [], "leaf", { ...good.leaf, more: 1 }],
      leafIndex: [0, 6, 8, 9, 10, -1, 7.5, "7", null, 2 ** 53, -0],
      inclusionPath: [
        otherBlock.inclusionPath,
        good.inclusionPath.slice(1),
        good.inclusionPath.slice(0, -1),
        [...good.inclusionPath, good.inclusionPath[0]],
        good.inclusionPath.toReversed(),
        good.inclusionPath.map((hash) => hash.slice(0, -1)),
        good.inclusionPath.map((hash) => `${hash} `),
        [Buffer.alloc(31).toString("base64")],
        Array.from({ length: 64 }, () => good.inclusionPath[0]),
        "path",
        null,
        [1],
      ],
      checkpoint: [otherBlock.checkpoint, good.checkpoint.slice(0, -1), `${good.checkpoint}\n`, "", null, 1],
      envelope: [otherBlock.envelope, "", "AA==", "AA", "A A=", null, 3],
    };
    for (const [field, values] of Object.entries(changes)) {
      for (const value of values) {
        const verdict = verifyReceipt({ ...good, [field]: value }, trust);
        expect({ field, value, status: verdict.status }).toEqual({ field, value, status: "invalid" });
        expect(verdict.reasons.length).toBeGreaterThan(0);
      }
    }
    const leafChanges: Record<string, readonly unknown[]> = {
      kind: [0, 2, 3, -1, "1", null],
      validationCode: [1, 11, 255, 256, -1, "0", null],
      block: [2, 4, 2 ** 40, "3", null],
      index: [1, 2, 7, 8, 2 ** 32, "0"],
      envelopeSha256: [otherBlock.leaf.envelopeSha256, good.leaf.envelopeSha256.toUpperCase(), "", "00", null],
      txId: [otherBlock.leaf.txId, good.leaf.txId.toUpperCase(), "", `${good.leaf.txId}\u0000`, "\u00e4", null],
    };
    for (const [field, values] of Object.entries(leafChanges)) {
      for (const value of values) {
        for (const receipt of [good, channel.receipt(3, 0, false)]) {
          const { status } = verifyReceipt({ ...receipt, leaf: { ...receipt.leaf, [field]: value } }, trust);
          expect({ field, value, status }).toEqual({ field, value, status: "invalid" });
        }
      }
    }
  });

  it("refuses a receipt with a field too few or too many", () => {
    for (const field of ["format", "origin", "leaf", "leafIndex", "inclusionPath", "checkpoint"]) {
      const { [field as "format"]: _left, ...rest } = good;
      expect(verifyReceipt(rest, trust).status).toBe("invalid");
    }
    expect(verifyReceipt({ ...good, envelop: good.envelope }, trust).status).toBe("invalid");
  });

  it("refuses signatures redone with other keys, even when the forger's tree is sound", () => {
    const forger = new FixtureChannel([
      {
        ...fixtureOrganization("Org1MSP"),
        checkpointKeys: [{ key: fixtureKey("forger 1"), certificate: Buffer.alloc(0) }],
      },
      {
        ...fixtureOrganization("Org2MSP"),
        checkpointKeys: [{ key: fixtureKey("forger 2"), certificate: Buffer.alloc(0) }],
      },
    ]);
    forger.addConfig();
    forger.add([{ writes: [{ key: "forged", value: "x" }] }]);
    const forged = forger.receipt(1, 0);
    expect(verifyReceipt(forged, forger.trustBundle()).status).toBe("valid");
    expect(verifyReceipt(forged, undefined).status).toBe("unauthenticated");
    const { status, reasons } = verifyReceipt(forged, trust);
    expect(status).toBe("invalid");
    expect(reasons).toEqual([
      "the checkpoint is not signed by a trusted key of Org1MSP",
      "the checkpoint is not signed by a trusted key of Org2MSP",
    ]);
  });

  it("refuses a checkpoint that one organization has not signed, or signed for another", () => {
    const body = good.checkpoint.slice(0, good.checkpoint.indexOf("\n\n") + 1);
    const signers = channel.organizations.map(({ mspId, checkpointKeys }) => ({
      mspId,
      key: checkpointKeys[0]?.key ?? fixtureKey(""),
    }));
    const [first, second] = signers;
    if (first === undefined || second === undefined) throw new Error("The fixture has two organizations.");
    const status = (list: typeof signers) =>
      verifyReceipt({ ...good, checkpoint: note(channel.origin, body, list) }, trust).status;
    expect(status([first, second])).toBe("valid");
    expect(status([first])).toBe("invalid");
    expect(status([first, { mspId: "Org2MSP", key: first.key }])).toBe("invalid");
    expect(status([first, { mspId: "Org3MSP", key: second.key }])).toBe("invalid");
    expect(status([first, second, { mspId: "Org3MSP", key: fixtureKey("stranger") }])).toBe("valid");
  });

  it("refuses another log's checkpoint, path and whole receipt under this log's name", () => {
    const other = makeChannel("concordat/0123456789abcdef/ltl-2");
    const foreign = other.receipt(3, 0);
    expect(verifyReceipt(foreign, other.trustBundle()).status).toBe("valid");
    expect(verifyReceipt({ ...good, checkpoint: foreign.checkpoint }, trust).status).toBe("invalid");
    expect(verifyReceipt({ ...good, inclusionPath: foreign.inclusionPath }, trust).status).toBe("invalid");
    expect(verifyReceipt({ ...foreign, origin: channel.origin }, trust).status).toBe("invalid");
    expect(verifyReceipt({ ...foreign, origin: channel.origin }, undefined).status).toBe("invalid");
  });

  it("refuses every single-bit change of the envelope and of the checkpoint", () => {
    const envelope = Buffer.from(good.envelope ?? "", "base64");
    const checkpoint = Buffer.from(good.checkpoint);
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }), (inEnvelope, position, bit) => {
        const changed = Buffer.from(inEnvelope ? envelope : checkpoint);
        const at = position % changed.length;
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const receipt = inEnvelope
          ? { ...good, envelope: changed.toString("base64") }
          : { ...good, checkpoint: changed.toString("utf8") };
        expect(verifyReceipt(receipt, trust, nodeCrypto).status).toBe("invalid");
      }),
      { numRuns: 400 },
    );
  });

  it("answers invalid to anything at all, and never throws", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (receipt, bundle) => {
        expect(verifyReceipt(receipt, bundle).status).toBe("invalid");
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.anything(), (bundle) => {
        expect(["invalid", "unauthenticated"]).toContain(verifyReceipt(good, bundle).status);
      }),
      { numRuns: 200 },
    );
    const trap = {
      get format(): string {
        throw new TypeError("trap");
      },
    };
    expect(verifyReceipt(trap, trust).status).toBe("invalid");
  });
});

import { describe, expect, it } from "vitest";
import { bytesField } from "../../testing/encode.ts";
import { sha256 } from "../../testing/envelopes.ts";
import { ed25519Key, FixtureAuthority, p256Key, p384Key, withAuthority } from "../../testing/members.ts";
import {
  addOutside,
  authority1,
  authority2,
  both,
  client1,
  client2,
  define,
  first,
  makeOutsideChannel,
  type OutsideItem,
  organizations,
  peer1,
  peer2,
  peerOf1,
  peerOf2,
  revokedClient,
  revokedPeer,
} from "../../testing/outside-ledger.ts";
import { LedgerFolder } from "../../testing/sample-ledger.ts";

const folder = new LedgerFolder();
const stranger = new FixtureAuthority("Org1MSP", "stranger");
const write = (key: string, value = "1") => ({ writes: [{ key, value }] });
const asset = (set: NonNullable<OutsideItem["sets"]>[number]) => [{ namespace: "asset", ...set }];
const member = (units: readonly string[], more: { from?: string; to?: string } = {}) =>
  authority1.member({ units, serial: 70, ...more });
/** Seconds of 2023-11-14, when the fixtures' transactions are. */
const BEFORE = { to: "231101000000Z" };
const AFTER = { from: "231201000000Z" };

async function verifyWith(...items: readonly OutsideItem[]) {
  const channel = makeOutsideChannel();
  addOutside(channel, items);
  channel.write(folder.directory);
  return folder.verify();
}

describe("transactions from outside", () => {
  it("verify, with their effects in every namespace, beside serial ones", async () => {
    makeOutsideChannel().write(folder.directory);
    const { valid, fault, channel, notes } = await folder.verify();
    expect(fault).toBeUndefined();
    expect(valid).toBe(true);
    expect(channel?.kinds).toEqual({ configuration: 1, serial: 1, optimistic: 10 });
    expect(channel?.uncheckedPolicies).toBe(0);
    expect(notes.join()).not.toContain("policies");
  });

  const good: readonly [string, OutsideItem][] = [
    [
      "an Ed25519 creator",
      { ...both, creator: authority1.member({ units: ["client"], serial: 71, key: ed25519Key() }) },
    ],
    ["a P-384 creator", { ...both, creator: authority1.member({ units: ["client"], serial: 72, key: p384Key() }) }],
    [
      "a P-384 endorser",
      { creator: client1, endorsers: [authority1.member({ units: ["peer"], serial: 73, key: p384Key() }), peer2] },
    ],
    [
      "two peers of one organization, where they are enough",
      { creator: client1, contract: "pair", endorsers: [peer1, member(["peer"])] },
    ],
    ["a peer of each, where they are enough", { creator: client1, contract: "pair", endorsers: [peer2, peer1] }],
    [
      "a key without its metadata any more",
      {
        ...first,
        endorsers: [peer2],
        contract: "asset",
        sets: asset({ ...write("owned"), metadata: [{ key: "owned", entries: {} }] }),
      },
    ],
    [
      "the same read in a range query",
      { ...both, sets: [{ reads: [{ key: "b", version: [1, 1] }], rangeReads: [{ key: "b", version: [1, 1] }] }] },
    ],
  ];
  it.each(good)("take %s", async (_name, item) => {
    expect((await verifyWith(item)).fault).toBeUndefined();
  });

  describe("are refused for one wrong thing", () => {
    const cases: readonly [string, OutsideItem, string][] = [
      // The creator.
      ["a wrong creator signature", { ...both, signer: peer1 }, "the creator's signature is not valid"],
      ["a creator's signature with s in the upper half", { ...both, signatureHalf: "high" }, "lower half"],
      [
        "a foreign certificate",
        { ...both, creator: stranger.member({ units: ["client"], serial: 10 }) },
        "not issued by Org1MSP",
      ],
      [
        "a creator of an unknown organization",
        { ...both, creator: new FixtureAuthority("Org9MSP").member({ units: ["client"], serial: 1 }) },
        "no organization Org9MSP",
      ],
      ["a certificate that was expired at its time", { ...both, creator: member(["client"], BEFORE) }, "not in force"],
      ["a certificate that was not yet in force", { ...both, creator: member(["client"], AFTER) }, "not in force"],
      ["a creator without a node unit", { ...both, creator: member(["sales"]) }, "exactly one node unit"],
      ["a creator with two node units", { ...both, creator: member(["client", "peer"]) }, "exactly one node unit"],
      ["a revoked creator", { ...both, creator: revokedClient }, "revoked"],
      // Headers and proposal.
      ["a wrong transaction id", { ...both, txId: "ab".repeat(32) }, "transaction id"],
      ["an empty transaction id", { ...both, txId: "" }, "1 to 255 ASCII"],
      ["a transaction id that is not ASCII", { ...both, code: 8, txId: "\u00e9" }, "1 to 255 ASCII"],
      ["an id that a valid transaction has", { ...both, nonce: "concordat/0123456789abcdef/ltl-1 3" }, "same id"],
      ["another channel", { ...both, channelId: "other" }, "another channel"],
      ["another channel, refused", { ...both, code: 14, channelId: "other" }, "another channel"],
      ["another header type", { ...both, type: 1 }, "marked as a transaction"],
      ["an epoch", { ...both, epoch: 1 }, "epoch"],
      ["no chaincode in the header", { ...both, noContract: true }, "names no chaincode"],
      ["a header twice", { ...both, headerTwice: true }, "stands twice"],
      ["a wrong proposal hash", { ...both, proposalHash: sha256(Buffer.from("x")) }, "proposal hash"],
      ["a transient map", { ...both, transient: true }, "transient"],
      ["a second action", { ...both, secondAction: true }, "exactly one action"],
      ["another header in the action", { ...both, actionHeader: Buffer.from("x") }, "signature header"],
      ["another chaincode in the action", { ...both, actionContract: "asset" }, "another chaincode"],
      ["no version of the chaincode", { ...both, version: "" }, "version of the chaincode"],
      ["a failed response", { ...both, status: 500 }, "status 500"],
      [
        "a refused one whose creator did not sign",
        { ...both, code: 10, signer: peer1 },
        "the creator's signature is not valid",
      ],
      // Endorsements.
      [
        "an endorsement by a client",
        { creator: client1, endorsers: [peer1, client2] },
        "do not meet the policy of evidence",
      ],
      ["a missing endorsement", { ...first, sets: [write("x")] }, "do not meet the policy of evidence"],
      ["no endorsement", { creator: client1, endorsers: [] }, "do not meet"],
      ["a forged endorsement", { ...both, endorsementSigner: client2 }, "endorsement 1 is not valid"],
      ["an endorsement with s in the upper half", { ...both, endorsementHalf: "high" }, "lower half"],
      ["a revoked endorser", { creator: client1, endorsers: [revokedPeer, peer2] }, "revoked"],
      [
        "a foreign endorser",
        { creator: client1, endorsers: [stranger.member({ units: ["peer"], serial: 5 }), peer2] },
        "endorser is no member",
      ],
      [
        "one endorser twice",
        { creator: client1, contract: "pair", endorsers: [peer1, peer1] },
        "do not meet the policy of pair",
      ],
      // Policies.
      ["a chaincode that is not defined", { ...both, contract: "nothing" }, "no chaincode"],
      [
        "a write to a namespace without a chaincode",
        { ...both, sets: [{ namespace: "nothing", ...write("x") }] },
        "no chaincode",
      ],
      [
        "a definition's policy that is not met",
        { creator: client2, contract: "asset", endorsers: [peer2], sets: asset(write("plain")) },
        "policy of asset",
      ],
      [
        "the policy of another written namespace",
        { ...first, contract: "asset", sets: [{ namespace: "asset", ...write("x") }, write("x")] },
        "policy of evidence",
      ],
      [
        "a key's own policy that is not met",
        { ...both, endorsers: [peer1], contract: "asset", sets: asset(write("owned")) },
        'key "owned"',
      ],
      [
        "a key's own policy beside a key without one",
        {
          creator: client2,
          contract: "asset",
          endorsers: [peer2],
          sets: asset({
            writes: [
              { key: "owned", value: "3" },
              { key: "plain", value: "3" },
            ],
          }),
        },
        "policy of asset",
      ],
      [
        "nothing written to the invoked namespace",
        { creator: client2, contract: "asset", endorsers: [peer2] },
        "policy of asset",
      ],
      [
        "a definition by one organization",
        { ...define("more", bytesField(1, peerOf1)), endorsers: [peer1] },
        "policy of _lifecycle",
      ],
      [
        "an approval for another organization",
        {
          ...first,
          contract: "_lifecycle",
          sets: [{ namespace: "_lifecycle", ...write("approvals/Org2MSP/asset/2") }],
        },
        "policy of _lifecycle",
      ],
      [
        "an approval and more",
        {
          ...first,
          contract: "_lifecycle",
          sets: [
            {
              namespace: "_lifecycle",
              writes: [
                { key: "approvals/Org1MSP/asset/2", value: "{}" },
                { key: "other", value: "" },
              ],
            },
          ],
        },
        "policy of _lifecycle",
      ],
      [
        "an approval endorsed by another organization",
        {
          creator: client1,
          endorsers: [peer2],
          contract: "_lifecycle",
          sets: [{ namespace: "_lifecycle", ...write("approvals/Org1MSP/asset/2") }],
        },
        "policy of _lifecycle",
      ],
      // Reads and writes.
      ["a stale read", { ...both, sets: [{ reads: [{ key: "b", version: [1, 0] }] }] }, "at a version"],
      ["a read of a key that is there as absent", { ...both, sets: [{ reads: [{ key: "b" }] }] }, "at a version"],
      [
        "a read of an absent key at the first version",
        { ...both, sets: [{ reads: [{ key: "zzz", version: [0, 0] }] }] },
        "at a version",
      ],
      [
        "a read of what a refused one wrote",
        { ...both, sets: [{ reads: [{ key: "never", version: [1, 2] }] }] },
        "at a version",
      ],
      [
        "a stale read in another namespace",
        { ...both, sets: [{ namespace: "asset", reads: [{ key: "owned", version: [2, 0] }] }] },
        "at a version",
      ],
      ["a stale raw read", { ...both, sets: [{ rangeReads: [{ key: "b", version: [9, 9] }] }] }, "at a version"],
      ["a range query given by hashes", { ...both, sets: [{ rangeReads: [], rangeHashes: true }] }, "by hashes"],
      ["another data model", { ...both, dataModel: 1 }, "data model"],
      ["a namespace twice", { ...both, sets: [write("x"), write("y")] }, "namespace twice"],
      [
        "a namespace of metadata",
        { ...both, sets: [{ namespace: "asset$meta", ...write("x") }] },
        "impossible namespace",
      ],
      ["a collection", { ...both, sets: [{ collection: true }] }, "collection"],
      [
        "a key read twice",
        {
          ...both,
          sets: [
            {
              reads: [
                { key: "b", version: [1, 1] },
                { key: "b", version: [1, 1] },
              ],
            },
          ],
        },
        "reads a key twice",
      ],
      [
        "a key written twice",
        {
          ...both,
          sets: [
            {
              writes: [
                { key: "x", value: "1" },
                { key: "x", value: "2" },
              ],
            },
          ],
        },
        "writes a key twice",
      ],
      [
        "metadata without a write",
        { ...both, sets: [{ metadata: [{ key: "x", entries: { VALIDATION_PARAMETER: peerOf2 } }] }] },
        "does not write",
      ],
      [
        "a deletion that leaves metadata",
        { ...first, endorsers: [peer2], contract: "asset", sets: asset({ writes: [{ key: "owned" }] }) },
        "leaves its metadata",
      ],
      ["a transaction that cannot be read", { ...both, data: Buffer.from("\u0007") }, "impossible field number"],
    ];
    it.each(cases)("%s", async (_name, item, message) => {
      const { valid, fault } = await verifyWith(item);
      expect(valid).toBe(false);
      expect(fault?.block).toBe(4);
      expect(fault?.message).toContain("envelope 0");
      expect(fault?.message).toContain(message);
    });

    it("is no concern of a refused one, which has no effect", async () => {
      const refusals: OutsideItem[] = [
        { ...first, code: 10, sets: [write("b")] },
        { ...both, code: 4, creator: revokedClient },
        { ...both, code: 8, txId: "not a hash" },
        { ...both, code: 255, data: Buffer.from("\u0007") },
        { ...define("asset", bytesField(1, peerOf2)), code: 10, endorsers: [] },
        { ...first, contract: "asset", sets: [{ namespace: "asset", ...write("more") }] },
        { ...both, sets: [{ reads: [{ key: "b", version: [1, 1] }] }] },
      ];
      expect((await verifyWith(...refusals)).fault).toBeUndefined();
    });
  });

  it("of kind 1 do not reach the namespaces of the system", async () => {
    const channel = makeOutsideChannel();
    channel.add([{ namespace: "_lifecycle", writes: [{ key: "definitions/asset", value: "{}" }] }]);
    channel.write(folder.directory);
    expect((await folder.verify()).fault?.message).toContain("system namespace");
  });

  it("are judged by the configuration before their block", async () => {
    const [first1, second] = organizations;
    const channel = makeOutsideChannel();
    addOutside(channel, [both]);
    channel.addConfig({
      organizations: [
        first1,
        { ...second, revocationLists: [...(second.revocationLists ?? []), authority2.revocationList([21])] },
      ],
    });
    addOutside(channel, [{ ...first, code: 10 }]);
    channel.write(folder.directory);
    expect((await folder.verify()).fault).toBeUndefined();
    addOutside(channel, [both]);
    channel.write(folder.directory);
    const { fault } = await folder.verify();
    expect(fault?.block).toBe(7);
    expect(fault?.message).toContain("endorser is no member: the certificate is revoked");
  });

  it("are not stopped by a list that no authority of the organization signed", async () => {
    const [first1] = organizations;
    const foreign = new FixtureAuthority("Org2MSP", "stranger").revocationList([21]);
    const forged = authority2.revocationList([21], p256Key("somebody else"));
    for (const list of [foreign, forged]) {
      const channel = makeOutsideChannel();
      channel.addConfig({ organizations: [first1, withAuthority(new FixtureAuthority("Org2MSP"), [list])] });
      addOutside(channel, [both]);
      channel.write(folder.directory);
      expect((await folder.verify()).fault).toBeUndefined();
    }
  });

  it("need lists that can be read", async () => {
    const [first1] = organizations;
    const channel = makeOutsideChannel();
    channel.addConfig({ organizations: [first1, withAuthority(new FixtureAuthority("Org2MSP"), ["no list"])] });
    channel.write(folder.directory);
    expect((await folder.verify()).fault).toMatchObject({ block: 4, message: expect.stringContaining("not PEM") });
  });
});

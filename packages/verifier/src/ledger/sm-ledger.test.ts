import { describe, expect, it } from "vitest";
import { type BlockChanges, FixtureChannel } from "../testing/channel.ts";
import { fixtureKey, fixtureOrganization, sm2FixtureKey } from "../testing/keys.ts";
import { LedgerFolder, write } from "../testing/sample-ledger.ts";

const folder = new LedgerFolder();
const sm1 = fixtureOrganization("Org1MSP", { sm: true });
const sm2 = fixtureOrganization("Org2MSP", { sm: true });
const next = fixtureOrganization("Org2MSP", { sm: true, generations: ["2"] });

function makeSmChannel(changes: BlockChanges = {}): FixtureChannel {
  const channel = new FixtureChannel([sm1, sm2], undefined, "sm");
  channel.addConfig();
  channel.add([write("a"), write("b"), write("c")]);
  channel.addConfig({ organizations: [sm1, next] });
  channel.add([write("d"), write("e")], changes);
  return channel;
}

async function faultOf(channel: FixtureChannel): Promise<string | undefined> {
  channel.write(folder.directory);
  const { valid, fault } = await folder.verify();
  expect(valid).toBe(fault === undefined);
  return fault?.message;
}

const signer = (mspId: string, key: string, makeKey = fixtureKey) => ({ mspId, key: makeKey(`${mspId} ${key}`) });
const right = [
  signer("Org1MSP", "checkpoint 1"),
  signer("Org1MSP", "checkpoint 1", sm2FixtureKey),
  signer("Org2MSP", "checkpoint 2"),
  signer("Org2MSP", "checkpoint 2", sm2FixtureKey),
];

describe("a whole SM ledger", () => {
  it("is found good", async () => {
    const channel = makeSmChannel();
    expect(await faultOf(channel)).toBeUndefined();
    expect((await folder.verify({ trust: channel.trustBundle(2) })).fault).toBeUndefined();
  });

  it("is authenticated by a bundle with keys of both kinds only", async () => {
    const channel = new FixtureChannel([sm1], undefined, "sm");
    channel.addConfig();
    channel.add([write("a")]);
    channel.write(folder.directory);
    const trust = channel.trustBundle();
    expect((await folder.verify({ trust })).channel).toMatchObject({ authenticated: true, faults: [] });
    for (const algorithm of ["Ed25519", "SM2"]) {
      const one = structuredClone(trust);
      for (const organization of one.channels[0]?.organizations ?? []) {
        organization.checkpointKeys = organization.checkpointKeys.filter((key) => key.algorithm === algorithm);
      }
      expect((await folder.verify({ trust: one })).channel).toMatchObject({ authenticated: false, faults: [] });
    }
  });

  it.each<[string, BlockChanges, string]>([
    ["another SM3 root", { sm3Root: Buffer.alloc(32, 1) }, "SM3 root is not that of the leaves"],
    ["another SHA-256 root", { root: Buffer.alloc(32, 1) }, "root is not that of the leaves"],
    ["no SM3 root", { hasSm3Line: false }, "SM3 root is not that of the leaves"],
    ["no SM2 signature", { signers: right.filter(({ key }) => key.algorithm !== "SM2") }, "2 signatures instead of 4"],
    [
      "no Ed25519 signature",
      { signers: right.filter(({ key }) => key.algorithm === "SM2") },
      "2 signatures instead of 4",
    ],
    [
      "the SM2 signature of another key",
      { signers: [...right.slice(0, 3), signer("Org2MSP", "checkpoint 1", sm2FixtureKey)] },
      "lacks the signature of Org2MSP",
    ],
  ])("with %s in a checkpoint is refused", async (_name, changes, message) => {
    expect(await faultOf(makeSmChannel(changes))).toContain(message);
  });

  it.each(["Ed25519", "SM2"])("with a %s signature over something else is refused", async (algorithm) => {
    const signers = right.map(({ mspId, key }) => ({
      mspId,
      key: key.algorithm === algorithm ? { ...key, sign: () => key.sign(Buffer.from("something else")) } : key,
    }));
    expect(await faultOf(makeSmChannel({ signers }))).toMatch(/signature of Org[12]MSP is not valid/);
  });

  it("needs both kinds of key from each organization, for life, and an SM3 root in no other channel", async () => {
    const half = new FixtureChannel([sm1, fixtureOrganization("Org3MSP")], undefined, "sm");
    half.addConfig();
    expect(await faultOf(half)).toContain("Org3MSP does not have both");
    const unnamed = new FixtureChannel([sm1], undefined, "sm");
    unnamed.addConfig({ cryptography: undefined });
    expect(await faultOf(unnamed)).toContain("the channel is not one of SM");
    const unknown = new FixtureChannel([sm1], undefined, "sm");
    unknown.addConfig({ cryptography: "rsa" });
    expect(await faultOf(unknown)).toContain("unknown cryptography");
    const turned = new FixtureChannel([sm1], undefined, "sm");
    turned.addConfig();
    turned.addConfig({ organizations: [fixtureOrganization("Org1MSP")], cryptography: undefined });
    expect(await faultOf(turned)).toContain("changes the channel's cryptography");
    const plain = new FixtureChannel([fixtureOrganization("Org1MSP")]);
    plain.addConfig();
    plain.add([write("a")], { hasSm3Line: true });
    expect(await faultOf(plain)).toContain("the channel is not one of SM");
  });

  it("does not take a certificate of another kind of key", async () => {
    const [ed25519, other] = sm1.checkpointKeys;
    const mixed = [ed25519, other].flatMap((key) =>
      key === undefined || ed25519 === undefined ? [] : [{ ...key, certificate: ed25519.certificate }],
    );
    const channel = new FixtureChannel([{ ...sm1, checkpointKeys: mixed }], undefined, "sm");
    channel.addConfig();
    expect(await faultOf(channel)).toContain("is for another key");
  });
});

import { sign } from "node:crypto";
import { REVOCATION_REASON } from "@concordat/identity";
import { msp } from "@hyperledger/fabric-protos";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { serializeIdentity } from "../encoding/identity.ts";
import {
  ENDORSED_TIME_MS,
  type MemberOrganization,
  memberChannel,
  memberOrganization,
  type TestMember,
} from "../testing/endorsed-members.ts";
import { isLowS } from "./low-s.ts";
import { createChannelMsps } from "./msps.ts";
import type { ChannelMsps } from "./ports.ts";

const DAY_MS = 86_400_000;
const CURVES = ["P-256", "P-384", "Ed25519"] as const;
const message = Buffer.from("what is signed");

describe("members of a channel", () => {
  let first: MemberOrganization;
  let second: MemberOrganization;
  let msps: ChannelMsps;
  let peer: TestMember;

  beforeAll(async () => {
    [first, second] = [await memberOrganization("Org1MSP"), await memberOrganization("Org2MSP")];
    msps = createChannelMsps(memberChannel([first, second]));
    peer = await first.member("peer");
  });

  const faultOf = (serialized: Uint8Array, atMs = ENDORSED_TIME_MS) => msps.identify(serialized, atMs).fault;

  it.each(["client", "peer", "admin", "orderer"] as const)("have the role %s from their unit", async (role) => {
    const { serialized, certificatePem } = await first.member(role);
    const { member } = msps.identify(serialized, ENDORSED_TIME_MS);
    expect(member).toMatchObject({ mspId: "Org1MSP", role, units: [role], certificatePem, serialized });
  });

  it("are told from strangers, in every way one can be a stranger", async () => {
    const stranger = await memberOrganization("Org3MSP");
    const theirs = await stranger.member("peer");
    expect(faultOf(theirs.serialized)).toBe("unknown-msp");
    expect(faultOf(serializeIdentity("Org1MSP", theirs.certificatePem))).toBe("wrong-issuer");
    expect(faultOf(serializeIdentity("Org2MSP", peer.certificatePem))).toBe("wrong-issuer");
    const namesake = await memberOrganization("Org1MSP");
    expect(faultOf((await namesake.member("peer")).serialized)).toBe("wrong-issuer");
    expect(faultOf(serializeIdentity("Org1MSP", "no certificate"))).toBe("malformed");
    expect(faultOf(serializeIdentity("Org1MSP", ""))).toBe("malformed");
    expect(faultOf(Uint8Array.of(1, 2, 3))).toBe("malformed");
    expect(msps.identify(theirs.serialized, ENDORSED_TIME_MS).mspId).toBe("Org3MSP");
  });

  it("are judged by the time of each call, also when they are known", () => {
    const farMs = ENDORSED_TIME_MS + 40 * 365 * DAY_MS;
    expect(faultOf(peer.serialized)).toBeUndefined();
    expect(faultOf(peer.serialized, farMs)).toBe("expired");
    expect(faultOf(peer.serialized, ENDORSED_TIME_MS - DAY_MS)).toBe("not-yet-valid");
    expect(faultOf(peer.serialized)).toBeUndefined();
  });

  it("are the same however the identity was serialized, and however few are kept", async () => {
    const few = createChannelMsps(memberChannel([first]), { identitiesMax: 1 });
    const official = new msp.SerializedIdentity();
    official.setIdBytes(Buffer.from(`\n${peer.certificatePem}`));
    official.setMspid("Org1MSP");
    const dressed = Buffer.concat([official.serializeBinary(), Buffer.from([0x18, 0x01])]);
    const verdicts = [peer.serialized, dressed, (await first.member("client")).serialized, peer.serialized].map(
      (serialized) => few.identify(serialized, ENDORSED_TIME_MS).member,
    );
    expect(verdicts[1]?.serialNumber).toBe(verdicts[0]?.serialNumber);
    expect(verdicts.map((member) => member?.role)).toEqual(["peer", "peer", "client", "peer"]);
  });

  it("are no members any more when a list names them, however old the list", async () => {
    const serialNumber = msps.identify(peer.serialized, ENDORSED_TIME_MS).member?.serialNumber ?? "";
    const other = await first.member("peer");
    const list = (number: bigint, reasons: readonly number[]) =>
      first.authority.revocationList({
        number,
        entries: reasons.map((reason) => ({ serialNumber, revokedAtMs: ENDORSED_TIME_MS, reason })),
      });
    const withLists = (revocationLists: readonly string[]) => {
      const [organization, ...others] = memberChannel([first, second]).organizations;
      if (organization === undefined) throw new TypeError("No organization.");
      return createChannelMsps(memberChannel([], { organizations: [{ ...organization, revocationLists }, ...others] }));
    };
    const later = ENDORSED_TIME_MS + 100 * DAY_MS;
    const faults = (lists: readonly string[]) =>
      [peer, other].map(({ serialized }) => withLists(lists).identify(serialized, later).fault);
    expect(faults([await list(1n, [REVOCATION_REASON.keyCompromise])])).toEqual(["revoked", undefined]);
    expect(faults([await list(1n, [REVOCATION_REASON.certificateHold])])).toEqual(["frozen", undefined]);
    expect(faults([await list(1n, [])])).toEqual([undefined, undefined]);
    // Each list counts, not the newest only: a configuration leaves out what does not count any more.
    expect(faults([await list(1n, [REVOCATION_REASON.keyCompromise]), await list(2n, [])])).toEqual([
      "revoked",
      undefined,
    ]);
    expect(faults(["no list"])).toEqual(["unsupported", "unsupported"]);
    const foreign = await second.authority.revocationList({
      number: 1n,
      entries: [{ serialNumber, revokedAtMs: ENDORSED_TIME_MS, reason: 1 }],
    });
    expect(faults([foreign])).toEqual([undefined, undefined]);
  });

  it.each(CURVES)("sign with keys of %s as the official client does", async (curve) => {
    const { serialized, sign: signed } = await first.member("client", { curve });
    const { member } = msps.identify(serialized, ENDORSED_TIME_MS);
    const signature = await signed(message);
    expect(member?.verify(message, signature)).toBe(true);
    expect(member?.verify(Buffer.from("something else"), signature)).toBe(false);
    expect(member?.verify(message, new Uint8Array(0))).toBe(false);
  });

  it.each(["P-256", "P-384"] as const)("of %s sign in the lower half only", async (curve) => {
    const { serialized, keyObject } = await first.member("client", { curve });
    const { member } = msps.identify(serialized, ENDORSED_TIME_MS);
    const outcomes = Array.from({ length: 40 }, () => {
      const signature = sign("sha256", message, keyObject);
      const isLow = isLowS(signature, curve);
      expect(member?.verify(message, signature)).toBe(isLow);
      return isLow;
    });
    // Every second one at random; all alike would be a chance of 1 in 2^39.
    expect(new Set(outcomes).size).toBe(2);
  });

  it("never break off over a signature", async () => {
    const members = await Promise.all(CURVES.map((curve) => first.member("client", { curve })));
    const known = await Promise.all(
      members.map(async ({ serialized, sign: signed }) => ({
        member: msps.identify(serialized, ENDORSED_TIME_MS).member,
        signature: await signed(message),
      })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.nat(200),
        fc.integer({ min: 1, max: 255 }),
        fc.uint8Array({ maxLength: 80 }),
        ({ member, signature }, place, change, garbage) => {
          const damagedSignature = Uint8Array.from(signature);
          const at = place % signature.length;
          damagedSignature[at] = (damagedSignature[at] ?? 0) ^ change;
          expect(member?.verify(message, damagedSignature)).toBe(false);
          expect(member?.verify(message, Buffer.concat([signature, Buffer.of(change)]))).toBe(false);
          expect(member?.verify(message, garbage)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});

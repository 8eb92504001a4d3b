import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { ManualClock, systemRandom } from "@concordat/base";
import {
  type CertificateAuthority,
  type CertifiedKey,
  createCertificateAuthority,
  openCertificateAuthority,
} from "@concordat/identity";
import { hash, signers } from "@hyperledger/fabric-gateway";
import { serializeIdentity } from "../encoding/identity.ts";
import type { MemberRole } from "../endorsement/ports.ts";
import { originOf } from "../origin.ts";
import type { ChannelConfig } from "../ports.ts";

export const ENDORSED_TIME_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export type TestCurve = "P-256" | "P-384" | "Ed25519";

/** A certificate and its key, which signs as the official client library does. */
export interface TestMember {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly serialized: Uint8Array;
  readonly keyObject: KeyObject;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface MemberOrganization {
  readonly mspId: string;
  readonly authority: CertificateAuthority;
  readonly clock: ManualClock;
  member(role: MemberRole, options?: { readonly curve?: TestCurve; readonly name?: string }): Promise<TestMember>;
}

export async function memberOrganization(mspId: string): Promise<MemberOrganization> {
  const clock = new ManualClock(ENDORSED_TIME_MS);
  const dependencies = { clock, random: systemRandom };
  const stored = await createCertificateAuthority([{ type: "CN", value: `ca of ${mspId}` }], dependencies);
  const authority = openCertificateAuthority(stored, dependencies);
  return {
    mspId,
    authority,
    clock,
    member: async (role, { curve = "P-256", name = `${role} of ${mspId}` } = {}) => {
      const { publicKey, privateKey } = keyPair(curve);
      const certificatePem = await authority.issue({
        role,
        commonName: name,
        publicKey: certified(publicKey, curve),
        validDays: "authority",
      });
      return memberOf(mspId, certificatePem, privateKey, curve);
    },
  };
}

export function memberOf(mspId: string, certificatePem: string, privateKey: KeyObject, curve: TestCurve): TestMember {
  const signer = signers.newPrivateKeySigner(privateKey);
  return {
    mspId,
    certificatePem,
    serialized: serializeIdentity(mspId, certificatePem),
    keyObject: createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })),
    sign: (message) => signer(curve === "Ed25519" ? message : hash.sha256(message)),
  };
}

function keyPair(curve: TestCurve): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (curve === "Ed25519") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("ec", { namedCurve: curve === "P-256" ? "prime256v1" : "secp384r1" });
}

/** Authorities here issue no P-384 keys, those of other organizations may: the certificate takes whatever key it is given. */
function certified(keyObject: KeyObject, curve: TestCurve): CertifiedKey {
  return { algorithm: curve === "Ed25519" ? "Ed25519" : "P-256", keyObject };
}

/** A configuration as far as members and policies need it. */
export function memberChannel(
  organizations: readonly MemberOrganization[],
  parts: Partial<ChannelConfig> = {},
): ChannelConfig {
  return {
    channelId: "ch1",
    origin: originOf("0123456789abcdef", "ch1"),
    displayName: "Test channel",
    organizations: organizations.map(({ mspId, authority }) => ({
      mspId,
      displayName: mspId,
      caCertificates: [authority.certificatePem],
      checkpointKeys: [],
    })),
    blockCutting: { messageCountMax: 500, bytesMax: 2 * 1024 * 1024, timeoutMs: 200, cutWhenIdle: true },
    stateDatabase: "goleveldb",
    cryptography: "international",
    recordRefusals: false,
    contracts: ["kv"],
    ...parts,
  };
}

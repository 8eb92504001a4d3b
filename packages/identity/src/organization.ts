import { ed25519PublicKeyToRaw, generatePrivateKey, privateKeyFromDer, privateKeyToDer, signMessage } from "./keys.ts";
import { generateSm2PrivateKey, isSm2PrivateKeyDer, signSm2, sm2PrivateKeyFromDer, sm2PrivateKeyToDer } from "./sm2.ts";
import {
  type AuthorityAlgorithm,
  createCertificateAuthority,
  type IdentityDependencies,
  issueKeyedCertificate,
  type KeyedCertificate,
  openCertificateAuthority,
} from "./x509/authority.ts";
import { certificateFromPem } from "./x509/pem.ts";
import type { ValidDays } from "./x509/validity.ts";

/** Every checkpoint is signed with Ed25519; those of SM channels with SM2 too. */
export type CheckpointAlgorithm = "Ed25519" | "SM2";

/** A key that signs checkpoints: neither the CA's nor a peer's, certified by the organization's CA with OU `checkpoint`. */
export interface CheckpointKey {
  readonly algorithm: CheckpointAlgorithm;
  /** Ed25519: 32 raw bytes. SM2: 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** What the world may know of an organization (its MSP). */
export interface OrganizationIdentity {
  readonly name: string;
  readonly mspId: string;
  readonly caCertificatePem: string;
  readonly tlsCaCertificatePem: string;
  readonly adminCertificatePem: string;
  readonly checkpointKey: CheckpointKey;
}

/** PKCS#8 DER each. Sealed wherever they are stored. */
export interface OrganizationPrivateKeys {
  readonly ca: Uint8Array;
  readonly tlsCa: Uint8Array;
  readonly admin: Uint8Array;
  readonly checkpoint: Uint8Array;
}

export interface Organization {
  readonly identity: OrganizationIdentity;
  readonly privateKeys: OrganizationPrivateKeys;
}

/**
 * Makes an organization with everything it signs with: two authorities (identities and TLS are apart, as in Fabric), an
 * administrator and a checkpoint key. Nothing is stored. Administrator and checkpoint key are certified as long as the
 * authority lives. With `algorithm` SM2 the identities' authority and the administrator have SM2 keys; TLS stays with P-256, which
 * its clients speak.
 * @throws ConcordatError CERTIFICATE_NAME_INVALID when the name or MSP id does not fit a certificate (64 characters)
 */
export async function createOrganization(
  options: { readonly name: string; readonly mspId: string; readonly algorithm?: AuthorityAlgorithm },
  dependencies: IdentityDependencies,
): Promise<Organization> {
  const { name, mspId, algorithm = "P-256" } = options;
  const subject = (unit: string) =>
    [
      { type: "O", value: name },
      { type: "OU", value: unit },
      { type: "CN", value: mspId },
    ] as const;
  const [ca, tlsCa] = await Promise.all([
    createCertificateAuthority(subject("CA"), dependencies, { algorithm }),
    createCertificateAuthority(subject("TLS CA"), dependencies),
  ]);
  const authority = openCertificateAuthority(ca, dependencies);
  const [admin, checkpoint] = await Promise.all([
    issueKeyedCertificate(authority, { role: "admin", commonName: "admin", validDays: "authority" }),
    createCheckpointKey(ca, dependencies),
  ]);
  return {
    identity: {
      name,
      mspId,
      caCertificatePem: ca.certificatePem,
      tlsCaCertificatePem: tlsCa.certificatePem,
      adminCertificatePem: admin.certificatePem,
      checkpointKey: checkpoint.key,
    },
    privateKeys: {
      ca: ca.privateKeyDer,
      tlsCa: tlsCa.privateKeyDer,
      admin: admin.privateKeyDer,
      checkpoint: checkpoint.privateKeyDer,
    },
  };
}

/** A further checkpoint key of an organization: for a change of keys, or for SM channels. */
export async function createCheckpointKey(
  ca: KeyedCertificate,
  dependencies: IdentityDependencies,
  algorithm: CheckpointAlgorithm = "Ed25519",
): Promise<{ readonly key: CheckpointKey; readonly privateKeyDer: Uint8Array }> {
  const made = algorithm === "SM2" ? makeSm2Key() : await makeEd25519Key();
  const certificatePem = await openCertificateAuthority(ca, dependencies).issue({
    role: "checkpoint",
    commonName: "checkpoint",
    publicKey: made.certified,
    // A receipt must be checkable as long as the organization is known.
    validDays: "authority",
  });
  return {
    key: { algorithm, publicKey: made.raw, certificate: certificateFromPem(certificatePem) },
    privateKeyDer: made.privateKeyDer,
  };
}

async function makeEd25519Key() {
  const key = await generatePrivateKey("Ed25519");
  return { certified: key.publicKey, raw: ed25519PublicKeyToRaw(key.publicKey), privateKeyDer: privateKeyToDer(key) };
}

function makeSm2Key() {
  const key = generateSm2PrivateKey();
  return { certified: key.publicKey, raw: key.publicKey.raw, privateKeyDer: sm2PrivateKeyToDer(key) };
}

/**
 * Certificate and key of a principal: `uid` is the common name, `tenant` and `principal` are its Fabric attributes. As the creator of
 * transactions it runs as long as the authority unless `validDays` says otherwise.
 */
export function issuePrincipalCertificate(
  ca: KeyedCertificate,
  principal: {
    readonly uid: string;
    readonly attributes: Readonly<Record<"tenant" | "principal", string>>;
    readonly validDays?: ValidDays;
  },
  dependencies: IdentityDependencies,
): Promise<KeyedCertificate> {
  return issueKeyedCertificate(openCertificateAuthority(ca, dependencies), {
    role: "client",
    commonName: principal.uid,
    attributes: principal.attributes,
    validDays: principal.validDays ?? "authority",
  });
}

export interface CheckpointSigner {
  readonly mspId: string;
  readonly algorithm: CheckpointAlgorithm;
  /** As in {@link CheckpointKey}. */
  readonly publicKey: Uint8Array;
  /** 64 bytes: plain Ed25519, or SM2 as `r || s`. */
  sign(message: Uint8Array): Uint8Array;
}

/** The algorithm follows from the key. @throws ConcordatError KEY_INVALID when the bytes are no PKCS#8 key of Ed25519 or SM2 */
export function createCheckpointSigner(mspId: string, privateKeyDer: Uint8Array): CheckpointSigner {
  if (isSm2PrivateKeyDer(privateKeyDer)) {
    const key = sm2PrivateKeyFromDer(privateKeyDer);
    return { mspId, algorithm: "SM2", publicKey: key.publicKey.raw, sign: (message) => signSm2(key, message) };
  }
  const key = privateKeyFromDer(privateKeyDer);
  const publicKey = ed25519PublicKeyToRaw(key.publicKey);
  return { mspId, algorithm: "Ed25519", publicKey, sign: (message) => signMessage(key, message) };
}

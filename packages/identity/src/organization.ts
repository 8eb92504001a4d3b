import { ed25519PublicKeyToRaw, generatePrivateKey, privateKeyFromDer, privateKeyToDer, signMessage } from "./keys.ts";
import {
  createCertificateAuthority,
  type IdentityDependencies,
  issueKeyedCertificate,
  type KeyedCertificate,
  openCertificateAuthority,
} from "./x509/authority.ts";
import { certificateFromPem } from "./x509/pem.ts";

/** A key that signs checkpoints: neither the CA's nor a peer's, certified by the organization's CA with OU `checkpoint`. */
export interface CheckpointKey {
  readonly algorithm: "Ed25519";
  /** 32 raw bytes. */
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
 * administrator and a checkpoint key. Nothing is stored.
 * @throws ConcordatError CERTIFICATE_NAME_INVALID when the name or MSP id does not fit a certificate (64 characters)
 */
export async function createOrganization(
  options: { readonly name: string; readonly mspId: string },
  dependencies: IdentityDependencies,
): Promise<Organization> {
  const { name, mspId } = options;
  const subject = (unit: string) =>
    [
      { type: "O", value: name },
      { type: "OU", value: unit },
      { type: "CN", value: mspId },
    ] as const;
  const [ca, tlsCa] = await Promise.all([
    createCertificateAuthority(subject("CA"), dependencies),
    createCertificateAuthority(subject("TLS CA"), dependencies),
  ]);
  const authority = openCertificateAuthority(ca, dependencies);
  const [admin, checkpoint] = await Promise.all([
    issueKeyedCertificate(authority, { role: "admin", commonName: "admin" }),
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

/** A further checkpoint key of an organization, for a change of keys. */
export async function createCheckpointKey(
  ca: KeyedCertificate,
  dependencies: IdentityDependencies,
): Promise<{ readonly key: CheckpointKey; readonly privateKeyDer: Uint8Array }> {
  const privateKey = await generatePrivateKey("Ed25519");
  const certificatePem = await openCertificateAuthority(ca, dependencies).issue({
    role: "checkpoint",
    commonName: "checkpoint",
    publicKey: privateKey.publicKey,
  });
  return {
    key: {
      algorithm: "Ed25519",
      publicKey: ed25519PublicKeyToRaw(privateKey.publicKey),
      certificate: certificateFromPem(certificatePem),
    },
    privateKeyDer: privateKeyToDer(privateKey),
  };
}

/** Certificate and key of a principal: `uid` is the common name, `tenant` and `principal` are its Fabric attributes. */
export function issuePrincipalCertificate(
  ca: KeyedCertificate,
  principal: { readonly uid: string; readonly attributes: Readonly<Record<"tenant" | "principal", string>> },
  dependencies: IdentityDependencies,
): Promise<KeyedCertificate> {
  return issueKeyedCertificate(openCertificateAuthority(ca, dependencies), {
    role: "client",
    commonName: principal.uid,
    attributes: principal.attributes,
  });
}

export interface CheckpointSigner {
  readonly mspId: string;
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes, plain Ed25519. */
  sign(message: Uint8Array): Uint8Array;
}

/** @throws ConcordatError KEY_INVALID when the bytes are no PKCS#8 Ed25519 key */
export function createCheckpointSigner(mspId: string, privateKeyDer: Uint8Array): CheckpointSigner {
  const key = privateKeyFromDer(privateKeyDer);
  return { mspId, publicKey: ed25519PublicKeyToRaw(key.publicKey), sign: (message) => signMessage(key, message) };
}

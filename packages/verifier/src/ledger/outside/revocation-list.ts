import { type KeyObject, verify, type X509Certificate } from "node:crypto";
import { equalBytes } from "../../core/bytes.ts";
import { certificateParts, pemBody } from "../../core/certificate.ts";
import { DER, type DerValue, derChildren, derContents, derHex, derValues, derWhole } from "../../core/der.ts";
import { Fault, faultUnless } from "../../core/fault.ts";

export interface RevocationList {
  /** The issuer's Name, DER. */
  readonly issuer: Uint8Array;
  /** Contents of the INTEGERs, lower-case hex. */
  readonly serialNumbers: ReadonlySet<string>;
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** Digest of each signature algorithm, by the hex of its object identifier; null: the signature takes the message itself. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2b6570": null,
};
const TIME_TAGS: readonly number[] = [0x17, 0x18];

/**
 * Reads one PEM revocation list.
 * @throws Fault when it cannot be read, or is signed with an algorithm other than ECDSA with SHA-256 or SHA-384 and Ed25519
 * @source RFC 5280 section 5.1
 */
export function readRevocationList(pem: string): RevocationList {
  const der = pemBody("X509 CRL", pem);
  faultUnless(der !== undefined, "a revocation list is not PEM");
  const [list] = derValues(der);
  const [toBeSigned, algorithm, signature] = derChildren(der, list);
  faultUnless(
    toBeSigned !== undefined && signature?.tag === DER.bitString && der[signature.start] === 0,
    "a revocation list is malformed",
  );
  const [identifier] = derChildren(der, algorithm);
  const fields = derChildren(der, toBeSigned);
  const issuerAt = fields[0]?.tag === DER.integer ? 2 : 1;
  const issuer = fields[issuerAt];
  faultUnless(identifier !== undefined && issuer !== undefined, "a revocation list is malformed");
  const name = derHex(der, identifier);
  faultUnless(Object.hasOwn(DIGESTS, name), "a revocation list is signed with an unknown algorithm");
  return {
    issuer: derWhole(der, issuer),
    serialNumbers: new Set(serialNumbers(der, fields.slice(issuerAt + 1))),
    signed: derWhole(der, toBeSigned),
    algorithm: name,
    signature: derContents(der, signature).subarray(1),
  };
}

/** Whether this authority's key signed the list that bears its name. */
export function isListOf(list: RevocationList, authority: X509Certificate): boolean {
  const { subject } = certificateParts(authority.raw);
  if (subject === undefined || !equalBytes(derWhole(authority.raw, subject), list.issuer)) return false;
  const digest = DIGESTS[list.algorithm];
  return digest !== undefined && holds(digest, list, authority.publicKey);
}

function holds(digest: string | null, { signed, signature }: RevocationList, key: KeyObject): boolean {
  try {
    return verify(digest, signed, key, signature);
  } catch {
    return false;
  }
}

/** `fields` are those behind the issuer: thisUpdate, maybe nextUpdate, then the entries, which are left out when there are none. */
function* serialNumbers(der: Uint8Array, fields: readonly DerValue[]): Generator<string> {
  const rest = fields.filter(({ tag }) => !TIME_TAGS.includes(tag));
  const entries = rest[0]?.tag === DER.sequence ? rest[0] : undefined;
  for (const entry of derChildren(der, entries)) {
    const [serialNumber] = derChildren(der, entry);
    if (serialNumber?.tag !== DER.integer) throw new Fault("a revocation list is malformed");
    yield derHex(der, serialNumber);
  }
}

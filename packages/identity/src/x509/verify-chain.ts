import { equalBytes } from "@concordat/base";
import { verifyForX509 } from "../signing-keys.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import { type ReadRevocationList, readRevocationList } from "./read-revocation-list.ts";
import { REVOCATION_REASON } from "./revocation-reasons.ts";
import { type CertificateRole, NODE_UNITS } from "./roles.ts";
import { type CertificateSummary, roleOf, summarize } from "./summary.ts";
import { isListOf, revocationListFault } from "./verify-revocation-list.ts";

export type ChainFault =
  /** No trusted authority has the name, and the key where it is named, that the certificate gives as its issuer's. */
  | "wrong-issuer"
  /** The issuer's certificate is none of an authority. */
  | "not-an-authority"
  | "bad-signature"
  | "not-yet-valid"
  | "expired"
  | "revoked"
  | "frozen"
  /** No organizational unit says one of the roles asked for, or several say one. */
  | "unknown-role"
  /** A critical extension that is not understood, or a certificate that is not for this purpose. */
  | "unsupported";

/** What the fault is found in. */
export type ChainPlace = "certificate" | "authority" | "revocation-list";

export type ChainVerdict =
  | { readonly valid: true; readonly certificate: CertificateSummary; readonly authority: CertificateSummary }
  | { readonly valid: false; readonly reason: ChainFault; readonly in: ChainPlace };

export interface ChainOptions {
  /** PEM. Trusted as they stand: roots, or intermediate authorities whose own issuers are not asked for. */
  readonly authorities: readonly string[];
  /** PEM. Lists of other authorities are passed over; without one of the issuer's nothing is known to be revoked. */
  readonly crls?: readonly string[];
  /** The time to judge by. */
  readonly atMs: number;
  /** Fabric's four node units when left out. Not asked for with purpose `tls`. */
  readonly roles?: readonly CertificateRole[];
  /** `identity` when left out. `tls`: a certificate for TLS server or client authentication. */
  readonly purpose?: "identity" | "tls";
}

const TLS_PURPOSES = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/**
 * Judges a certificate by the authorities that are trusted. P-256, Ed25519 and SM2 alike; nothing is loaded for it but the SM2
 * library where a key needs it.
 * @source RFC 5280 section 6, for chains of one issuer
 * @throws ConcordatError CERTIFICATE_INVALID when one of the texts cannot be read
 */
export function verifyCertificateChain(leafPem: string, options: ChainOptions): ChainVerdict {
  const leaf = readCertificate(leafPem);
  const authorities = options.authorities.map(readCertificate);
  const lists = (options.crls ?? []).map(readRevocationList);
  return judge(leaf, authorities, lists, options);
}

function judge(
  leaf: ReadCertificate,
  authorities: readonly ReadCertificate[],
  lists: readonly ReadRevocationList[],
  options: ChainOptions,
): ChainVerdict {
  const named = authorities.filter((candidate) => isIssuerOf(candidate, leaf));
  if (named.length === 0) return fault("wrong-issuer");
  const issuer = named.find((candidate) => hasSigned(candidate, leaf));
  if (issuer === undefined) return fault("bad-signature");
  return (
    authorityFault(issuer, options.atMs) ??
    periodFault(leaf, options.atMs, "certificate") ??
    purposeFault(leaf, options) ??
    revocationFault(leaf, issuer, lists, options.atMs) ?? {
      valid: true,
      certificate: summarize(leaf),
      authority: summarize(issuer),
    }
  );
}

function fault(reason: ChainFault, place: ChainPlace = "certificate"): ChainVerdict & { readonly valid: false } {
  return { valid: false, reason, in: place };
}

/** By name, and by key where both say which: after a change of keys two authorities have one name. */
function isIssuerOf(authority: ReadCertificate, leaf: ReadCertificate): boolean {
  const wanted = leaf.extensions.authorityKeyIdentifier;
  const own = authority.extensions.subjectKeyIdentifier;
  const otherKey = wanted !== undefined && own !== undefined && wanted !== own;
  return equalBytes(authority.subject.der, leaf.issuer.der) && !otherKey;
}

function hasSigned({ publicKey }: ReadCertificate, { signed }: ReadCertificate): boolean {
  return publicKey !== undefined && verifyForX509(publicKey, signed.algorithm, signed.bytes, signed.signature);
}

function authorityFault(authority: ReadCertificate, atMs: number) {
  const { extensions } = authority;
  if (!extensions.isAuthority || !extensions.keyUsage.keyCertSign) return fault("not-an-authority", "authority");
  if (extensions.hasUnknownCritical) return fault("unsupported", "authority");
  return periodFault(authority, atMs, "authority");
}

function periodFault({ notBeforeMs, notAfterMs }: ReadCertificate, atMs: number, place: ChainPlace) {
  if (atMs < notBeforeMs) return fault("not-yet-valid", place);
  return atMs > notAfterMs ? fault("expired", place) : undefined;
}

function purposeFault(leaf: ReadCertificate, { purpose = "identity", roles = NODE_UNITS }: ChainOptions) {
  const { extensions } = leaf;
  if (extensions.hasUnknownCritical || !extensions.keyUsage.digitalSignature) return fault("unsupported");
  if (purpose === "tls") {
    const forTls = extensions.extendedKeyUsage?.some((one) => TLS_PURPOSES.includes(one)) === true;
    return forTls ? undefined : fault("unsupported");
  }
  const role = roleOf(leaf);
  return role !== undefined && roles.includes(role) ? undefined : fault("unknown-role");
}

/** The newest list counts. One that is out of date still says what it says; only then is its age held against it. */
function revocationFault(
  leaf: ReadCertificate,
  issuer: ReadCertificate,
  lists: readonly ReadRevocationList[],
  atMs: number,
) {
  const list = newest(lists.filter((candidate) => isListOf(candidate, issuer)));
  if (list === undefined) return undefined;
  const listFault = revocationListFault(list, issuer, atMs);
  const outOfDate = listFault === "expired" || listFault === "not-yet-valid";
  if (listFault !== undefined && !outOfDate) return fault(listFault, "revocation-list");
  const entry = list.entries.find(({ serialNumber }) => serialNumber === leaf.serialNumber);
  if (entry !== undefined) return fault(entry.reason === REVOCATION_REASON.certificateHold ? "frozen" : "revoked");
  return listFault === undefined ? undefined : fault(listFault, "revocation-list");
}

function newest(lists: readonly ReadRevocationList[]): ReadRevocationList | undefined {
  const order = ({ number, thisUpdateMs }: ReadRevocationList) => [number ?? -1n, BigInt(thisUpdateMs)] as const;
  return lists.reduce<ReadRevocationList | undefined>((best, list) => {
    if (best === undefined) return list;
    const [[number, timeMs], [bestNumber, bestTimeMs]] = [order(list), order(best)];
    return number > bestNumber || (number === bestNumber && timeMs > bestTimeMs) ? list : best;
  }, undefined);
}

import { equalBytes } from "@concordat/base";
import { verifyForX509 } from "../signing-keys.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import { type ReadRevocationList, type RevocationList, readRevocationList } from "./read-revocation-list.ts";

export type RevocationListFault = "wrong-issuer" | "not-an-authority" | "bad-signature" | "not-yet-valid" | "expired";

export type RevocationListVerdict =
  | { readonly valid: true; readonly list: RevocationList }
  | { readonly valid: false; readonly reason: RevocationListFault };

/**
 * Whether this authority signed the list and it is in force.
 * @throws ConcordatError CERTIFICATE_INVALID when list or certificate cannot be read
 */
export function verifyRevocationList(
  pem: string,
  options: { readonly authority: string; readonly atMs: number },
): RevocationListVerdict {
  const { signed, issuerName, ...list } = readRevocationList(pem);
  const reason = revocationListFault({ ...list, signed, issuerName }, readCertificate(options.authority), options.atMs);
  return reason === undefined ? { valid: true, list } : { valid: false, reason };
}

/** The first thing that is wrong; times come last, so that a list out of date is known to be its authority's. */
function revocationListFault(
  list: ReadRevocationList,
  authority: ReadCertificate,
  atMs: number,
): RevocationListFault | undefined {
  return listIssuerFault(list, authority) ?? listAgeFault(list, atMs);
}

/** What is wrong with a list as this authority's, at whatever time. Checks a signature. */
export function listIssuerFault(
  list: ReadRevocationList,
  authority: ReadCertificate,
): "wrong-issuer" | "not-an-authority" | "bad-signature" | undefined {
  if (!isListOf(list, authority)) return "wrong-issuer";
  if (!authority.extensions.isAuthority || !authority.extensions.keyUsage.crlSign) return "not-an-authority";
  return holdsUnder(list, authority) ? undefined : "bad-signature";
}

export function listAgeFault(list: RevocationList, atMs: number): "not-yet-valid" | "expired" | undefined {
  if (list.thisUpdateMs > atMs) return "not-yet-valid";
  // A list without a date for the next one is in force until there is another.
  return list.nextUpdateMs !== undefined && list.nextUpdateMs < atMs ? "expired" : undefined;
}

/** By name, and by key where both say which: an authority may have followed another of the same name. */
export function isListOf(list: ReadRevocationList, authority: ReadCertificate): boolean {
  const key = authority.extensions.subjectKeyIdentifier;
  const otherKey =
    key !== undefined && list.authorityKeyIdentifier !== undefined && key !== list.authorityKeyIdentifier;
  return equalBytes(list.issuerName.der, authority.subject.der) && !otherKey;
}

function holdsUnder({ signed }: ReadRevocationList, { publicKey }: ReadCertificate): boolean {
  return publicKey !== undefined && verifyForX509(publicKey, signed.algorithm, signed.bytes, signed.signature);
}

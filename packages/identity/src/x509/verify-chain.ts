import { equalBytes } from "@concordat/base";
import { verifyForX509 } from "../signing-keys.ts";
import { type ReadCertificate, readCertificate } from "./certificate.ts";
import type { RevocationEntry } from "./issue-revocation-list.ts";
import { nameValues } from "./read-name.ts";
import { type ReadRevocationList, readRevocationList } from "./read-revocation-list.ts";
import { REVOCATION_REASON } from "./revocation-reasons.ts";
import { type CertificateRole, NODE_UNITS } from "./roles.ts";
import { type CertificateSummary, roleOf, summarize } from "./summary.ts";
import { isListOf, listAgeFault, listIssuerFault } from "./verify-revocation-list.ts";

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

/** Who is believed. */
export interface ChainTrust {
  /** PEM. Trusted as they stand: roots, or intermediate authorities whose own issuers are not asked for. */
  readonly authorities: readonly string[];
  /** PEM. Lists of other authorities are passed over; without one of the issuer's nothing is known to be revoked. */
  readonly crls?: readonly string[];
}

/** What a certificate is judged by, apart from who issued it. */
export interface ChainQuestion {
  /** The time to judge by. */
  readonly atMs: number;
  /** Fabric's four node units when left out. Not asked for with purpose `tls`. */
  readonly roles?: readonly CertificateRole[];
  /** `identity` when left out. `tls`: a certificate for TLS server or client authentication. */
  readonly purpose?: "identity" | "tls";
  /**
   * `checked` when left out: the issuer's newest list counts, and one that is out of date refuses everybody. `ignored`, as Fabric's MSP does:
   * every list of the issuer counts, however old it is, and refuses those whom it names.
   */
  readonly listAge?: "checked" | "ignored";
}

export interface ChainOptions extends ChainTrust, ChainQuestion {}

/** A certificate and its issuer, with the signature between them checked: what is left depends on time and lists. */
export interface CertificateChain {
  /** For good: no trusted authority has issued it. */
  readonly issuerFault: "wrong-issuer" | "bad-signature" | undefined;
  /** Organizational units of the subject. */
  readonly units: readonly string[];
  judge(question: ChainQuestion): ChainVerdict;
}

/** Authorities and lists that were read once, to judge many certificates by. */
export interface ChainVerifier {
  /** @throws ConcordatError CERTIFICATE_INVALID when the text cannot be read */
  chainOf(leafPem: string): CertificateChain;
}

const TLS_PURPOSES = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/**
 * Judges a certificate by the authorities that are trusted. P-256, Ed25519 and SM2 alike; nothing is loaded for it but the SM2
 * library where a key needs it.
 * @source RFC 5280 section 6, for chains of one issuer
 * @throws ConcordatError CERTIFICATE_INVALID when one of the texts cannot be read
 */
export function verifyCertificateChain(leafPem: string, options: ChainOptions): ChainVerdict {
  return createChainVerifier(options).chainOf(leafPem).judge(options);
}

/**
 * The same in two steps, for whoever judges by the same authorities again and again: signatures are checked once.
 * @throws ConcordatError CERTIFICATE_INVALID when one of the texts cannot be read
 */
export function createChainVerifier(trust: ChainTrust): ChainVerifier {
  const authorities = trust.authorities.map(readCertificate);
  const lists = new IssuersLists((trust.crls ?? []).map(readRevocationList));
  return { chainOf: (leafPem) => chainOf(readCertificate(leafPem), authorities, lists) };
}

function chainOf(
  leaf: ReadCertificate,
  authorities: readonly ReadCertificate[],
  lists: IssuersLists,
): CertificateChain {
  const units = nameValues(leaf.subject, "OU");
  const named = authorities.filter((candidate) => isIssuerOf(candidate, leaf));
  const issuer = named.find((candidate) => hasSigned(candidate, leaf));
  if (issuer === undefined) {
    const issuerFault = named.length === 0 ? "wrong-issuer" : "bad-signature";
    return { issuerFault, units, judge: () => fault(issuerFault) };
  }
  let valid: ChainVerdict | undefined;
  return {
    issuerFault: undefined,
    units,
    judge: (question) => {
      const found = leafFault(leaf, issuer, lists, question);
      if (found !== undefined) return found;
      valid ??= { valid: true, certificate: summarize(leaf), authority: summarize(issuer) };
      return valid;
    },
  };
}

function leafFault(leaf: ReadCertificate, issuer: ReadCertificate, lists: IssuersLists, question: ChainQuestion) {
  return (
    authorityFault(issuer, question.atMs) ??
    periodFault(leaf, question.atMs, "certificate") ??
    purposeFault(leaf, question) ??
    revocationFault(leaf, lists.of(issuer), question)
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

function purposeFault(leaf: ReadCertificate, { purpose = "identity", roles = NODE_UNITS }: ChainQuestion) {
  const { extensions } = leaf;
  if (extensions.hasUnknownCritical || !extensions.keyUsage.digitalSignature) return fault("unsupported");
  if (purpose === "tls") {
    const forTls = extensions.extendedKeyUsage?.some((one) => TLS_PURPOSES.includes(one)) === true;
    return forTls ? undefined : fault("unsupported");
  }
  const role = roleOf(leaf);
  return role !== undefined && roles.includes(role) ? undefined : fault("unknown-role");
}

/** A list that gives itself out as an issuer's, and whether the issuer signed it: checked when it is first asked for. */
interface IssuersList {
  readonly list: ReadRevocationList;
  readonly entryOf: (serialNumber: string) => RevocationEntry | undefined;
  readonly issuerFault: () => ReturnType<typeof listIssuerFault>;
}

class IssuersLists {
  readonly #lists: readonly ReadRevocationList[];
  readonly #ofIssuer = new Map<ReadCertificate, readonly IssuersList[]>();

  constructor(lists: readonly ReadRevocationList[]) {
    this.#lists = lists;
  }

  of(issuer: ReadCertificate): readonly IssuersList[] {
    let known = this.#ofIssuer.get(issuer);
    if (known === undefined) {
      known = this.#lists.filter((list) => isListOf(list, issuer)).map((list) => issuersList(list, issuer));
      this.#ofIssuer.set(issuer, known);
    }
    return known;
  }
}

function issuersList(list: ReadRevocationList, issuer: ReadCertificate): IssuersList {
  let checked: { readonly fault: ReturnType<typeof listIssuerFault> } | undefined;
  let entries: ReadonlyMap<string, RevocationEntry> | undefined;
  return {
    list,
    entryOf: (serialNumber) => {
      entries ??= new Map(list.entries.toReversed().map((entry) => [entry.serialNumber, entry]));
      return entries.get(serialNumber);
    },
    issuerFault: () => {
      checked ??= { fault: listIssuerFault(list, issuer) };
      return checked.fault;
    },
  };
}

/** A list that is out of date still says what it says; only then is its age held against it, where it is looked at. */
function revocationFault(leaf: ReadCertificate, lists: readonly IssuersList[], { atMs, listAge }: ChainQuestion) {
  const counting = listAge === "ignored" ? lists : newest(lists);
  for (const { entryOf, issuerFault } of counting) {
    const wrong = issuerFault();
    if (wrong !== undefined) return fault(wrong, "revocation-list");
    const entry = entryOf(leaf.serialNumber);
    if (entry !== undefined) return fault(entry.reason === REVOCATION_REASON.certificateHold ? "frozen" : "revoked");
  }
  if (listAge === "ignored") return undefined;
  const age = counting[0] && listAgeFault(counting[0].list, atMs);
  return age && fault(age, "revocation-list");
}

/** The newest list alone. */
function newest(lists: readonly IssuersList[]): readonly IssuersList[] {
  const order = ({ list }: IssuersList) => [list.number ?? -1n, BigInt(list.thisUpdateMs)] as const;
  const best = lists.reduce<IssuersList | undefined>((first, list) => {
    if (first === undefined) return list;
    const [[number, timeMs], [bestNumber, bestTimeMs]] = [order(list), order(first)];
    return number > bestNumber || (number === bestNumber && timeMs > bestTimeMs) ? list : first;
  }, undefined);
  return best === undefined ? [] : [best];
}

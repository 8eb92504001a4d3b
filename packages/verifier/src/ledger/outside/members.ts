import type { X509Certificate } from "node:crypto";
import { Fault } from "../../core/fault.ts";
import type { Identity } from "./identity.ts";
import { isListOf, readRevocationList } from "./revocation-list.ts";

export const NODE_UNITS = ["client", "peer", "admin", "orderer"] as const;
export type MemberRole = (typeof NODE_UNITS)[number];

/** Somebody for whom an organization of the channel stands, at the time that was asked for. */
export interface Member {
  readonly mspId: string;
  /** The same for all encodings of one certificate: no two members have it. */
  readonly name: string;
  readonly serialized: Uint8Array;
  readonly role: MemberRole;
  readonly units: readonly string[];
}

/** An authority of an organization, and the serial numbers that its revocation lists name. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly revoked: ReadonlySet<string>;
}

/** @throws Fault when a list cannot be read; one that none of the authorities signed names nothing */
export function authoritiesOf(certificates: readonly X509Certificate[], lists: readonly string[]): Authority[] {
  const read = lists.map(readRevocationList);
  return certificates.map((certificate) => {
    const own = read.filter((list) => isListOf(list, certificate));
    return { certificate, revoked: new Set(own.flatMap(({ serialNumbers }) => [...serialNumbers])) };
  });
}

const KNOWN_MAX = 10_000;

interface Standing {
  readonly member: Member;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Who is a member under one configuration. The standing of an identity is judged once, its period at each call.
 * @source docs/reference/ledger-format.md sections 4 and 10
 */
export class Members {
  readonly #organizations: ReadonlyMap<string, readonly Authority[]>;
  readonly #known = new Map<Identity, Standing>();

  constructor(organizations: ReadonlyMap<string, readonly Authority[]>) {
    this.#organizations = organizations;
  }

  /** @throws Fault saying why it is none */
  identify(identity: Identity, atMs: number): Member {
    const standing = this.#known.get(identity) ?? this.#judge(identity);
    if (atMs < standing.fromMs || atMs > standing.toMs) throw new Fault("the certificate was not in force then");
    return standing.member;
  }

  #judge(identity: Identity): Standing {
    const { mspId, name, serialized, certificate, units, serialNumber } = identity;
    const authorities = this.#organizations.get(mspId);
    if (authorities === undefined) throw new Fault(`the channel has no organization ${mspId}`);
    const issuers = authorities.filter((authority) => hasIssued(authority.certificate, certificate));
    const [issuer] = issuers;
    if (issuer === undefined) throw new Fault(`the certificate was not issued by ${mspId}`);
    if (issuers.some(({ revoked }) => revoked.has(serialNumber))) throw new Fault("the certificate is revoked");
    const [role, another] = NODE_UNITS.filter((unit) => units.includes(unit));
    if (role === undefined || another !== undefined)
      throw new Fault("the certificate does not carry exactly one node unit");
    const standing = {
      member: { mspId, name, serialized, role, units },
      fromMs: Math.max(identity.notBeforeMs, issuer.certificate.validFromDate.getTime()),
      toMs: Math.min(identity.notAfterMs, issuer.certificate.validToDate.getTime()),
    };
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(identity, standing);
    return standing;
  }
}

function hasIssued(authority: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    return false;
  }
}

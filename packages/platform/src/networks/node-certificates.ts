import type { Clock } from "@concordat/base";
import type { KeyPair } from "@concordat/fabric/client";
import type { Sealer } from "@concordat/identity";
import type { Authorities } from "../certificates/authorities.ts";
import { type Issuing, replacing } from "../certificates/issuing.ts";
import type { CertificatePurpose } from "../certificates/ports.ts";
import { openCertificateKey } from "../certificates/records.ts";
import type { CertificateRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";

export interface NodeCertificatesDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly issuing: Issuing;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** What a node shows and signs with. */
export interface NodeCredentials {
  readonly identity: KeyPair;
  readonly tls: KeyPair;
  /** PEM. TLS authorities of its organization. */
  readonly authorities: readonly string[];
}

const validDays = 365;

/**
 * The certificates of nodes: rows of the certificates' table under the node's name. Of several that are good the latest is used, whoever
 * enrolled another one under that name meanwhile.
 */
export class NodeCertificates {
  readonly #dependencies: NodeCertificatesDependencies;
  readonly #ofName: (name: string) => CertificateRow[];

  constructor(dependencies: NodeCertificatesDependencies) {
    this.#dependencies = dependencies;
    const keyed = (row: CertificateRow) => nameOf(row.mspId, row.purpose, row.role, row.commonName);
    this.#ofName = dependencies.directory.table("certificates").index(keyed);
  }

  /**
   * Issues what a node has no good certificate for. One that is frozen is not replaced: somebody wanted it so.
   * @throws PlatformError CERTIFICATE_NOT_USABLE
   */
  async ensure(node: NodeRow): Promise<void> {
    for (const purpose of ["identity", "tls"] as const) {
      if (this.#usable(node, purpose) === undefined) await this.#issue(node, purpose);
    }
  }

  /** @throws PlatformError CERTIFICATE_NOT_USABLE */
  open(node: NodeRow): NodeCredentials {
    return {
      identity: this.#keyPair(node, "identity"),
      tls: this.#keyPair(node, "tls"),
      authorities: this.tlsAuthorities(node.mspId),
    };
  }

  /** PEM. The present one first, then those that have not expired. */
  tlsAuthorities(mspId: string): string[] {
    const { authorities, clock } = this.#dependencies;
    return authorities
      .all(mspId, "tls")
      .filter((authority) => authority.standing === "present" || authority.notAfterMs > clock.nowMs())
      .map(({ certificatePem }) => certificatePem);
  }

  #keyPair(node: NodeRow, purpose: CertificatePurpose): KeyPair {
    const row = this.#usable(node, purpose);
    const privateKeyDer = row && openCertificateKey(row, this.#dependencies.sealer);
    if (row === undefined || privateKeyDer === undefined) throw notUsable(node, purpose);
    return { certificatePem: row.certificatePem, privateKeyDer };
  }

  #issue(node: NodeRow, purpose: CertificatePurpose): Promise<void> {
    const { directory, issuing } = this.#dependencies;
    const { mspId, kind, name, host } = node;
    return directory.change(async () => {
      if (this.#usable(node, purpose) !== undefined) return { changes: [], result: undefined };
      const known = this.#rows(node, purpose);
      if (known.some(({ status }) => status === "frozen")) throw notUsable(node, purpose);
      const hosts = purpose === "tls" ? [...new Set([name, host, "localhost"])] : [];
      const subject = { mspId, purpose, role: kind, commonName: name, uid: null, hosts, validDays };
      const { record } = await issuing.issue(subject);
      const replaced = known.filter(({ replacedBy }) => replacedBy === null);
      return { changes: replacing(replaced, record), result: undefined };
    });
  }

  #usable(node: NodeRow, purpose: CertificatePurpose): CertificateRow | undefined {
    const nowMs = this.#dependencies.clock.nowMs();
    return this.#rows(node, purpose)
      .filter((row) => row.status === "good" && row.keySealed !== null && row.notAfterMs > nowMs)
      .sort(
        (a, b) => Number(b.replacedBy === null) - Number(a.replacedBy === null) || b.notBeforeMs - a.notBeforeMs,
      )[0];
  }

  #rows({ mspId, kind, name }: NodeRow, purpose: CertificatePurpose): CertificateRow[] {
    return this.#ofName(nameOf(mspId, purpose, kind, name));
  }
}

function nameOf(mspId: string, purpose: CertificatePurpose, role: string, commonName: string): string {
  return JSON.stringify([mspId, purpose, role, commonName]);
}

function notUsable({ name }: NodeRow, purpose: CertificatePurpose): PlatformError {
  const what = purpose === "tls" ? "TLS certificate" : "identity";
  return new PlatformError("CERTIFICATE_NOT_USABLE", `The ${what} of ${name} is frozen, or its key is not kept here.`, {
    remedy: "Unfreeze it, or revoke it: then the node gets another one when it is started.",
  });
}

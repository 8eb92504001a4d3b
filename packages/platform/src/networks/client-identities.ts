import type { Clock, RandomSource } from "@concordat/base";
import type { Signer } from "@concordat/fabric/client";
import type { Sealer } from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Creators } from "../certificates/creators.ts";
import { type Issuing, replacing } from "../certificates/issuing.ts";
import { certificateName, openCertificateKey } from "../certificates/records.ts";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import { PlatformError } from "../errors.ts";
import type { Caller, Principal } from "../ports.ts";

export interface ClientIdentitiesDependencies {
  readonly directory: Directory;
  readonly creators: Pick<Creators, "forWrite">;
  readonly issuing: Issuing;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * With which certificates calls of networks are signed: a principal's own in its organization, one that is issued when it is first needed in
 * the other organizations of its tenant, an organization's administrator for its lifecycle.
 */
export class ClientIdentities {
  readonly #dependencies: ClientIdentitiesDependencies;
  readonly #ofUid: (uid: string) => CertificateRow[];

  constructor(dependencies: ClientIdentitiesDependencies) {
    this.#dependencies = dependencies;
    this.#ofUid = dependencies.directory.table("certificates").index((row) => row.uid ?? "");
  }

  /** @throws PlatformError CERTIFICATE_NOT_USABLE when the principal's own certificate, or that in the organization, does not count */
  async client(caller: Caller, mspId: string): Promise<Signer> {
    const { directory, creators, sealer } = this.#dependencies;
    const { uid } = caller.principal;
    this.requireUsable(caller.principal);
    const principal = directory.row("principals", uid);
    if (principal?.mspId === mspId) {
      const { certificatePem } = creators.forWrite(uid);
      const privateKeyDer = sealer.open(sealingPurposes.principalKey(uid), principal.privateKeySealed);
      return { mspId, certificatePem, privateKeyDer };
    }
    const row = this.#usable(uid, mspId) ?? (await this.#issue(caller, mspId));
    return { mspId, certificatePem: row.certificatePem, privateKeyDer: this.#open(row) };
  }

  /** @throws PlatformError CERTIFICATE_NOT_USABLE */
  requireUsable({ uid }: Principal): void {
    this.#dependencies.creators.forWrite(uid);
  }

  /** The organization's administrator. @throws PlatformError ORGANIZATION_UNKNOWN, CERTIFICATE_NOT_USABLE */
  administrator(mspId: string): Signer {
    const { directory, sealer, clock } = this.#dependencies;
    const organization = directory.organization(mspId);
    if (organization === undefined) throw new PlatformError("ORGANIZATION_UNKNOWN");
    const { adminCertificatePem: certificatePem, adminKeySealed } = organization;
    const row = this.#ofUid("").find((each) => each.certificatePem === certificatePem);
    if (row !== undefined && (row.status !== "good" || row.notAfterMs <= clock.nowMs())) {
      throw notUsable(
        `The certificate of ${mspId}'s administrator is ${row.status === "good" ? "expired" : row.status}.`,
      );
    }
    const privateKeyDer = sealer.open(sealingPurposes.organizationKey(mspId, "admin"), adminKeySealed);
    return { mspId, certificatePem, privateKeyDer };
  }

  #issue(caller: Caller, mspId: string): Promise<CertificateRow> {
    const { directory, issuing } = this.#dependencies;
    const { uid, accountUid } = caller.principal;
    return directory.change(async () => {
      const known = this.#usable(uid, mspId);
      if (known !== undefined) return { changes: [], result: known };
      const earlier = this.#held(uid, mspId);
      // A revoked one is not replaced by itself, or revoking would mean nothing.
      const refused = earlier.find((row) => row.status !== "good" && row.replacedBy === null);
      if (refused !== undefined) throw notUsable(`The caller's certificate in ${mspId} is ${refused.status}.`);
      const attributes = { tenant: accountUid, principal: uid };
      const subject = {
        mspId,
        purpose: "identity",
        role: "client",
        commonName: uid,
        uid,
        hosts: [],
        attributes,
      } as const;
      const { record } = await issuing.issue({ ...subject, validDays: 365 });
      const resource = { kind: "certificate", id: certificateName(record) };
      const detail = { role: "client", uid, notAfterMs: record.notAfterMs };
      const audit = [auditEntry(caller, { action: "pki:certificate:create", resource, detail }, this.#dependencies)];
      return { changes: replacing(earlier, record), audit, result: record };
    });
  }

  #usable(uid: string, mspId: string): CertificateRow | undefined {
    const nowMs = this.#dependencies.clock.nowMs();
    return this.#held(uid, mspId).find(
      ({ status, notAfterMs, replacedBy }) => status === "good" && notAfterMs > nowMs && replacedBy === null,
    );
  }

  #held(uid: string, mspId: string): CertificateRow[] {
    return this.#ofUid(uid).filter(
      (row) => row.mspId === mspId && row.purpose === "identity" && row.keySealed !== null,
    );
  }

  #open(row: CertificateRow): Uint8Array {
    const privateKeyDer = openCertificateKey(row, this.#dependencies.sealer);
    if (privateKeyDer === undefined) throw notUsable("The key of the caller's certificate is not kept here.");
    return privateKeyDer;
  }
}

function notUsable(summary: string): PlatformError {
  return new PlatformError("CERTIFICATE_NOT_USABLE", summary);
}

import { auditEntry } from "../audit/audit-entry.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { CertificateRow, ControlChange } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { Caller } from "../ports.ts";
import type { PkiAccess } from "./access.ts";
import { refusingRequests } from "./authorities.ts";
import { behindChanges, catchUpChannels, isOnNetworkChannels } from "./channels-behind.ts";
import { type EnrolmentDependencies, enrol } from "./enrolment.ts";
import { type Page, pageOf } from "./paging.ts";
import type {
  Certificate,
  CertificateFilter,
  CertificateId,
  CertificatePurpose,
  CertificateStatus,
  Enrolled,
  Enrolment,
  ExpiryFinding,
  RevocationListFile,
  RevocationReason,
} from "./ports.ts";
import { certificateName } from "./records.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import type { Renewal } from "./renewal.ts";
import type { RevocationLists } from "./revocation-lists.ts";
import { changeStatus, type StatusChange } from "./states.ts";
import { toCertificate } from "./views.ts";
import { type WatchedDependencies, watchedCertificates } from "./watched.ts";

export interface CertificatesDependencies extends EnrolmentDependencies, WatchedDependencies {
  readonly access: PkiAccess;
  readonly renewal: Renewal;
  readonly revocationLists: RevocationLists;
  readonly steps: Pick<ChannelSteps, "refreshOrganization" | "requireLedger">;
}

const dayMs = 86_400_000;

/** The certificates that the organizations' authorities issue: enrolled, looked at, frozen, revoked, renewed. */
export class CertificatesService {
  readonly #dependencies: CertificatesDependencies;

  constructor(dependencies: CertificatesDependencies) {
    this.#dependencies = dependencies;
  }

  /** `pki:certificate:create`. @throws PlatformError ORGANIZATION_UNKNOWN, CERTIFICATE_REQUEST_INVALID, CERTIFICATE_STATE_REFUSED */
  async enrol(caller: Caller, input: Enrolment): Promise<Enrolled> {
    this.#dependencies.access.organization(caller, "pki:certificate:create", input.mspId, "certificate");
    return enrol(caller, input, this.#dependencies);
  }

  /**
   * `pki:certificate:create`. A new certificate and key for a principal: its transactions carry them from then on.
   * @param input validDays as long as the authority when left out
   * @throws PlatformError USER_UNKNOWN, CERTIFICATE_STATE_REFUSED while its present certificate is frozen
   */
  async enrolPrincipal(
    caller: Caller,
    input: { readonly uid: string; readonly validDays?: number },
  ): Promise<Certificate> {
    const { directory, access, issuing, current } = this.#dependencies;
    const principal = directory.principal(input.uid);
    if (principal === undefined) {
      access.nothing(caller, "pki:certificate:create");
      throw new PlatformError("USER_UNKNOWN");
    }
    access.organization(caller, "pki:certificate:create", principal.mspId, "certificate");
    return refusingRequests(() =>
      directory.change(async () => {
        const present = this.#presentOf(input.uid);
        if (present?.status === "frozen") {
          throw new PlatformError("CERTIFICATE_STATE_REFUSED", "The principal's certificate is frozen.", {
            remedy: "Unfreeze it or revoke it first.",
          });
        }
        const { record, changes } = await issuing.reissuePrincipal(input.uid, input.validDays ?? "authority");
        const resource = { kind: "certificate", id: certificateName(record) };
        const detail = { role: "client", uid: input.uid, notAfterMs: record.notAfterMs };
        const audit = [auditEntry(caller, { action: "pki:certificate:create", resource, detail }, this.#dependencies)];
        return { changes, audit, result: toCertificate(record, current) };
      }),
    );
  }

  /** `pki:certificate:list`. Latest first. @throws PlatformError ACCESS_DENIED, PAGE_INVALID */
  async list(caller: Caller, filter: CertificateFilter): Promise<Page<Certificate>> {
    const { directory, access, current } = this.#dependencies;
    const visible = new Set(access.listable(caller, "pki:certificate:list").map(({ mspId }) => mspId));
    const rows = directory
      .table("certificates")
      .all()
      .filter((row) => visible.has(row.mspId) && isWanted(row, filter))
      .filter((row) => filter.currentOnly !== true || current.isCurrent(row))
      .sort((a, b) => b.notBeforeMs - a.notBeforeMs || (certificateName(a) < certificateName(b) ? -1 : 1));
    const { total, items } = pageOf(rows, filter);
    return { total, items: items.map((row) => toCertificate(row, current)) };
  }

  /** `pki:certificate:get`. @throws PlatformError ACCESS_DENIED, ORGANIZATION_UNKNOWN, CERTIFICATE_UNKNOWN */
  async get(caller: Caller, id: CertificateId): Promise<Certificate> {
    const row = this.#dependencies.access.certificate(caller, "pki:certificate:get", id);
    return toCertificate(row, this.#dependencies.current);
  }

  /** `pki:certificate:freeze`. @throws PlatformError CERTIFICATE_UNKNOWN, CERTIFICATE_STATE_REFUSED */
  freeze(caller: Caller, id: CertificateId): Promise<Certificate> {
    return this.#change(caller, id, { kind: "freeze" });
  }

  /** `pki:certificate:unfreeze`. @throws PlatformError CERTIFICATE_UNKNOWN, CERTIFICATE_STATE_REFUSED */
  unfreeze(caller: Caller, id: CertificateId): Promise<Certificate> {
    return this.#change(caller, id, { kind: "unfreeze" });
  }

  /** `pki:certificate:revoke`. For good. @throws PlatformError CERTIFICATE_UNKNOWN, CERTIFICATE_STATE_REFUSED */
  revoke(caller: Caller, id: CertificateId, reason: RevocationReason): Promise<Certificate> {
    return this.#change(caller, id, { kind: "revoke", reason });
  }

  /**
   * `pki:certificate:renew`. Issues anew what this certificate certifies, before the server does it by itself.
   * @throws PlatformError CERTIFICATE_STATE_REFUSED when it is not good, was replaced already, or its key is held elsewhere
   */
  async renew(caller: Caller, id: CertificateId): Promise<Certificate> {
    const { access, current, renewal } = this.#dependencies;
    const row = access.certificate(caller, "pki:certificate:renew", id);
    if (row.keySealed === null) {
      throw new PlatformError("CERTIFICATE_STATE_REFUSED", "The key of this certificate is held elsewhere.", {
        remedy: "Enrol it again with a request of its holder.",
      });
    }
    const renewed = await refusingRequests(() => renewal.renew(caller, row));
    if (renewed === undefined) throw new PlatformError("CERTIFICATE_STATE_REFUSED");
    return toCertificate(renewed, current);
  }

  /** `pki:certificate:list`. The revocation lists of the organization's authorities, the present one's first. */
  async listRevocations(
    caller: Caller,
    mspId: string,
    purpose: CertificatePurpose,
  ): Promise<readonly RevocationListFile[]> {
    this.#dependencies.access.organization(caller, "pki:certificate:list", mspId, "certificate");
    return this.#dependencies.revocationLists.all(mspId, purpose);
  }

  /** From memory, for whoever is shown a certificate. Undefined for one that none of the authorities here issued. */
  statusOf({ mspId, purpose, serialNumber }: CertificateId): CertificateStatus | undefined {
    return this.#dependencies.directory.row("certificates", mspId, purpose, serialNumber)?.status;
  }

  /**
   * `pki:certificate:list`. What would stop working until a moment, and when.
   * @param input one of both; 30 days when left out
   */
  async rehearseExpiry(caller: Caller, input: { readonly atMs?: number; readonly days?: number }): Promise<Rehearsal> {
    const { access, clock, authorities } = this.#dependencies;
    const visible = new Set(access.listable(caller, "pki:certificate:list").map(({ mspId }) => mspId));
    const isVisible = ({ mspId }: ExpiryFinding) =>
      mspId === null ? caller.principal.installationAdministrator : visible.has(mspId);
    const atMs = input.atMs ?? clock.nowMs() + (input.days ?? 30) * dayMs;
    return rehearse(watchedCertificates(this.#dependencies).filter(isVisible), atMs, authorities);
  }

  /** On channels of networks the change counts before this answers. Where it fails half-way, the next scan or start brings it there. */
  async #change(caller: Caller, id: CertificateId, change: StatusChange): Promise<Certificate> {
    const { directory, access, steps } = this.#dependencies;
    access.certificate(caller, `pki:certificate:${change.kind}`, id);
    if (isOnNetworkChannels(id, directory)) await onLedger(() => steps.requireLedger());
    const changed = await this.#changeRecord(caller, id, change);
    if (isOnNetworkChannels(id, directory)) await catchUpChannels(id.mspId, this.#dependencies);
    return changed;
  }

  #changeRecord(caller: Caller, id: CertificateId, change: StatusChange): Promise<Certificate> {
    const { directory, access, current, revocationLists, clock } = this.#dependencies;
    const action = `pki:certificate:${change.kind}` as const;
    return directory.change(async () => {
      const row = access.certificate(caller, action, id);
      if (row.role === "checkpoint" && current.isCurrent(row)) {
        throw new PlatformError("CERTIFICATE_STATE_REFUSED", "Channels are signed with this checkpoint key.", {
          remedy: "Rotate the organization's checkpoint key first.",
        });
      }
      const changed = changeStatus(row, change, clock.nowMs());
      const resource = { kind: "certificate", id: certificateName(row) };
      const reason = change.kind === "revoke" ? { reason: change.reason } : {};
      const detail = { role: row.role, commonName: row.commonName, ...reason };
      const audit = [auditEntry(caller, { action, resource, detail }, this.#dependencies)];
      const changes: ControlChange[] = [
        { table: "certificates", row: changed },
        ...revocationLists.numberChanges(row),
        ...behindChanges(row, directory),
      ];
      return { changes, audit, result: toCertificate(changed, current) };
    });
  }

  #presentOf(uid: string): CertificateRow | undefined {
    const { directory } = this.#dependencies;
    const pem = directory.row("principals", uid)?.certificatePem;
    return directory
      .table("certificates")
      .all()
      .find((row) => row.uid === uid && row.certificatePem === pem);
  }
}

function isWanted(row: CertificateRow, filter: CertificateFilter): boolean {
  const { mspId, purpose, role, status, uid, commonName, expiresBeforeMs } = filter;
  return (
    (mspId === undefined || row.mspId === mspId) &&
    (purpose === undefined || row.purpose === purpose) &&
    (role === undefined || row.role === role) &&
    (status === undefined || row.status === status) &&
    (uid === undefined || row.uid === uid) &&
    (commonName === undefined || row.commonName.includes(commonName)) &&
    (expiresBeforeMs === undefined || row.notAfterMs < expiresBeforeMs)
  );
}

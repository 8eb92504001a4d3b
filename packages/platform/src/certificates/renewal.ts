import type { Clock, Logger, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";
import type { Authorities } from "./authorities.ts";
import { channelsBehindSetting } from "./channels-behind.ts";
import type { CurrentCertificates } from "./current.ts";
import type { Issued, Issuing } from "./issuing.ts";
import { certificateName } from "./records.ts";

export interface RenewalDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly current: CurrentCertificates;
  readonly issuing: Issuing;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
  /** Called when a certificate without a principal was issued anew: a node may be using the one before. */
  readonly onNodeCertificates?: () => void;
}

export interface RenewalOptions {
  /** How long before its end a certificate is renewed; never earlier than after two thirds of its life. 30 days when left out. */
  readonly renewBeforeDays?: number;
}

const dayMs = 86_400_000;

/** Renews certificates whose keys are held here, before they end. */
export class Renewal {
  readonly #renewBeforeMs: number;
  readonly #dependencies: RenewalDependencies;

  constructor(options: RenewalOptions, dependencies: RenewalDependencies) {
    this.#renewBeforeMs = (options.renewBeforeDays ?? 30) * dayMs;
    this.#dependencies = dependencies;
  }

  /**
   * Whether the server can renew this certificate by itself: it is good, its key is held here, and the organization's authority lives
   * longer than the certificate does.
   */
  isRenewedHere(row: CertificateRow): boolean {
    if (row.status !== "good" || row.keySealed === null) return false;
    return this.#dependencies.authorities.present(row.mspId, row.purpose).notAfterMs > row.notAfterMs;
  }

  /** From when on a certificate is renewed. */
  dueMs({ notBeforeMs, notAfterMs }: CertificateRow): number {
    return notAfterMs - Math.min(this.#renewBeforeMs, (notAfterMs - notBeforeMs) / 3);
  }

  /** Renews what is due, one commit each. What fails is logged and tried again at the next scan. @returns how many were renewed */
  async renewDue(): Promise<number> {
    const { current, clock, log } = this.#dependencies;
    const isDue = (row: CertificateRow) => clock.nowMs() >= this.dueMs(row) && this.isRenewedHere(row);
    let renewed = 0;
    for (const row of current.inUse().filter(isDue)) {
      try {
        if ((await this.#renew(undefined, row, isDue)) !== undefined) renewed++;
      } catch (error) {
        log.error("A certificate could not be renewed.", { certificate: certificateName(row), reason: String(error) });
      }
    }
    return renewed;
  }

  /** Issues a certificate anew, whether it is due or not. Undefined when it need not be by the time that it is its turn. */
  renew(caller: Caller | undefined, row: CertificateRow, isNeeded: (row: CertificateRow) => boolean = () => true) {
    return this.#renew(caller, row, isNeeded);
  }

  async #renew(
    caller: Caller | undefined,
    { mspId, purpose, serialNumber }: CertificateRow,
    isNeeded: (row: CertificateRow) => boolean,
  ): Promise<CertificateRow | undefined> {
    const { directory, current, issuing, onNodeCertificates } = this.#dependencies;
    const renewed = await directory.change<CertificateRow | undefined>(async () => {
      // Read anew: another server may have renewed it, or somebody frozen it.
      const row = directory.row("certificates", mspId, purpose, serialNumber);
      if (row === undefined || row.status !== "good" || !current.isCurrent(row) || !isNeeded(row)) {
        return { changes: [], result: undefined };
      }
      const issued = await issuing.reissue(row);
      return { ...this.#planOf(caller, row, issued), result: issued.record };
    });
    if (renewed?.role === "peer" || renewed?.role === "orderer") onNodeCertificates?.();
    return renewed;
  }

  #planOf(caller: Caller | undefined, row: CertificateRow, { record, changes }: Issued) {
    const detail = {
      renews: row.serialNumber,
      notAfterMs: record.notAfterMs,
      role: row.role,
      commonName: row.commonName,
    };
    const resource = { kind: "certificate", id: certificateName(record) };
    const audit = [auditEntry(caller, { action: "pki:certificate:renew", resource, detail }, this.#dependencies)];
    if (row.role !== "checkpoint") return { changes, audit };
    // A checkpoint key's certificate stands in the configuration of its channels too, which follow.
    const behind = { table: "settings", row: { name: channelsBehindSetting(row.mspId), value: row.mspId } } as const;
    return { changes: [...changes, behind], audit };
  }
}

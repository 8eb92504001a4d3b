import type { Clock, Logger } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { ControlChange } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { Mutex } from "../directory/mutex.ts";
import { recordMissingCertificates } from "./backfill.ts";
import { behindChanges, catchUpChannels, organizationsBehind } from "./channels-behind.ts";
import type { ExpiryAlarms } from "./expiry-alarms.ts";
import { revocationReasons } from "./ports.ts";
import type { Renewal } from "./renewal.ts";
import type { RevocationLists } from "./revocation-lists.ts";

export interface ExpiryWatchDependencies {
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly steps: Pick<ChannelSteps, "refreshOrganization">;
  readonly renewal: Renewal;
  readonly revocationLists: RevocationLists;
  readonly alarms: ExpiryAlarms;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when certificates of nodes may have been issued anew. */
  readonly onNodeCertificates?: () => void;
}

const scanEveryMs = 3_600_000;

/** Looks at all certificates once at the start and then every hour. Each scan finishes what an earlier one could not. */
export class ExpiryWatch {
  readonly #dependencies: ExpiryWatchDependencies;
  readonly #scans = new Mutex();
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(dependencies: ExpiryWatchDependencies) {
    this.#dependencies = dependencies;
  }

  /** The first scan runs in the background: a start does not wait for renewals. */
  start(): void {
    void this.#scanLoudly();
  }

  scan(): Promise<void> {
    return this.#scans.run(async () => {
      if (this.#isClosed) return;
      const { directory, renewal, alarms, log } = this.#dependencies;
      await recordMissingCertificates(this.#dependencies);
      await this.#revokeDeleted();
      const renewed = await renewal.renewDue();
      if (renewed > 0) log.info("renewed certificates", { count: renewed });
      for (const mspId of organizationsBehind(directory)) await catchUpChannels(mspId, this.#dependencies);
      await alarms.update();
      // Another server may have issued some.
      this.#dependencies.onNodeCertificates?.();
    });
  }

  /** Waits for a scan that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#scans.run(async () => undefined);
  }

  /** A deleted user's certificate says nothing true any more. */
  async #revokeDeleted(): Promise<void> {
    const { directory, revocationLists, clock } = this.#dependencies;
    const left = () =>
      directory
        .table("certificates")
        .all()
        .filter((row) => row.uid !== null && row.status !== "revoked")
        .filter(({ uid }) => (directory.row("principals", uid ?? "")?.deletedMs ?? null) !== null);
    if (left().length === 0) return;
    await directory.change(async () => {
      const gone = {
        status: "revoked",
        reason: revocationReasons.cessationOfOperation,
        statusMs: clock.nowMs(),
      } as const;
      const rows = left();
      const changes: ControlChange[] = [
        ...rows.map((row) => ({ table: "certificates", row: { ...row, ...gone } }) as const),
        ...rows.flatMap((row) => revocationLists.numberChanges(row)),
        ...rows.flatMap((row) => behindChanges(row, directory)),
      ];
      return { changes, result: undefined };
    });
  }

  async #scanLoudly(): Promise<void> {
    const { clock, log } = this.#dependencies;
    try {
      await this.scan();
    } catch (error) {
      log.error("The scan of the certificates failed; the next one tries again.", { reason: String(error) });
    }
    if (!this.#isClosed) this.#cancelTimer = clock.after(scanEveryMs, () => void this.#scanLoudly());
  }
}

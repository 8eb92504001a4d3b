import type { Clock, Logger, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";
import { type CredentialScheme, RefusalCounts } from "./refusal-counts.ts";

export interface RefusalTrailDependencies {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

interface Refusal {
  readonly action: string;
  readonly code: string;
}

const FLUSH_EVERY_MS = 60_000;
/** Entries that wait for a store that does not answer, and kinds of refusals told apart within a minute. */
const WAITING_MAX = 4_096;

/**
 * The audit trail of refusals. A recognised caller's first refusal of a kind is written at once, further ones of the same minute are
 * counted in one entry; those of callers that were not recognised are written as counts each minute. A flood of refusals therefore
 * costs a bounded number of entries. At most the last minute is lost in a crash: refusals changed nothing.
 */
export class RefusalTrail {
  readonly #dependencies: RefusalTrailDependencies;
  readonly #counts = new RefusalCounts();
  readonly #repeats = new Map<string, { readonly caller: Caller; readonly refusal: Refusal; count: number }>();
  #waiting: AuditEntryTable[] = [];
  #lost = 0;
  #writing: Promise<void> = Promise.resolve();
  #sinceMs = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(dependencies: RefusalTrailDependencies) {
    this.#dependencies = dependencies;
  }

  /** @param name what the caller said it was; only counted, see {@link RefusalCounts} */
  unrecognised(scheme: CredentialScheme, code: string, name: string, address: string | undefined): void {
    this.#startTimer();
    this.#counts.add(scheme, code, name, address);
  }

  recognised(caller: Caller, refusal: Refusal): void {
    this.#startTimer();
    const key = JSON.stringify([caller.principal.uid, caller.credential.id, refusal.action, refusal.code]);
    const known = this.#repeats.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (this.#repeats.size >= WAITING_MAX) {
      this.#lost++;
      return;
    }
    this.#repeats.set(key, { caller, refusal, count: 0 });
    this.#enqueue([this.#entryOf(caller, refusal, 1)]);
  }

  /** Writes what was counted so far; settles when it is on disk, or the store has refused it and it waits for the next time. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const period = { fromMs: this.#sinceMs, toMs: this.#dependencies.clock.nowMs() };
    const repeats = [...this.#repeats.values()].filter(({ count }) => count > 0);
    this.#repeats.clear();
    const counted = this.#counts.take(period).map((event) => auditEntry(undefined, event, this.#dependencies));
    this.#enqueue([...repeats.map(({ caller, refusal, count }) => this.#entryOf(caller, refusal, count)), ...counted]);
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #startTimer(): void {
    if (this.#cancelTimer !== undefined) return;
    const { clock } = this.#dependencies;
    this.#sinceMs = clock.nowMs();
    this.#cancelTimer = clock.after(FLUSH_EVERY_MS, () => void this.flush());
  }

  #entryOf(caller: Caller, { action, code }: Refusal, occurrences: number): AuditEntryTable {
    const resource = { kind: "action", id: action };
    return auditEntry(
      caller,
      { action, resource, outcome: "refused", occurrences, detail: { code } },
      this.#dependencies,
    );
  }

  #enqueue(entries: readonly AuditEntryTable[]): void {
    const free = Math.max(0, WAITING_MAX - this.#waiting.length);
    this.#waiting.push(...entries.slice(0, free));
    this.#lost += Math.max(0, entries.length - free);
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** Never rejects: a refusal that cannot be written down is tried again with the next ones. */
  async #write(): Promise<void> {
    const { directory, log } = this.#dependencies;
    const audit = this.#waiting;
    if (audit.length === 0) return;
    this.#waiting = [];
    try {
      await directory.change(async () => ({ changes: [], audit, result: undefined }));
      if (this.#lost > 0) log.warn("refusals are missing in the audit trail", { count: this.#lost });
      this.#lost = 0;
    } catch (error) {
      this.#waiting = [...audit, ...this.#waiting];
      this.#startTimer();
      log.warn("refusals wait for the audit trail", {
        count: this.#waiting.length,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

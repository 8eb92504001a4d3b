import { type Clock, isConcordatError, type Logger } from "@concordat/base";
import { auditLimits } from "@concordat/contracts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import { type BackOff, backOffMs } from "../jobs/pause.ts";
import type { AuditChannel } from "./audit-channel.ts";
import type { AuditStore } from "./audit-store.ts";
import { rowToText } from "./audit-text.ts";

export interface AuditOptions {
  /** Between a commit and the append, so that entries of the same moment go together. */
  readonly delayMs: number;
  /** How often entries that others wrote are looked for. */
  readonly pollMs: number;
  readonly backOff: BackOff;
  /** How long a close waits for what is left to be appended. */
  readonly closeMs: number;
  /** Entries that are on the ledger are removed from the control store after this long; undefined keeps them. */
  readonly keptMs: number | undefined;
}

export const defaultAuditOptions: AuditOptions = {
  delayMs: 20,
  pollMs: 2_000,
  backOff: { firstMs: 200, longestMs: 30_000 },
  closeMs: 2_000,
  keptMs: undefined,
};

export interface AuditOutboxDependencies {
  readonly store: AuditStore;
  readonly channel: Pick<AuditChannel, "open" | "find" | "append">;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Pending {
  readonly entryId: string;
  readonly text: string;
}

const pruneEveryMs = 3_600_000;
const batchBytesMax = 524_288;

/**
 * Appends audit entries to the ledger, in batches soon after they were committed.
 *
 * Invariants: an entry is marked only after the block that holds it is on disk; before an append, and so after a crash between append and
 * mark, the ledger is asked which entries it has. So each is appended exactly once, and none is lost. The entries of a batch are of one
 * tenant, because whoever may see one of them may see the envelope of its transaction.
 */
export class AuditOutbox {
  readonly #options: AuditOptions;
  readonly #dependencies: AuditOutboxDependencies;
  /** Entries that the contract refuses: a copy that was changed behind the server's back, for instance. They stay pending. */
  readonly #refused = new Set<string>();
  #running: Promise<void> | undefined;
  #isWoken = false;
  #failures = 0;
  #isClosed = false;
  #isAbandoned = false;
  #pruneAtMs = 0;
  #cancelTimer = () => {};

  constructor(options: AuditOptions, dependencies: AuditOutboxDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  open(): void {
    this.wake();
  }

  /** Entries were committed. */
  wake(): void {
    // What waits for a ledger that is away waits on.
    if (this.#isWoken || this.#failures > 0) return;
    this.#isWoken = true;
    if (this.#running === undefined) this.#schedule(this.#options.delayMs);
  }

  /** Appends what is there now. @throws what the store or the ledger throws */
  async flush(): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.#run();
  }

  /** Appends what is left, if that is quick; the rest waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    const { clock, log } = this.#dependencies;
    let cancelTimer = () => {};
    const tooLate = new Promise<void>((resolve) => {
      cancelTimer = clock.after(this.#options.closeMs, resolve);
    });
    const flushed = this.flush().catch((error: unknown) => {
      log.info("Audit entries wait for the next start.", { reason: reasonOf(error) });
    });
    await Promise.race([flushed, tooLate]);
    this.#isAbandoned = true;
    cancelTimer();
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#dependencies.clock.after(delayMs, () => {
      this.#run().catch(() => undefined);
    });
  }

  /** One run at a time; the next one is planned by how this one ended. */
  #run(): Promise<void> {
    this.#isWoken = false;
    this.#running ??= this.#drain().then(
      () => {
        this.#running = undefined;
        this.#failures = 0;
        this.#schedule(this.#isWoken ? this.#options.delayMs : this.#options.pollMs);
      },
      (error: unknown) => {
        this.#running = undefined;
        this.#failures++;
        const isQuiet = this.#failures > 1 || isConcordatError(error, "HOME_ELSEWHERE");
        if (!isQuiet) this.#dependencies.log.warn("Audit entries wait for the ledger.", { reason: reasonOf(error) });
        this.#schedule(backOffMs(this.#options.backOff, this.#failures));
        throw error;
      },
    );
    return this.#running;
  }

  async #drain(): Promise<void> {
    const { store, channel } = this.#dependencies;
    await this.#prune();
    for (;;) {
      const rows = await store.pending(auditLimits.entriesMax, [...this.#refused]);
      if (rows.length === 0 || this.#isAbandoned || !(await channel.open())) return;
      for (const batch of toBatches(rows)) await this.#append(batch);
    }
  }

  async #append(batch: readonly Pending[]): Promise<void> {
    const { channel } = this.#dependencies;
    if (this.#isAbandoned) return;
    const found = await channel.find(batch.map(({ entryId }) => entryId));
    await this.#mark(batch, found);
    const missing = batch.filter((_, index) => found[index] === null);
    if (missing.length === 0) return;
    try {
      const txIds = await channel.append(missing.map(({ text }) => text));
      await this.#mark(missing, txIds);
    } catch (error) {
      if (!isConcordatError(error, "CONTRACT_REFUSED")) throw error;
      const [only, ...others] = missing;
      if (only === undefined) return;
      if (others.length === 0) this.#setAside(only, error.facts["refusal"]);
      else for (const each of missing) await this.#append([each]);
    }
  }

  async #mark(batch: readonly Pending[], txIds: readonly (string | null)[]): Promise<void> {
    for (const txId of new Set(txIds)) {
      if (txId === null || txId === undefined) continue;
      const entryIds = batch.filter((_, index) => txIds[index] === txId).map(({ entryId }) => entryId);
      await this.#dependencies.store.mark(entryIds, txId);
    }
  }

  #setAside({ entryId }: Pending, refusal: unknown): void {
    this.#refused.add(entryId);
    this.#dependencies.log.error("The ledger refuses an audit entry.", { entryId, refusal: String(refusal) });
  }

  async #prune(): Promise<void> {
    const { keptMs } = this.#options;
    const nowMs = this.#dependencies.clock.nowMs();
    if (keptMs === undefined || nowMs < this.#pruneAtMs) return;
    this.#pruneAtMs = nowMs + pruneEveryMs;
    await this.#dependencies.store.prune(nowMs - keptMs);
  }
}

/** By tenant, in order, and of bounded size. */
function toBatches(rows: readonly AuditEntryTable[]): Pending[][] {
  const batches: Pending[][] = [];
  for (const group of Map.groupBy(rows, (row) => row.tenantId).values()) {
    let batch: Pending[] = [];
    let bytes = 0;
    for (const row of group) {
      const text = rowToText(row);
      const size = Buffer.byteLength(text);
      if (batch.length > 0 && bytes + size > batchBytesMax) {
        batches.push(batch);
        batch = [];
        bytes = 0;
      }
      batch.push({ entryId: row.entryId, text });
      bytes += size;
    }
    batches.push(batch);
  }
  return batches;
}

function reasonOf(error: unknown): string {
  if (isConcordatError(error)) return error.code;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import type { Clock } from "@concordat/base";
import type { Contract } from "../contract-api/index.ts";
import type { LedgerIndex } from "../history/ports.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { StateDatabase } from "../state/ports.ts";
import { type BlockEffects, meterWrites } from "./effects.ts";

export interface DeriverStores {
  readonly state: StateDatabase;
  readonly index: LedgerIndex;
  readonly merkle: MerkleLog;
  /** SM channels only. */
  readonly sm3: MerkleLog | undefined;
}

/** Blocks applied in one batch at most; more would hold their memory for longer without being faster. */
const BATCH_BLOCKS_MAX = 64;
/** How long blocks gather before they are applied: handing a batch to three stores costs as much as some twenty small blocks in it. */
const GATHER_MS = 25;

/**
 * Brings the derived stores up to the durable blocks, behind the acknowledgements. Blocks gather for a moment unless
 * somebody waits for them. Whatever it has not done when the process ends is replayed from the segments.
 *
 * Invariants: blocks arrive in order without gaps; a store is never given a block that its savepoint covers.
 */
export class Deriver {
  readonly #stores: DeriverStores;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #clock: Clock;
  readonly #onApplied: (blocks: readonly BlockEffects[]) => void;
  readonly #onFailed: (cause: unknown) => void;
  #queue: BlockEffects[] = [];
  #running: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #enqueued = 0;
  #waiting: { readonly isOver: () => boolean; readonly resolve: () => void }[] = [];
  /** Ends the gathering that is going on. */
  #hurry: (() => void) | undefined;

  constructor(
    options: {
      readonly clock: Clock;
      readonly contracts: ReadonlyMap<string, Contract>;
      readonly onApplied: (blocks: readonly BlockEffects[]) => void;
      readonly onFailed: (cause: unknown) => void;
    },
    stores: DeriverStores,
  ) {
    this.#stores = stores;
    this.#clock = options.clock;
    this.#contracts = options.contracts;
    this.#onApplied = options.onApplied;
    this.#onFailed = options.onFailed;
  }

  /** Blocks waiting to be applied. */
  get backlog(): number {
    return this.#queue.length;
  }

  enqueue(blocks: readonly BlockEffects[]): void {
    this.#queue.push(...blocks);
    this.#enqueued += blocks.length;
    this.#running ??= this.#run();
  }

  /** Settles when all blocks enqueued so far are applied. @throws what made the stores fail */
  async caughtUp(): Promise<void> {
    const target = this.#enqueued;
    await this.#waitUntil(() => this.#enqueued - this.backlog >= target);
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Settles when fewer than `limit` blocks wait, or when nothing will be applied any more. */
  below(limit: number): Promise<void> {
    return this.#waitUntil(() => this.backlog < limit);
  }

  #waitUntil(isMet: () => boolean): Promise<void> {
    const isOver = () => isMet() || this.#failure !== undefined;
    if (isOver()) return Promise.resolve();
    this.#hurry?.();
    return new Promise((resolve) => this.#waiting.push({ isOver, resolve }));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ isOver }) => isOver());
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }

  #gather(): Promise<void> {
    if (this.#waiting.length > 0 || this.backlog >= BATCH_BLOCKS_MAX) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(GATHER_MS, () => this.#hurry?.());
      this.#hurry = () => {
        this.#hurry = undefined;
        cancel();
        resolve();
      };
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 && this.#failure === undefined) {
        await this.#gather();
        const blocks = this.#queue.slice(0, BATCH_BLOCKS_MAX);
        await applyBlocks(this.#stores, blocks, this.#contracts);
        this.#queue = this.#queue.slice(blocks.length);
        this.#onApplied(blocks);
        this.#wake();
      }
    } catch (cause) {
      this.#failure = { cause };
      this.#onFailed(cause);
      this.#wake();
    } finally {
      this.#running = undefined;
    }
  }
}

/** Applies consecutive blocks to each store from its own savepoint on. */
export async function applyBlocks(
  stores: DeriverStores,
  blocks: readonly BlockEffects[],
  contracts: ReadonlyMap<string, Contract>,
): Promise<void> {
  const last = blocks.at(-1);
  if (last === undefined) return;
  const height = last.number + 1;
  const forState = blocks.filter((block) => block.number >= stores.state.savepoint);
  const forIndex = blocks.filter((block) => block.number >= stores.index.savepoint);
  const stateWrites = forState.flatMap((block) => block.writes);
  await Promise.all([
    forState.length === 0 ? undefined : stores.state.apply(height, stateWrites),
    forIndex.length === 0
      ? undefined
      : stores.index.apply(height, {
          blocks: forIndex,
          lastTimestampMs: forIndex.findLast((block) => block.lastTimestampMs !== undefined)?.lastTimestampMs,
          transactions: forIndex.flatMap((block) => block.transactions),
          writes: forIndex.length === forState.length ? stateWrites : forIndex.flatMap((block) => block.writes),
          meters: meterWrites(forIndex, contracts),
        }),
    stores.merkle.flush(),
    stores.sm3?.flush(),
  ]);
}

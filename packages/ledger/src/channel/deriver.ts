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

/**
 * Brings the derived stores up to the durable blocks, behind the acknowledgements. Whatever it has not done when the
 * process ends is replayed from the segments.
 *
 * Invariants: blocks arrive in order without gaps; a store is never given a block that its savepoint covers.
 */
export class Deriver {
  readonly #stores: DeriverStores;
  readonly #contracts: ReadonlyMap<string, Contract>;
  readonly #onApplied: (blocks: readonly BlockEffects[]) => void;
  readonly #onFailed: (cause: unknown) => void;
  #queue: BlockEffects[] = [];
  #running: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #waiting: { readonly below: number; readonly resolve: () => void }[] = [];

  constructor(
    options: {
      readonly contracts: ReadonlyMap<string, Contract>;
      readonly onApplied: (blocks: readonly BlockEffects[]) => void;
      readonly onFailed: (cause: unknown) => void;
    },
    stores: DeriverStores,
  ) {
    this.#stores = stores;
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
    this.#running ??= this.#run();
  }

  /** Settles when all blocks enqueued so far are applied. @throws what made the stores fail */
  async caughtUp(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Settles when fewer than `limit` blocks wait, or when nothing will be applied any more. */
  below(limit: number): Promise<void> {
    if (this.backlog < limit || this.#failure !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ below: limit, resolve }));
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ below }) => this.backlog < below || this.#failure !== undefined);
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 && this.#failure === undefined) {
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
  await Promise.all([
    forState.length === 0
      ? undefined
      : stores.state.apply(
          height,
          forState.flatMap((block) => block.writes),
        ),
    forIndex.length === 0
      ? undefined
      : stores.index.apply(height, {
          transactions: forIndex.flatMap((block) => block.transactions),
          writes: forIndex.flatMap((block) =>
            block.writes.map((write) => ({
              namespace: write.namespace,
              key: write.key,
              block: write.version.block,
              index: write.version.index,
              isDelete: write.value === undefined,
            })),
          ),
          meters: meterWrites(forIndex, contracts),
        }),
    stores.merkle.flush(),
    stores.sm3?.flush(),
  ]);
}

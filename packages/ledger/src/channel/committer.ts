import type { Anchor } from "../block-store/anchor.ts";
import type { BlockStore } from "../block-store/block-store.ts";
import type { CutBlock } from "./block-builder.ts";

/**
 * Makes cut blocks durable, in order, as many together as have gathered while the last group was being written.
 *
 * Invariants: a block is published only after its segment and an anchor that covers it are synced; after the first
 * failure nothing is written any more, because what a failed sync left on the medium is unknown until a restart reads it.
 */
export class Committer {
  readonly #blocks: BlockStore;
  readonly #anchor: Anchor;
  readonly #onDurable: (blocks: readonly CutBlock[]) => void;
  readonly #onFailed: (cause: unknown, lost: readonly CutBlock[]) => void;
  readonly #onIdle: () => void;
  #queue: CutBlock[] = [];
  #running: Promise<void> | undefined;
  #failed = false;

  constructor(
    handlers: {
      readonly onDurable: (blocks: readonly CutBlock[]) => void;
      readonly onFailed: (cause: unknown, lost: readonly CutBlock[]) => void;
      readonly onIdle: () => void;
    },
    stores: { readonly blocks: BlockStore; readonly anchor: Anchor },
  ) {
    this.#blocks = stores.blocks;
    this.#anchor = stores.anchor;
    this.#onDurable = handlers.onDurable;
    this.#onFailed = handlers.onFailed;
    this.#onIdle = handlers.onIdle;
  }

  get idle(): boolean {
    return this.#running === undefined;
  }

  get backlog(): number {
    return this.#queue.length;
  }

  enqueue(block: CutBlock): void {
    if (this.#failed) {
      this.#onFailed(undefined, [block]);
      return;
    }
    this.#queue.push(block);
    this.#running ??= this.#run();
  }

  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Blocks cut in the same tick belong to one group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      try {
        await this.#write(group);
      } catch (cause) {
        this.#failed = true;
        const lost = [...group, ...this.#queue];
        this.#queue = [];
        this.#running = undefined;
        this.#onFailed(cause, lost);
        return;
      }
      this.#onDurable(group);
    }
    this.#running = undefined;
    this.#onIdle();
  }

  async #write(group: readonly CutBlock[]): Promise<void> {
    const last = group.at(-1);
    if (last === undefined) return;
    await this.#blocks.append(group.map((block) => block.bytes));
    await this.#anchor.write(last.number + 1, last.checkpoint);
  }
}

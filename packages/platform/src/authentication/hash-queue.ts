import { PlatformError } from "../errors.ts";

export interface HashQueueOptions {
  /** Hashes at a time: each takes 19 MiB and a thread of the pool, which the ledger's disk work shares. */
  readonly runningMax: number;
  readonly waitingMax: number;
  /** Of one source address. */
  readonly waitingMaxOfOne: number;
}

const defaultOptions: HashQueueOptions = { runningMax: 2, waitingMax: 64, waitingMaxOfOne: 8 };

/**
 * Bounds the work that password hashing may take: a flood of sign-ins waits or is refused, and other calls go on. No source can take
 * more than its share of the queue.
 */
export class HashQueue {
  readonly #options: HashQueueOptions;
  readonly #waiting: { readonly source: string; readonly start: () => void }[] = [];
  #running = 0;

  constructor(options: Partial<HashQueueOptions> = {}) {
    this.#options = { ...defaultOptions, ...options };
  }

  /** @throws PlatformError OVERLOADED when too many wait */
  async run<Result>(source: string, work: () => Promise<Result>): Promise<Result> {
    await this.#turn(source);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  #turn(source: string): Promise<void> | undefined {
    const { runningMax, waitingMax, waitingMaxOfOne } = this.#options;
    if (this.#running < runningMax) {
      this.#running++;
      return undefined;
    }
    const ofSource = this.#waiting.filter((each) => each.source === source).length;
    if (this.#waiting.length >= waitingMax || ofSource >= waitingMaxOfOne) {
      throw new PlatformError("OVERLOADED", "Too many sign-ins are waiting.");
    }
    return new Promise((resolve) => this.#waiting.push({ source, start: resolve }));
  }
}

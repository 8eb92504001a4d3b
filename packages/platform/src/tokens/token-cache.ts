import type { StoredToken } from "./token-store.ts";

interface CachedToken {
  readonly token: StoredToken;
  /** Taken before the read began. */
  readonly readMs: number;
}

/**
 * Tokens that were read a moment ago.
 *
 * Invariants: nothing older than `freshMs` is answered, so what another server revoked passes no longer than that; at most `entriesMax`
 * are kept, the longest unused go first. What is not there is not remembered: guesses would fill the memory.
 */
export class TokenCache {
  readonly #entries = new Map<string, CachedToken>();
  readonly #freshMs: number;
  readonly #entriesMax: number;
  #removals = 0;

  constructor(options: { readonly freshMs: number; readonly entriesMax: number }) {
    this.#freshMs = options.freshMs;
    this.#entriesMax = options.entriesMax;
  }

  /** Grows with every removal here: a read that began before one may bring back what it took away. */
  get removals(): number {
    return this.#removals;
  }

  find(tokenHash: string, nowMs: number): StoredToken | undefined {
    const entry = this.#entries.get(tokenHash);
    if (entry === undefined) return undefined;
    this.#entries.delete(tokenHash);
    // A clock that was set back would make old entries look new.
    if (nowMs < entry.readMs || nowMs - entry.readMs >= this.#freshMs) return undefined;
    this.#entries.set(tokenHash, entry);
    return entry.token;
  }

  /** @param removalsBefore {@link TokenCache.removals} when the read began */
  add(token: StoredToken, readMs: number, removalsBefore: number): void {
    if (removalsBefore !== this.#removals) return;
    if (this.#entries.size >= this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(token.tokenHash, { token, readMs });
  }

  remove(tokenHash: string): void {
    this.#removals++;
    this.#entries.delete(tokenHash);
  }

  clear(): void {
    this.#removals++;
    this.#entries.clear();
  }
}

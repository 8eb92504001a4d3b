/** Wall-clock time and timers, injected so that tests can hold a block open or let a nonce expire. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. May step backwards; callers that need order keep their own maximum. */
  nowMs(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

import type { Clock } from "@concordat/base";

/** Settles after a while, or at once when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(delayMs, end);
    signal.addEventListener("abort", end);
    function end(): void {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The pause before try `attempt` + 1: doubled each time. */
export function backOffMs({ firstMs, longestMs }: BackOff, attempt: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 30));
}

import type { Clock, Logger } from "@concordat/base";

export interface StopOptions {
  /** Ends everything in order; must not take long, see the limit of the listener. */
  stop(): Promise<void>;
  exit(code: number): void;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;
/** A terminal and npm both pass on one Ctrl-C: two signals in this time are one wish. */
const SAME_WISH_MS = 500;

/** The first signal stops the server in order, exit code 0; a second one ends the process at once. */
export function stopOnSignals(
  options: StopOptions,
  dependencies: { readonly clock: Clock; readonly log: Logger; readonly events: Pick<NodeJS.Process, "on"> },
): void {
  let firstMs: number | undefined;
  for (const signal of SIGNALS) {
    dependencies.events.on(signal, () => {
      const nowMs = dependencies.clock.nowMs();
      if (firstMs === undefined) {
        firstMs = nowMs;
        dependencies.log.info("stopping", { signal });
        options.stop().then(
          () => options.exit(0),
          (error: unknown) => {
            dependencies.log.error("stopping failed", { reason: String(error) });
            options.exit(1);
          },
        );
      } else if (nowMs - firstMs >= SAME_WISH_MS) {
        dependencies.log.warn("ended by a second signal", { signal });
        options.exit(EXIT_CODES[signal]);
      }
    });
  }
}

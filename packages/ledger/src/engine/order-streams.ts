import { ledgerErrors } from "../errors.ts";
import type { OrderResult } from "../ports.ts";

const REFUSED_MAX = 10_000;

/** Which streams of envelopes have ended with a refusal. */
export class OrderStreams {
  readonly #refused = new Set<number>();

  /**
   * @param order throws at once when the envelope is refused, so that one behind it, called in the same turn, finds that noted
   * @throws LedgerError ENVELOPE_REFUSED behind a refused one
   */
  order(stream: number | undefined, order: () => Promise<OrderResult>): Promise<OrderResult> {
    if (stream === undefined) return order();
    if (this.#refused.has(stream)) {
      throw ledgerErrors.envelopeRefused("BAD_REQUEST", "An envelope before it on the same stream was refused.");
    }
    try {
      return order();
    } catch (error) {
      this.#note(stream);
      throw error;
    }
  }

  #note(stream: number): void {
    const [oldest] = this.#refused;
    if (this.#refused.size >= REFUSED_MAX && oldest !== undefined) this.#refused.delete(oldest);
    this.#refused.add(stream);
  }
}

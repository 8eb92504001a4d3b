import { InvariantError } from "@concordat/base";

/** Meter sums by contract, in memory. Sums are visible only once `commit` is called for the batch that carries their rows. */
export class Meters {
  readonly #visible = new Map<string, ContractMeters>();
  /** By whole meter name: sums that include accepted batches not yet committed. */
  readonly #accepted = new Map<string, number>();

  set(name: string, sum: number): void {
    this.#accepted.set(name, sum);
    this.#show(name, sum);
  }

  /** Answers the new sums by whole meter name. */
  add(amounts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const [name, amount] of amounts) {
      const sum = (this.#accepted.get(name) ?? 0) + amount;
      this.#accepted.set(name, sum);
      sums.set(name, sum);
    }
    return sums;
  }

  commit(sums: ReadonlyMap<string, number>): void {
    for (const [name, sum] of sums) this.#show(name, sum);
  }

  select(contract: string, prefix: string): Record<string, number> {
    const meters = this.#visible.get(contract);
    // A meter may be named "__proto__": fromEntries defines it as an own field.
    return Object.fromEntries(meters?.withPrefix(prefix) ?? []);
  }

  #show(name: string, sum: number): void {
    const { contract, meter } = splitMeterName(name);
    let meters = this.#visible.get(contract);
    if (meters === undefined) {
      meters = new ContractMeters();
      this.#visible.set(contract, meters);
    }
    meters.set(meter, sum);
  }
}

export function splitMeterName(name: string): { readonly contract: string; readonly meter: string } {
  const border = name.indexOf("\0");
  if (border < 0) throw new InvariantError("A meter name lacks its contract.");
  return { contract: name.slice(0, border), meter: name.slice(border + 1) };
}

/** Keeps the names sorted between additions of new ones, so that a prefix look-up does not walk all meters. */
class ContractMeters {
  readonly #sums = new Map<string, number>();
  #sorted: string[] | undefined;

  set(meter: string, sum: number): void {
    if (!this.#sums.has(meter)) this.#sorted = undefined;
    this.#sums.set(meter, sum);
  }

  *withPrefix(prefix: string): Generator<[string, number]> {
    this.#sorted ??= [...this.#sums.keys()].sort();
    for (let at = lowerBound(this.#sorted, prefix); at < this.#sorted.length; at++) {
      const meter = this.#sorted[at];
      if (meter === undefined || !meter.startsWith(prefix)) return;
      yield [meter, this.#sums.get(meter) ?? 0];
    }
  }
}

/** Index of the first name not below `bound`, in UTF-16 order as `sort` leaves it. */
function lowerBound(sorted: readonly string[], bound: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How often each function succeeded, and each refusal was met. */
export class Tally {
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, number>();
  calls = 0;
  successes = 0;

  /** @param refusal "" for a success */
  count(fn: string, refusal: string): void {
    this.calls++;
    if (refusal === "") {
      this.successes++;
      this.done.set(fn, (this.done.get(fn) ?? 0) + 1);
    } else this.refused.set(refusal, (this.refused.get(refusal) ?? 0) + 1);
  }

  /** Those of `names` that occurred less often than `least`. */
  static rare(counts: ReadonlyMap<string, number>, names: readonly string[], least: number): readonly string[] {
    return names.flatMap((name) => {
      const count = counts.get(name) ?? 0;
      return count < least ? `${name}: ${count}` : [];
    });
  }
}

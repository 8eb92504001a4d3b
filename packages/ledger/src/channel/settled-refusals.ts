/**
 * Answers that wait for the transactions ordered before them: a refusal that may rest on writes not yet durable is given only after those are.
 */
export class SettledRefusals {
  /** Transactions that got their place, and those of them whose fate is known, since the start. */
  #orderedCount = 0;
  #settledCount = 0;
  /** In order. */
  #waiting: { readonly after: number; readonly answer: () => void }[] = [];

  ordered(): void {
    this.#orderedCount += 1;
  }

  /** That many more transactions are durable, or known to have failed. */
  settled(count: number): void {
    this.#settledCount += count;
    let ready = 0;
    for (const { after, answer } of this.#waiting) {
      if (after > this.#settledCount) break;
      answer();
      ready += 1;
    }
    if (ready > 0) this.#waiting = this.#waiting.slice(ready);
  }

  /** Answers at once when nothing is under way. */
  answer(answer: () => void): void {
    if (this.#settledCount === this.#orderedCount) answer();
    else this.#waiting.push({ after: this.#orderedCount, answer });
  }
}

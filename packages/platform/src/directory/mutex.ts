/** Runs pieces of work one after the other, in the order of their calls. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    // The next piece runs whatever became of this one; its caller hears of a failure, not the queue.
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Work in the order in which it came. Taking is as cheap as adding, however much waits. */
export class WorkQueue<Work> {
  #items: Work[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(work: Work): void {
    this.#items.push(work);
  }

  next(): Work | undefined {
    const work = this.#items[this.#head];
    this.#head += 1;
    if (work === undefined) {
      this.#items = [];
      this.#head = 0;
    }
    return work;
  }
}

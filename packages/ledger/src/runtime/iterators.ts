import type { StateIterator } from "../contract-api/index.ts";

/** Fabric's iterator over any async source, also usable with `for await`. */
export class SourceIterator<Source, Item> implements StateIterator<Item> {
  readonly #source: AsyncIterator<Source>;
  readonly #convert: (row: Source) => Item;

  constructor(source: AsyncIterable<Source>, convert: (row: Source) => Item) {
    this.#source = source[Symbol.asyncIterator]();
    this.#convert = convert;
  }

  async next(): Promise<{ value: Item; done: boolean }> {
    const step = await this.#source.next();
    // fabric-shim's type promises a value even at the end; contracts test `done` first.
    return step.done === true
      ? { value: undefined as Item, done: true }
      : { value: this.#convert(step.value), done: false };
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    try {
      for (;;) {
        const step = await this.next();
        if (step.done) return;
        yield step.value;
      }
    } finally {
      await this.close();
    }
  }
}

/** Takes up to `size` rows; `next` is the first row left over, where the following page starts. */
export async function takePage<Row>(source: AsyncIterable<Row>, size: number): Promise<{ rows: Row[]; next?: Row }> {
  const rows: Row[] = [];
  for await (const row of source) {
    if (rows.length === size) return { rows, next: row };
    rows.push(row);
  }
  return { rows };
}

export async function* fromArray<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

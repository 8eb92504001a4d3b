import { ledgerErrors } from "../errors.ts";

const BATCH_ROWS = 100;
/** A batch ends early when its values have this many bytes together. */
const BATCH_BYTES = 4 * 2 ** 20;
const CURSORS_MAX = 100;

export interface Batch<Row> {
  readonly rows: readonly Row[];
  readonly cursor: number | undefined;
}

interface Cursor<Row> {
  readonly rows: AsyncIterator<Row>;
  /** Taken, and left for the next batch: that it is there had to be known. */
  ahead: Row;
}

/** Queries of one kind that a simulation has not read to their end. Like Fabric's peer it reads one row ahead of what it gives. */
export class SimulationCursors<Row extends { readonly value: Uint8Array }> {
  readonly #open = new Map<number, Cursor<Row>>();
  readonly #nextId: () => number;
  #isClosed = false;

  /** @param nextId shared by cursors of all kinds of a simulation */
  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  async begin(source: AsyncIterable<Row>): Promise<Batch<Row>> {
    if (this.#open.size >= CURSORS_MAX) {
      throw ledgerErrors.simulationRefused(`A simulation has ${CURSORS_MAX} open queries at most.`);
    }
    return this.#take(source[Symbol.asyncIterator](), [], this.#nextId());
  }

  async next(id: number): Promise<Batch<Row>> {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw ledgerErrors.simulationRefused("The query has ended.");
    this.#open.delete(id);
    return this.#take(cursor.rows, [cursor.ahead], id);
  }

  async close(id: number): Promise<void> {
    const cursor = this.#open.get(id);
    this.#open.delete(id);
    await cursor?.rows.return?.();
  }

  async closeAll(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  async #take(source: AsyncIterator<Row>, rows: Row[], id: number): Promise<Batch<Row>> {
    let bytes = rows.reduce((sum, { value }) => sum + value.length, 0);
    for (;;) {
      const step = await source.next();
      if (step.done === true) return { rows, cursor: undefined };
      if (rows.length >= BATCH_ROWS || (rows.length > 0 && bytes + step.value.value.length > BATCH_BYTES)) {
        // The simulation may have been dropped meanwhile.
        if (this.#isClosed) await source.return?.();
        else this.#open.set(id, { rows: source, ahead: step.value });
        return { rows, cursor: id };
      }
      rows.push(step.value);
      bytes += step.value.value.length;
    }
  }
}

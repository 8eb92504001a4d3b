import { InvariantError } from "@concordat/base";
import type { SimulationAnswer, SimulationStep } from "@concordat/ledger/client";
import type { CallSimulation } from "../contracts/ports.ts";
import { encodeHistoryRow, encodeRows, encodeStateRow } from "./answers.ts";
import { refusal } from "./refusal.ts";

/** Rows that have been read but not sent, and where the simulation goes on. */
interface OpenQuery {
  readonly rows: Uint8Array[];
  cursor: number | undefined;
}

/** An answer holds at most so many rows, as on Fabric, and no further row once it has so many bytes. */
const BATCH_ROWS = 100;
const BATCH_BYTES = 1024 * 1024;

/**
 * The open queries of one transaction. A shim reads the next row without looking when it was told that there is more; so the last row
 * is held back until the simulation has said what follows it.
 */
export class Iterators {
  readonly #simulation: CallSimulation;
  readonly #openMax: number;
  readonly #open = new Map<string, OpenQuery>();
  #made = 0;

  constructor(options: { readonly openMax: number }, dependencies: { readonly simulation: CallSimulation }) {
    this.#openMax = options.openMax;
    this.#simulation = dependencies.simulation;
  }

  /** Runs a step for rows and answers its first batch. */
  async start(step: SimulationStep, paged: boolean): Promise<Uint8Array> {
    if (this.#open.size >= this.#openMax) {
      throw refusal(`a transaction may have ${this.#openMax} open queries at most`);
    }
    const answer = await this.#simulation.step(step);
    const query: OpenQuery = { rows: [], cursor: undefined };
    const count = this.#take(query, answer);
    this.#made += 1;
    const iterator = String(this.#made);
    this.#open.set(iterator, query);
    if (!paged) return this.#batch(iterator, query);
    const bookmark = answer.kind === "rows" ? (answer.bookmark ?? "") : "";
    return this.#batch(iterator, query, { count, bookmark });
  }

  async next(iterator: string): Promise<Uint8Array> {
    const query = this.#open.get(iterator);
    if (query === undefined) throw refusal("query iterator not found");
    return this.#batch(iterator, query);
  }

  /** Closing one that is not open (any more) succeeds: a query closes by itself at its end. */
  async close(iterator: string): Promise<Uint8Array> {
    const query = this.#open.get(iterator);
    this.#open.delete(iterator);
    if (query?.cursor !== undefined) await this.#simulation.step({ kind: "close", cursor: query.cursor });
    return encodeRows({ iterator, rows: [], hasMore: false });
  }

  async closeAll(): Promise<void> {
    for (const iterator of [...this.#open.keys()]) await this.close(iterator);
  }

  #take(query: OpenQuery, answer: SimulationAnswer): number {
    if (answer.kind !== "rows" && answer.kind !== "history") {
      throw new InvariantError(`a step for rows answered ${answer.kind}`);
    }
    const rows = answer.kind === "rows" ? answer.rows.map(encodeStateRow) : answer.rows.map(encodeHistoryRow);
    for (const row of rows) query.rows.push(row);
    query.cursor = answer.cursor;
    return rows.length;
  }

  async #batch(
    iterator: string,
    query: OpenQuery,
    page?: { readonly count: number; readonly bookmark: string },
  ): Promise<Uint8Array> {
    while (query.rows.length < 2 && query.cursor !== undefined) {
      this.#take(query, await this.#simulation.step({ kind: "next", cursor: query.cursor }));
    }
    const heldBack = query.cursor === undefined ? 0 : 1;
    const rows = query.rows.splice(0, batchLength(query.rows, query.rows.length - heldBack));
    const hasMore = query.rows.length > 0;
    if (!hasMore) this.#open.delete(iterator);
    return encodeRows({ iterator, rows, hasMore, ...(page === undefined ? {} : { page }) });
  }
}

function batchLength(rows: readonly Uint8Array[], available: number): number {
  let bytes = 0;
  let length = 0;
  while (length < Math.min(available, BATCH_ROWS) && bytes < BATCH_BYTES) {
    bytes += rows[length]?.length ?? 0;
    length += 1;
  }
  return length;
}

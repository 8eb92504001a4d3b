import { ConcordatError } from "@concordat/base";
import type { HistoryItem, SimulationAnswer, SimulationStep, StateItem } from "@concordat/ledger/client";
import type { CallSimulation } from "../../contracts/ports.ts";

/** Committed state of one namespace, and what was done to it before. */
export interface MemoryState {
  readonly values: Map<string, Uint8Array>;
  readonly metadata: Map<string, Record<string, Uint8Array>>;
  readonly history: Map<string, HistoryItem[]>;
}

export function memoryState(values: Readonly<Record<string, string>> = {}): MemoryState {
  const entries = Object.entries(values).map(([key, value]): [string, Uint8Array] => [key, Buffer.from(value)]);
  return { values: new Map(entries), metadata: new Map(), history: new Map() };
}

const BATCH = 3;

function refused(text: string): ConcordatError {
  return new ConcordatError({ code: "ARGUMENT_INVALID", summary: text });
}

/** A simulation over maps: it sees the state, never its own writes, and hands out rows three at a time. */
export class MemorySimulation implements CallSimulation {
  readonly steps: SimulationStep[] = [];
  readonly writes = new Map<string, Uint8Array | undefined>();
  readonly metadataWrites = new Map<string, Record<string, Uint8Array>>();
  readonly #state: MemoryState;
  readonly #cursors = new Map<number, SimulationAnswer[]>();
  #made = 0;
  #running = false;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  get openCursors(): number {
    return this.#cursors.size;
  }

  async step(step: SimulationStep): Promise<SimulationAnswer> {
    if (this.#running) throw new Error("two steps at once");
    this.#running = true;
    await new Promise((resolve) => setImmediate(resolve));
    this.#running = false;
    this.steps.push(step);
    return this.#do(step);
  }

  /** Writes become state. */
  commit(): void {
    for (const [key, value] of this.writes) {
      if (value === undefined) this.#state.values.delete(key);
      else this.#state.values.set(key, value);
      const item = { txId: `tx-${key}`, timestamp: { seconds: 7, nanos: 9 }, isDelete: value === undefined };
      const items = this.#state.history.get(key) ?? [];
      this.#state.history.set(key, [{ ...item, value: value ?? new Uint8Array() }, ...items]);
    }
    for (const [key, entries] of this.metadataWrites) this.#state.metadata.set(key, entries);
  }

  #do(step: SimulationStep): SimulationAnswer {
    switch (step.kind) {
      case "get":
        return { kind: "value", value: this.#state.values.get(step.key) };
      case "put":
        if (step.key === "") throw refused("The key is empty.");
        this.writes.set(step.key, step.value);
        return { kind: "done" };
      case "delete":
        this.writes.set(step.key, undefined);
        return { kind: "done" };
      case "get-metadata":
        return { kind: "metadata", entries: this.#state.metadata.get(step.key) ?? {} };
      case "put-metadata":
        this.metadataWrites.set(step.key, { [step.name]: step.value });
        return { kind: "done" };
      case "range":
        return this.#rows(
          this.#rowsIn(step.namespace, (key) => key >= step.start && (step.end === "" || key < step.end)),
          step.page,
        );
      case "query": {
        const selector: Record<string, unknown> = JSON.parse(step.query).selector;
        const rows = this.#rowsIn(step.namespace, () => true).filter((row) => matches(row.value, selector));
        return this.#rows(rows, step.page);
      }
      case "history":
        return this.#hand(batches(this.#state.history.get(step.key) ?? []).map((rows) => history(rows)));
      case "next":
        return this.#next(step.cursor);
      case "close":
        this.#cursors.delete(step.cursor);
        return { kind: "done" };
      case "run":
        throw refused("There are no built-in contracts here.");
    }
  }

  #rowsIn(namespace: string, wanted: (key: string) => boolean): StateItem[] {
    const keys = [...this.#state.values.keys()].filter(wanted).sort();
    return keys.map((key) => ({ namespace, key, value: this.#state.values.get(key) ?? new Uint8Array() }));
  }

  #rows(rows: StateItem[], page: { size: number; bookmark: string } | undefined): SimulationAnswer {
    if (page === undefined)
      return this.#hand(batches(rows).map((batch) => ({ kind: "rows", rows: batch, cursor: undefined })));
    const from = rows.filter((row) => row.key >= page.bookmark);
    const bookmark = from[page.size]?.key ?? "";
    return { kind: "rows", rows: from.slice(0, page.size), cursor: undefined, bookmark };
  }

  #hand(answers: SimulationAnswer[]): SimulationAnswer {
    this.#made += 1;
    this.#cursors.set(this.#made, answers);
    return this.#next(this.#made);
  }

  #next(cursor: number): SimulationAnswer {
    const answers = this.#cursors.get(cursor);
    if (answers === undefined) throw refused("No such cursor.");
    const answer = answers.shift();
    if (answers.length === 0) this.#cursors.delete(cursor);
    if (answer === undefined) return { kind: "rows", rows: [], cursor: undefined };
    if (answer.kind !== "rows" && answer.kind !== "history") throw new Error("no rows");
    return { ...answer, cursor: answers.length === 0 ? undefined : cursor };
  }
}

function matches(value: Uint8Array, selector: Record<string, unknown>): boolean {
  try {
    const document: Record<string, unknown> = JSON.parse(Buffer.from(value).toString());
    return Object.entries(selector).every(([name, wanted]) => document[name] === wanted);
  } catch {
    return false;
  }
}

function history(rows: HistoryItem[]): SimulationAnswer {
  return { kind: "history", rows, cursor: undefined };
}

function batches<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, at) => rows.slice(at * BATCH, at * BATCH + BATCH));
}

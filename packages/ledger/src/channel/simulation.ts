import { assertContractName } from "../encoding/names.ts";
import { LIFECYCLE_NAMESPACE } from "../endorsement/definitions.ts";
import { encodeResults } from "../endorsement/results.ts";
import type { HistoryItem, SimulationAnswer, SimulationResults, SimulationStep, StateItem } from "../ports.ts";
import { SimulatedState } from "../runtime/simulated-state.ts";
import type { StateView } from "../runtime/view.ts";
import type { Picture } from "./pictures.ts";
import { SimulationCursors } from "./simulation-cursors.ts";

export type RunStep = Extract<SimulationStep, { kind: "run" }>;
export type RunAnswer = Extract<SimulationAnswer, { kind: "ran" }>;

export interface SimulationDependencies {
  readonly picture: Picture;
  readonly view: StateView;
  /** Runs a built-in contract over a state. */
  readonly run: (step: RunStep, state: SimulatedState) => Promise<RunAnswer>;
  readonly release: () => void;
}

const DONE = { kind: "done" } as const;

/** One proposal while it is simulated: its view of the state, and what it has read and written so far. */
export class ChannelSimulation {
  readonly picture: Picture;
  readonly #dependencies: SimulationDependencies;
  readonly #state: SimulatedState;
  readonly #rows: SimulationCursors<StateItem>;
  readonly #histories: SimulationCursors<HistoryItem>;
  #isEnded = false;

  constructor(dependencies: SimulationDependencies) {
    this.picture = dependencies.picture;
    this.#dependencies = dependencies;
    this.#state = new SimulatedState(dependencies.view);
    let lastId = 0;
    const nextId = () => ++lastId;
    this.#rows = new SimulationCursors(nextId);
    this.#histories = new SimulationCursors(nextId);
  }

  /** The step "get". */
  read(namespace: string, key: string): Uint8Array | undefined {
    requireReadable(namespace);
    return owned(this.#state.get(namespace, key));
  }

  async step(step: SimulationStep): Promise<SimulationAnswer> {
    const state = this.#state;
    switch (step.kind) {
      case "get":
        return { kind: "value", value: this.read(step.namespace, step.key) };
      case "get-metadata":
        requireReadable(step.namespace);
        return { kind: "metadata", entries: ownedEntries(state.metadata(step.namespace, step.key)) };
      case "range":
      case "query":
        return this.#query(step);
      case "history": {
        requireReadable(step.namespace);
        return { kind: "history", ...(await this.#histories.begin(historyItems(state, step.namespace, step.key))) };
      }
      case "next":
        if (this.#histories.has(step.cursor)) return { kind: "history", ...(await this.#histories.next(step.cursor)) };
        return { kind: "rows", ...(await this.#rows.next(step.cursor)) };
      case "close":
        await Promise.all([this.#rows.close(step.cursor), this.#histories.close(step.cursor)]);
        return DONE;
      case "run":
        return this.#dependencies.run(step, state);
      default:
        return this.#write(step);
    }
  }

  /** Ends it. */
  async finish(): Promise<SimulationResults> {
    try {
      const namespaces = this.#state.results();
      const written = namespaces.filter(({ writes }) => writes.length > 0);
      return {
        results: encodeResults(namespaces),
        writtenNamespaces: written.map(({ namespace }) => namespace).sort(),
      };
    } finally {
      await this.end();
    }
  }

  /** Ends it without results. Does nothing the second time. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#dependencies.release();
    await Promise.all([this.#rows.closeAll(), this.#histories.closeAll()]);
  }

  #write(step: Extract<SimulationStep, { kind: "put" | "delete" | "put-metadata" }>): SimulationAnswer {
    // Definitions are written by the contract that keeps them, and metadata rows by nobody but the engine.
    assertContractName(step.namespace);
    if (step.kind === "put") this.#state.put(step.namespace, step.key, step.value);
    else if (step.kind === "delete") this.#state.delete(step.namespace, step.key);
    else this.#state.putMetadata(step.namespace, step.key, step.name, step.value);
    return DONE;
  }

  async #query(step: Extract<SimulationStep, { kind: "range" | "query" }>): Promise<SimulationAnswer> {
    const state = this.#state;
    const { namespace, page } = step;
    requireReadable(namespace);
    if (page !== undefined) {
      const { rows, bookmark } =
        step.kind === "range"
          ? await state.rangePage(namespace, step.start, step.end, page)
          : await state.queryPage(namespace, step.query, page);
      return { kind: "rows", rows: rows.map(item), cursor: undefined, bookmark };
    }
    const rows =
      step.kind === "range" ? state.range(namespace, step.start, step.end) : state.query(namespace, step.query);
    return { kind: "rows", ...(await this.#rows.begin(items(rows))) };
  }
}

/** Contracts' own state, and the definitions. */
function requireReadable(namespace: string): void {
  if (namespace !== LIFECYCLE_NAMESPACE) assertContractName(namespace);
}

async function* items(rows: AsyncIterable<StateItem>): AsyncGenerator<StateItem> {
  for await (const row of rows) yield item(row);
}

async function* historyItems(state: SimulatedState, namespace: string, key: string): AsyncGenerator<HistoryItem> {
  for await (const { txId, timestamp, isDelete, value } of state.history(namespace, key)) {
    const { seconds, nanos } = timestamp;
    yield { txId, timestamp: { seconds: Number(seconds), nanos }, isDelete, value: owned(value) };
  }
}

function item({ namespace, key, value }: StateItem): StateItem {
  return { namespace, key, value: owned(value) };
}

/** In memory of its own: a piece of a block would take the whole block along to another thread. */
function owned<Value extends Uint8Array | undefined>(value: Value): Value | Uint8Array {
  return value === undefined ? value : new Uint8Array(value);
}

function ownedEntries(entries: Readonly<Record<string, Uint8Array>>): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, owned(value)]));
}

import type { Ledger, SimulationAnswer, SimulationResults, SimulationStep, StateKey } from "@concordat/ledger/client";
import type { CallSimulation } from "../contracts/ports.ts";
import { DeferredWrites } from "./deferred-writes.ts";

/** What a simulation is opened for. */
export interface SimulationOrigin {
  readonly channelId: string;
  readonly txId: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
}

export interface SimulationStart {
  /** An open simulation whose state the new one is to see. */
  readonly sameStateAs?: OpenSimulation | undefined;
  /** Keys that are going to be read in any case: their values come with the opening. */
  readonly reads?: readonly StateKey[];
}

const DONE = { kind: "done" } as const;

/**
 * One open simulation of the ledger, in as few messages to it as its answers allow. Its steps wait for each other, because contracts that call each
 * other share it.
 */
export class OpenSimulation implements CallSimulation {
  readonly height: number;
  /** The ledger has a durable transaction of this id. */
  readonly isTransactionKnown: boolean;
  readonly #ledger: Ledger;
  readonly #id: number;
  readonly #origin: SimulationOrigin;
  readonly #known: readonly (StateKey & { readonly value: Uint8Array | undefined })[];
  readonly #written = new Map<string, StateKey>();
  readonly #deferred = new DeferredWrites();
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(
    ledger: Ledger,
    origin: SimulationOrigin,
    opened: Awaited<ReturnType<Ledger["openSimulation"]>>,
    reads: readonly StateKey[],
  ) {
    this.#ledger = ledger;
    this.#origin = origin;
    this.#id = opened.simulationId;
    this.#known = reads.map(({ namespace, key }, index) => ({ namespace, key, value: opened.values[index] }));
    this.height = opened.height;
    this.isTransactionKnown = opened.isTransactionKnown;
  }

  static async open(
    ledger: Ledger,
    { channelId, txId, timestamp }: SimulationOrigin,
    { sameStateAs, reads = [] }: SimulationStart = {},
  ): Promise<OpenSimulation> {
    const origin = { channelId, txId, timestamp };
    const opened = await ledger.openSimulation({
      ...origin,
      reads,
      ...(sameStateAs === undefined ? {} : { sameStateAs: sameStateAs.#id }),
    });
    return new OpenSimulation(ledger, origin, opened, reads);
  }

  get channelId(): string {
    return this.#origin.channelId;
  }

  /** Keys that steps from outside have written; those of built-in contracts are not among them. */
  get writtenKeys(): readonly StateKey[] {
    return [...this.#written.values()];
  }

  /** Another simulation that sees the same state. This one must still be open. */
  sibling(reads: readonly StateKey[] = []): Promise<OpenSimulation> {
    return OpenSimulation.open(this.#ledger, this.#origin, { sameStateAs: this, reads });
  }

  step(step: SimulationStep): Promise<SimulationAnswer> {
    if (step.kind === "get") {
      const known = this.#known.find(({ namespace, key }) => namespace === step.namespace && key === step.key);
      if (known !== undefined) return Promise.resolve({ kind: "value", value: known.value });
    }
    if (step.kind === "put" || step.kind === "delete" || step.kind === "put-metadata") {
      this.#written.set(JSON.stringify([step.namespace, step.key]), { namespace: step.namespace, key: step.key });
    }
    return this.#after(async () => {
      if (this.#deferred.take(step)) return DONE;
      for (const write of this.#deferred.dueBefore(step)) await this.#ledger.simulate(this.#id, write);
      return this.#ledger.simulate(this.#id, step);
    });
  }

  finish(): Promise<SimulationResults> {
    this.#ended = true;
    return this.#after(() => this.#ledger.finishSimulation(this.#id, this.#deferred.rest()));
  }

  /** Does nothing when it has ended. */
  async drop(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#ledger.dropSimulation(this.#id);
  }

  /** Drops it without waiting; what the ledger is not told, it ends by itself after a while. */
  abandon(): void {
    this.drop().catch(() => undefined);
  }

  #after<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** Reads one key. */
export async function getState(
  simulation: CallSimulation,
  namespace: string,
  key: string,
): Promise<Uint8Array | undefined> {
  const answer = await simulation.step({ kind: "get", namespace, key });
  return answer.kind === "value" ? answer.value : undefined;
}

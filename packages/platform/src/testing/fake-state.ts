import type { SimulationAnswer, SimulationStep } from "@concordat/ledger";
import { ledgerError } from "./ledger-error.ts";

/** State that tests and the fake Fabric write to and the platform reads by simulations. */
export class FakeState {
  readonly #namespaces = new Map<string, Map<string, Uint8Array>>();
  readonly #simulations = new Map<number, string>();
  readonly #cursors = new Map<number, SimulationAnswer[]>();
  #nextSimulation = 1;

  of(channelId: string, namespace: string): Map<string, Uint8Array> {
    const name = `${channelId}/${namespace}`;
    const state = this.#namespaces.get(name) ?? new Map<string, Uint8Array>();
    this.#namespaces.set(name, state);
    return state;
  }

  get openSimulations(): number {
    return this.#simulations.size;
  }

  open(channelId: string): number {
    this.#simulations.set(this.#nextSimulation, channelId);
    return this.#nextSimulation++;
  }

  drop(simulationId: number): void {
    this.#simulations.delete(simulationId);
  }

  /** Reads only; ranges one row at a time, so that whoever reads them has to go on. */
  step(simulationId: number, step: SimulationStep): SimulationAnswer {
    const channelId = this.#simulations.get(simulationId);
    if (channelId === undefined) throw ledgerError("SIMULATION_UNKNOWN");
    if (step.kind === "get") return { kind: "value", value: this.of(channelId, step.namespace).get(step.key) };
    if (step.kind === "range") return this.#rows(channelId, step.namespace, step.start, step.end);
    if (step.kind === "next") return this.#next(step.cursor);
    throw ledgerError("ARGUMENT_INVALID");
  }

  #rows(channelId: string, namespace: string, start: string, end: string): SimulationAnswer {
    const cursor = this.#cursors.size + 1;
    const rows = [...this.of(channelId, namespace)]
      .filter(([key]) => key >= start && (end === "" || key < end))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ namespace, key, value }));
    const pages = rows.map(
      (row, at): SimulationAnswer => ({
        kind: "rows",
        rows: [row],
        cursor: at === rows.length - 1 ? undefined : cursor,
      }),
    );
    this.#cursors.set(cursor, pages);
    return pages.length === 0 ? { kind: "rows", rows: [], cursor: undefined } : this.#next(cursor);
  }

  #next(cursor: number): SimulationAnswer {
    const page = this.#cursors.get(cursor)?.shift();
    if (page === undefined) throw ledgerError("ARGUMENT_INVALID");
    return page;
  }
}

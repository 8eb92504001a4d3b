import { type Clock, ConcordatError } from "@concordat/base";
import type { ChannelSimulation } from "../channel/simulation.ts";
import { ledgerErrors, toLedgerError } from "../errors.ts";
import type { Simulation, SimulationAnswer, SimulationRequest, SimulationResults, SimulationStep } from "../ports.ts";

const OPEN_MAX = 1_024;
const IDLE_MAX_MS = 5 * 60_000;
const FIRST_READS_MAX = 100;

interface OpenSimulation {
  readonly channelId: string;
  readonly simulation: ChannelSimulation;
  lastUsedMs: number;
  isBusy: boolean;
  cancelTimer: () => void;
}

/** The open simulations of all channels, by number. */
export class Simulations {
  readonly #clock: Clock;
  readonly #open = new Map<number, OpenSimulation>();
  #lastId = 0;

  constructor(dependencies: { readonly clock: Clock }) {
    this.#clock = dependencies.clock;
  }

  /** `begin` is given the simulation whose state the new one is to see. @throws LedgerError SIMULATION_REFUSED, SIMULATION_UNKNOWN */
  async open(
    request: Pick<SimulationRequest, "channelId" | "sameStateAs" | "reads">,
    begin: (same: ChannelSimulation | undefined) => ChannelSimulation,
  ): Promise<Omit<Simulation, "isTransactionKnown">> {
    if (this.#open.size >= OPEN_MAX) throw ledgerErrors.simulationRefused(`${OPEN_MAX} simulations are open already.`);
    const { channelId, sameStateAs, reads = [] } = request;
    if (reads.length > FIRST_READS_MAX) {
      throw ledgerErrors.simulationRefused(`A simulation begins with ${FIRST_READS_MAX} reads at most.`);
    }
    const same = sameStateAs === undefined ? undefined : this.#get(sameStateAs);
    if (same !== undefined && same.channelId !== channelId) {
      throw ledgerErrors.simulationRefused("Simulations of two channels see no common state.");
    }
    const simulation = begin(same?.simulation);
    this.#lastId += 1;
    const id = this.#lastId;
    const lastUsedMs = this.#clock.nowMs();
    const opened = { channelId, simulation, lastUsedMs, isBusy: false, cancelTimer: () => undefined };
    this.#open.set(id, opened);
    this.#watch(id, opened, IDLE_MAX_MS);
    const values: (Uint8Array | undefined)[] = [];
    try {
      for (const { namespace, key } of reads) values.push(simulation.read(namespace, key));
    } catch (cause) {
      await this.drop(id);
      throw cause instanceof ConcordatError ? toLedgerError(cause) : cause;
    }
    return { simulationId: id, height: simulation.picture.height, values };
  }

  async step(id: number, step: SimulationStep): Promise<SimulationAnswer> {
    return this.#use(id, (simulation) => simulation.step(step));
  }

  async finish(id: number, steps: readonly SimulationStep[] = []): Promise<SimulationResults> {
    return this.#use(id, async (simulation) => {
      this.#forget(id);
      try {
        for (const step of steps) await simulation.step(step);
        return await simulation.finish();
      } finally {
        await simulation.end();
      }
    });
  }

  async drop(id: number): Promise<void> {
    const opened = this.#open.get(id);
    this.#forget(id);
    await opened?.simulation.end();
  }

  async dropAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.drop(id)));
  }

  async #use<Result>(id: number, work: (simulation: ChannelSimulation) => Promise<Result>): Promise<Result> {
    const opened = this.#get(id);
    if (opened.isBusy) throw ledgerErrors.simulationRefused("A step of this simulation is under way.");
    opened.isBusy = true;
    try {
      return await work(opened.simulation);
    } catch (cause) {
      throw cause instanceof ConcordatError ? toLedgerError(cause) : cause;
    } finally {
      opened.isBusy = false;
      opened.lastUsedMs = this.#clock.nowMs();
    }
  }

  #get(id: number): OpenSimulation {
    const opened = this.#open.get(id);
    if (opened === undefined) throw ledgerErrors.simulationUnknown(id);
    return opened;
  }

  #forget(id: number): void {
    this.#open.get(id)?.cancelTimer();
    this.#open.delete(id);
  }

  /** One timer for each: it looks when it was last used instead of being set anew by each step. */
  #watch(id: number, opened: OpenSimulation, delayMs: number): void {
    opened.cancelTimer = this.#clock.after(delayMs, () => {
      const idleMs = this.#clock.nowMs() - opened.lastUsedMs;
      if (opened.isBusy || idleMs < IDLE_MAX_MS)
        this.#watch(id, opened, opened.isBusy ? IDLE_MAX_MS : IDLE_MAX_MS - idleMs);
      else void this.drop(id);
    });
  }
}

import type { SimulationStep } from "@concordat/ledger/client";

/** Far below what a simulation may write, so that no deferred write can fail for its size. */
const BYTES_MAX = 2 ** 20;
const STEPS_MAX = 1_000;

/**
 * Writes of one simulation that the ledger is told of at its end only. A simulation never sees its own writes, so that the one difference is the
 * messages saved. Only writes that cannot be refused are deferred: the contract must hear of a refusal at the write itself.
 */
export class DeferredWrites {
  #steps: SimulationStep[] = [];
  #bytes = 0;
  #count = 0;
  /** Something has happened that a later write may be refused for, or must stay behind. */
  #isOver = false;

  /** False for a step that must be taken now. */
  take(step: SimulationStep): boolean {
    if (this.#isOver || (step.kind !== "put" && step.kind !== "delete")) return false;
    const bytes = 2 * step.key.length + (step.kind === "put" ? step.value.length : 0);
    const fits = this.#bytes + bytes <= BYTES_MAX && this.#count < STEPS_MAX;
    if (!fits || step.key === "" || !step.key.isWellFormed()) return false;
    this.#bytes += bytes;
    this.#count += 1;
    this.#steps.push(step);
    return true;
  }

  /** Writes that must reach the ledger before this step does: before another write of perhaps the same key, and before what writes forbid. */
  dueBefore(step: SimulationStep): readonly SimulationStep[] {
    const isPaged = (step.kind === "range" || step.kind === "query") && step.page !== undefined;
    const isWrite = step.kind === "put" || step.kind === "delete" || step.kind === "put-metadata";
    if (!isPaged && !isWrite && step.kind !== "run") return [];
    this.#isOver = true;
    return this.rest();
  }

  /** All that are left; they count as told. */
  rest(): readonly SimulationStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }
}

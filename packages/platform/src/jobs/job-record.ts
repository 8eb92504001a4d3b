import { InvariantError } from "@concordat/base";
import type { JobTable } from "../control-store/schema.ts";
import {
  jobLimits,
  overallProgress,
  parseError,
  parseObject,
  parseSteps,
  type StoredError,
  type StoredStep,
  stepsOfKind,
} from "./job-row.ts";
import type { OpenPatch } from "./job-store.ts";
import type { JobKind } from "./ports.ts";

/** What a runner knows of its job and is about to write. */
export class JobRecord {
  readonly row: JobTable;
  readonly #kind: string;
  readonly #steps: StoredStep[];
  #output: Readonly<Record<string, unknown>>;
  /** Set once a step or the undoing has failed. */
  error: StoredError | null;

  constructor(kind: JobKind<unknown>, row: JobTable) {
    this.row = row;
    this.#kind = kind.kind;
    this.#steps = stepsOfKind(kind, parseSteps(row.steps));
    this.#output = parseObject(row.output);
    this.error = parseError(row.error);
  }

  get output(): Readonly<Record<string, unknown>> {
    return this.#output;
  }

  get hasBegun(): boolean {
    return this.#steps.some((step) => step.status !== "pending");
  }

  step(index: number): StoredStep {
    const step = this.#steps[index];
    if (step === undefined) throw new InvariantError(`Job ${this.row.jobId} has no step ${index}.`);
    return step;
  }

  update(index: number, change: Partial<StoredStep>): void {
    this.#steps[index] = { ...this.step(index), ...change };
  }

  note(index: number, message: string): void {
    const messages = [...this.step(index).messages, message.slice(0, jobLimits.messageCharactersMax)];
    this.update(index, { messages: messages.slice(-jobLimits.messagesMax) });
  }

  addOutput(members: Readonly<Record<string, unknown>>): void {
    const output = { ...this.#output, ...members };
    if (Buffer.byteLength(JSON.stringify(output)) > jobLimits.outputBytesMax) {
      throw new InvariantError(`The output of job kind ${this.#kind} is larger than a job's may be.`);
    }
    this.#output = output;
  }

  /** What was not finished will not be. */
  skipTheRest(): void {
    for (const [index, { status }] of this.#steps.entries()) {
      if (status === "pending" || status === "running") this.update(index, { status: "skipped" });
    }
  }

  patch(nowMs: number): OpenPatch {
    return {
      steps: JSON.stringify(this.#steps),
      output: JSON.stringify(this.#output),
      progress: overallProgress(this.#steps),
      error: this.error === null ? null : JSON.stringify(this.error),
      updatedMs: nowMs,
    };
  }
}

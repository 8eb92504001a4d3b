import { ManualClock } from "@concordat/base";
import type { Contract } from "@concordat/ledger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ContractHome,
  createWorld,
  type HomeOptions,
  type Kept,
  type Outcome,
  START_MS,
  type World,
} from "./contract-homes.ts";

/** A home under test; `calls` is everything that was asked of it, with what it answered. */
export class Trial {
  readonly calls: { readonly fn: string; readonly args: readonly string[]; readonly outcome: Outcome }[] = [];
  readonly clock = new ManualClock(START_MS);
  readonly world: World;
  #home: ContractHome | undefined;

  constructor(world: World) {
    this.world = world;
  }

  async open(openHome: OpenHome, contract: Contract): Promise<void> {
    this.#home = await openHome({ world: this.world, contract, clock: this.clock });
  }

  async submit(fn: string, args: readonly string[], caller = this.world.principal): Promise<Outcome> {
    return this.#record(fn, args, await this.#opened().submit(fn, args, caller));
  }

  async evaluate(fn: string, args: readonly string[]): Promise<Outcome> {
    return this.#record(fn, args, await this.#opened().evaluate(fn, args));
  }

  /** The JSON that a function answers when its writes are dropped. */
  async read(fn: string, ...args: readonly string[]): Promise<unknown> {
    const outcome = await this.evaluate(fn, args);
    if (!("answer" in outcome)) throw new Error(`${fn} answered ${JSON.stringify(outcome)}`);
    return JSON.parse(outcome.answer);
  }

  /** A write that succeeds, one second after the one before it. */
  async write(fn: string, ...args: readonly string[]): Promise<Kept> {
    this.clock.advance(1_000);
    const outcome = await this.submit(fn, args);
    if (!("txId" in outcome)) throw new Error(`${fn} answered ${JSON.stringify(outcome)}`);
    expect(outcome.timeMs).toBe(this.clock.nowMs());
    return outcome;
  }

  async close(): Promise<void> {
    await this.#home?.close();
  }

  #record(fn: string, args: readonly string[], outcome: Outcome): Outcome {
    this.calls.push({ fn, args, outcome });
    return outcome;
  }

  #opened(): ContractHome {
    if (this.#home === undefined) throw new Error("The home is not open.");
    return this.#home;
  }
}

export type OpenHome = (options: HomeOptions) => Promise<ContractHome>;

/** Runs a suite in each home, then compares all that the homes answered. The tests of a suite build on each other. */
export function inEachHome(
  contract: Contract,
  homes: Readonly<Record<string, OpenHome>>,
  suite: (trial: () => Trial) => void,
  organizations?: readonly string[],
): void {
  const trials: Trial[] = [];
  let world: World;
  beforeAll(async () => {
    world = await createWorld(organizations);
  });

  describe.each(Object.entries(homes))("%s", (_name, openHome) => {
    let trial: Trial;
    beforeAll(async () => {
      trial = new Trial(world);
      trials.push(trial);
      await trial.open(openHome, contract);
    });
    afterAll(() => trial.close());
    suite(() => trial);
  });

  test("the homes gave the same answers, transaction ids and times, and wrote the same", () => {
    const [first, ...others] = trials;
    expect(first?.calls.length).toBeGreaterThan(0);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other.calls).toEqual(first?.calls);
  });
}

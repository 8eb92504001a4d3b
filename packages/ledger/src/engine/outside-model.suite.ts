import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { SimulationAnswer } from "../ports.ts";
import type { TestProposal } from "../testing/outside-client.ts";
import { createOutsideCast, type OutsideCast, OutsideWorld } from "../testing/outside-world.ts";

/*
 * Random interleavings of serial transactions, simulations, orders, changes of configuration and restarts, judged afterwards by a model that knows
 * nothing of the engine's ways: it goes through the log in the order of the places that were answered, holds each simulation against the state of its
 * height, and gives each transaction from outside the verdict of Fabric's rules.
 */

const KEYS = ["a", "b", "c", "\u{1f600}"] as const;
const key = fc.constantFrom(...KEYS);
const bound = fc.constantFrom("", "", "a", "b", "bb", "d");

/** What a contract does: it reads, then writes. */
interface Script {
  readonly gets: readonly string[];
  readonly ranges: readonly (readonly [string, string])[];
  readonly writes: readonly (readonly [string, boolean])[];
}

const script: fc.Arbitrary<Script> = fc.record({
  gets: fc.array(key, { maxLength: 1 }),
  ranges: fc.array(fc.tuple(bound, bound), { maxLength: 2 }),
  writes: fc.array(fc.tuple(key, fc.boolean()), { maxLength: 3 }),
});

type Action =
  | { readonly kind: "put" | "remove" | "add"; readonly key: string }
  | { readonly kind: "open"; readonly script: Script; readonly same: boolean }
  | { readonly kind: "run"; readonly slot: number }
  | { readonly kind: "order"; readonly slot: number; readonly times: number }
  | { readonly kind: "settle" | "configure" | "reopen" };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("put", "remove", "add"), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("open"), script, same: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("run"), slot: fc.nat(5) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("order"), slot: fc.nat(5), times: fc.constantFrom(1, 1, 1, 2) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("settle") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("configure", "reopen") }) },
);

interface Slot {
  readonly script: Script;
  readonly proposal: TestProposal;
  readonly simulationId: number;
  readonly height: number;
  answers?: readonly SimulationAnswer[];
  envelope?: Uint8Array;
}

interface Row {
  readonly value: string;
  readonly version: string;
}

type State = ReadonlyMap<string, Row>;

/** One transaction of the log, as its caller knows it. */
interface Entry {
  readonly block: number;
  readonly index: number;
  readonly apply: (state: Map<string, Row>, version: string) => void;
  /** Of one from outside. */
  readonly outside?: { readonly slot: Slot; readonly validationCode: number };
}

class Run {
  readonly slots: Slot[] = [];
  readonly log: Entry[] = [];
  readonly #world: OutsideWorld;
  #pending: Promise<void>[] = [];
  #configurations = 0;
  #serial = 0;

  constructor(world: OutsideWorld) {
    this.#world = world;
  }

  async act(one: Action): Promise<void> {
    switch (one.kind) {
      case "put":
      case "remove":
      case "add":
        this.#submit(one.kind, one.key);
        return;
      case "open":
        return this.#open(one.script, one.same);
      case "run":
        return this.#simulate(this.slots[one.slot % Math.max(1, this.slots.length)]);
      case "order":
        return this.#order(this.slots[one.slot % Math.max(1, this.slots.length)], one.times);
      case "settle":
        return this.settle();
      case "configure":
        this.#configurations += 1;
        this.#later(this.#configure(`turn ${this.#configurations}`));
        return;
      default:
        await this.settle();
        await this.#world.reopen();
        // Open simulations went with the ledger.
        this.slots.splice(0, this.slots.length, ...this.slots.filter(({ envelope }) => envelope !== undefined));
    }
  }

  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
  }

  #later(work: Promise<void>): void {
    this.#pending.push(work);
  }

  #submit(kind: "put" | "remove" | "add", name: string): void {
    this.#serial += 1;
    const value = String(this.#serial);
    const args = kind === "remove" ? [name] : [name, kind === "add" ? "1" : value];
    const submitted = this.#world.ledger.submit(this.#world.call(kind, ...args)).then(({ block, index, result }) => {
      const written = kind === "add" ? Buffer.from(result).toString() : value;
      const apply: Entry["apply"] = (state, version) => {
        if (kind === "add") expect(written).toBe(String(Number(state.get(name)?.value ?? "0") + 1));
        if (kind === "remove") state.delete(name);
        else state.set(name, { value: written, version });
      };
      this.log.push({ block, index, apply });
    });
    this.#later(submitted);
  }

  async #configure(displayName: string): Promise<void> {
    await this.#world.ledger.updateChannel(
      this.#world.config({ displayName, blockCutting: CUTTING }),
      this.#world.signers,
    );
  }

  async #open(simulated: Script, same: boolean): Promise<void> {
    const proposal = this.#world.proposal();
    const beside = same ? this.slots.findLast(({ envelope }) => envelope === undefined) : undefined;
    const { channelId, txId, timestamp } = proposal;
    const sameStateAs = beside === undefined ? {} : { sameStateAs: beside.simulationId };
    const opened = await this.#world.ledger.openSimulation({ channelId, txId, timestamp, ...sameStateAs });
    if (beside !== undefined) expect(opened.height).toBe(beside.height);
    this.slots.push({ script: simulated, proposal, ...opened });
  }

  async #simulate(slot: Slot | undefined): Promise<void> {
    if (slot === undefined || slot.envelope !== undefined || slot.answers !== undefined) return;
    const answers: SimulationAnswer[] = [];
    const step = (one: Parameters<OutsideWorld["ledger"]["simulate"]>[1]) =>
      this.#world.ledger.simulate(slot.simulationId, one);
    for (const name of slot.script.gets) answers.push(await step(this.#world.get(name)));
    for (const [start, end] of slot.script.ranges) {
      answers.push(await step({ kind: "range", namespace: "kv", start, end }));
    }
    for (const [name, isPut] of slot.script.writes) {
      const remove = { kind: "delete", namespace: "kv", key: name } as const;
      await step(isPut ? this.#world.put(name, slot.proposal.txId.slice(0, 6)) : remove);
    }
    slot.answers = answers;
  }

  async #order(slot: Slot | undefined, times: number): Promise<void> {
    if (slot === undefined) return;
    await this.#simulate(slot);
    if (slot.envelope === undefined) {
      const { results } = await this.#world.ledger.finishSimulation(slot.simulationId);
      slot.envelope = this.#world.envelope(slot.proposal, results);
    }
    const { envelope } = slot;
    for (let time = 0; time < times; time += 1) {
      const ordered = this.#world.order(envelope).then(({ block, index, validationCode }) => {
        const apply: Entry["apply"] = (state, version) => {
          for (const [name, isPut] of slot.script.writes) {
            if (isPut) state.set(name, { value: slot.proposal.txId.slice(0, 6), version });
            else state.delete(name);
          }
        };
        this.log.push({ block, index, apply, outside: { slot, validationCode } });
      });
      this.#later(ordered);
    }
  }
}

const CUTTING = { messageCountMax: 4, bytesMax: 100_000, timeoutMs: 2_000, cutWhenIdle: true };

const compareUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function rangeOf(state: State, [start, end]: readonly [string, string]) {
  return [...state]
    .filter(([name]) => compareUtf8(name, start) >= 0 && (end === "" || compareUtf8(name, end) < 0))
    .sort(([a], [b]) => compareUtf8(a, b));
}

/** What the script reads, values or versions, in its order. */
function readsOf({ gets, ranges }: Script, state: State, part: "value" | "version") {
  return [
    ...gets.map((name) => state.get(name)?.[part]),
    ...ranges.map((range) => rangeOf(state, range).map(([name, row]) => [name, row[part]])),
  ];
}

/** Goes through the log; answers the state at its end. */
function judge({ log }: Run, height: number): State {
  const state = new Map<string, Row>();
  const heights: State[] = [];
  const known = new Set<string>();
  const ordered = log.toSorted((a, b) => a.block - b.block || a.index - b.index);
  for (const { block, index, apply, outside } of ordered) {
    for (let at = heights.length; at <= block; at += 1) heights.push(new Map(state));
    const version = `${block}.${index}`;
    if (outside !== undefined) {
      const { slot, validationCode } = outside;
      const before = heights[slot.height] ?? new Map();
      expect(slot.answers?.map(shown)).toEqual(readsOf(slot.script, before, "value"));
      expect(validationCode, `transaction ${version}`).toBe(verdictOf(slot, before, state, known));
      known.add(slot.proposal.txId);
      if (validationCode !== 0) continue;
    }
    apply(state, version);
  }
  expect(heights.length).toBeLessThanOrEqual(height);
  return state;
}

function verdictOf(
  { script: { gets, ranges }, proposal }: Slot,
  before: State,
  now: State,
  known: Set<string>,
): number {
  if (known.has(proposal.txId)) return 9;
  const isSame = (part: Script) => {
    return JSON.stringify(readsOf(part, before, "version")) === JSON.stringify(readsOf(part, now, "version"));
  };
  if (!isSame({ gets, ranges: [], writes: [] })) return 11;
  return isSame({ gets: [], ranges, writes: [] }) ? 0 : 12;
}

function shown(answer: SimulationAnswer): unknown {
  const text = (value: Uint8Array) => Buffer.from(value).toString();
  if (answer.kind === "rows") return answer.rows.map(({ key: name, value }) => [name, text(value)]);
  return answer.kind === "value" && answer.value !== undefined ? text(answer.value) : undefined;
}

/** Runs that many interleavings; the seed of a failing one is printed. With `reachesEvery` they must be enough to meet every verdict. */
export function outsideModelSuite(options: {
  readonly runs: number;
  readonly actionsMax: number;
  readonly reachesEvery: boolean;
}): void {
  let cast: OutsideCast;

  beforeAll(async () => {
    cast = await createOutsideCast();
  });

  it("agrees with Fabric's rules, and replays to the same state", async () => {
    const codes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: options.actionsMax }), async (actions) => {
        const world = await OutsideWorld.open(cast, { blockCutting: CUTTING });
        try {
          for (const code of await check(world, actions)) codes.add(code);
        } finally {
          await world.close();
        }
      }),
      { numRuns: options.runs, endOnFailure: true },
    );
    expect(codes).toContain(0);
    for (const code of codes) expect([0, 9, 11, 12]).toContain(code);
    // A few interleavings may meet no conflict; many meet every verdict that the model knows.
    if (options.reachesEvery) expect([...codes].sort((a, b) => a - b)).toEqual([0, 9, 11, 12]);
  });
}

/** Answers the verdicts. */
async function check(world: OutsideWorld, actions: readonly Action[]): Promise<readonly number[]> {
  const run = new Run(world);
  for (const one of actions) await run.act(one);
  await run.settle();
  const expected = judge(run, (await world.ledger.status("ch1")).height);
  const hash = await world.ledger.stateHash("ch1");
  const compare = async () => {
    for (const name of KEYS) expect(await world.read("get", name)).toBe(expected.get(name)?.value ?? "");
    expect(await world.ledger.stateHash("ch1")).toBe(hash);
  };
  await compare();
  await world.reopen();
  await compare();
  await world.removeDerived();
  await world.reopen();
  await compare();
  return run.log.flatMap(({ outside }) => (outside === undefined ? [] : [outside.validationCode]));
}

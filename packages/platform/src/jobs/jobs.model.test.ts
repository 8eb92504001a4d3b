import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ControlDatabase } from "../control-store/schema.ts";
import { type BuildInput, buildKind, ExternalSystem } from "./external-system.fixture.ts";
import { callerOf, type Gate, JobWorld, openMemoryStore, type TestProcess, tenantId } from "./jobs.fixture.ts";
import type { Job, JobKind } from "./ports.ts";

const seed = Number(process.env["SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const caller = callerOf(tenantId);
const input: BuildInput = { nodes: 2 };
const parts = ["network", "node0", "node1", "entry"];

let database: ControlDatabase;
let world: JobWorld;
let caseNumber = 0;
beforeAll(async () => {
  console.log(`jobs: SEED=${seed}`);
  ({ database } = await openMemoryStore());
});

/** A new case, with a time of its own in which no process of an earlier one is left. */
function newTrial(): Trial {
  world = new JobWorld(database);
  return new Trial();
}

/** One job, its external system, and the processes that may run it. */
class Trial {
  readonly name = `case${caseNumber++}`;
  readonly external = new ExternalSystem();
  readonly processes: TestProcess[] = [];
  readonly gates: Gate[] = [];
  #kind: JobKind<BuildInput> | undefined;
  jobId = "";

  startProcess(soleRunner: boolean): TestProcess {
    const started = world.start(
      ({ jobs, gate }) => {
        this.#kind = buildKind(world, this.external, gate);
        jobs.register(this.#kind);
      },
      { soleRunner },
    );
    this.processes.push(started);
    this.gates.push(started.gate);
    return started;
  }

  async startJob(process: TestProcess): Promise<void> {
    if (this.#kind === undefined) throw new Error("Start a process first.");
    const resource = { kind: "instance", id: this.name, name: this.name };
    const kind = this.#kind;
    this.jobId = (await process.jobs.start({ kind, caller, resource, input })).jobId;
  }

  async row() {
    return await world.store.find(this.jobId);
  }

  async hasEnded(): Promise<boolean> {
    return (await this.row())?.endedMs !== null;
  }

  /** Exactly one final state, which stays, with effects to match. */
  async check(kills: number): Promise<Job["status"]> {
    await world.until(() => this.hasEnded());
    const ended = await this.row();
    for (const gate of this.gates) gate.letGo();
    await world.until(() => true);
    world.clock.advance(120_000);
    await world.settle();
    expect(await this.row()).toEqual(ended);
    const entries = await world.database
      .selectFrom("auditEntries")
      .select("outcome")
      .where("resourceId", "=", this.jobId)
      .where("action", "=", "platform:job:end")
      .execute();
    expect(entries).toHaveLength(1);
    expect(this.external.faults).toEqual([]);
    const isSuccess = ended?.status === "succeeded";
    const made = parts.map((part) => `${this.name}/${part}`);
    expect([...this.external.things].sort()).toEqual(isSuccess ? made.sort() : []);
    // Once for each life in which it was not yet recorded.
    for (const count of this.external.requests.values()) expect(count).toBeLessThanOrEqual(1 + kills);
    if (ended === undefined) throw new Error("The job is gone.");
    return ended.status;
  }

  async dispose(): Promise<void> {
    for (const { gate } of this.processes) gate.die();
  }
}

describe("a job whose process is killed", () => {
  let passages = 0;

  it("goes on at its first unfinished step, wherever that was", async () => {
    const trial = newTrial();
    const process = trial.startProcess(true);
    await world.settle();
    const before = process.gate.passages;
    await trial.startJob(process);
    expect(await trial.check(0)).toBe("succeeded");
    await trial.dispose();
    passages = process.gate.passages - before;
    expect(passages).toBeGreaterThan(30);

    for (let point = 0; point < passages; point++) {
      const cut = newTrial();
      const first = cut.startProcess(true);
      await world.settle();
      first.gate.diesAt = first.gate.passages + point;
      void cut.startJob(first);
      await world.settle();
      const found = await world.database
        .selectFrom("jobs")
        .select("jobId")
        .where("resourceId", "=", cut.name)
        .execute();
      // Killed before its record was on disk, the job was never answered for.
      if (found.length === 0) continue;
      cut.jobId = found[0]?.jobId ?? "";
      first.gate.die();
      cut.startProcess(true);
      expect(await cut.check(1), `killed at passage ${point}`).toBe("succeeded");
      await cut.dispose();
    }
  });

  it("is undone and ends when it was cancelling, wherever that was", async () => {
    let ended = 0;
    for (let point = 0; point < passages + 20; point += 1) {
      const cut = newTrial();
      const first = cut.startProcess(true);
      await cut.startJob(first);
      first.gate.diesAt = first.gate.passages + point;
      const cancelled = first.jobs.cancel(caller, cut.jobId).catch((error: unknown) => error);
      await world.settle();
      first.gate.die();
      const row = await cut.row();
      cut.startProcess(true);
      const status = await cut.check(1);
      // Killed before the wish was on disk, it was none.
      if (row?.status === "cancelling" || row?.status === "cancelled") expect(status).toBe("cancelled");
      if (status === "cancelled") ended++;
      void cancelled;
      await cut.dispose();
    }
    expect(ended).toBeGreaterThan(passages / 2);
  });
});

type Happening =
  | { readonly kind: "kill" | "hold" | "letGo" | "overtake"; readonly process: number }
  | { readonly kind: "cancel" | "settle" }
  | { readonly kind: "advance"; readonly ms: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("kill"), process: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("hold"), process: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("letGo"), process: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("overtake"), process: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("settle") }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 1, max: 60_000 }) }) },
) as fc.Arbitrary<Happening>;

it("has one final state and no double effect with two runners that die, stall and are told to cancel", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 120 })), { maxLength: 14 }),
      async (happenings) => {
        const trial = newTrial();
        const running = [trial.startProcess(false), trial.startProcess(false)];
        const [first] = running;
        if (first === undefined) throw new Error("No process.");
        await trial.startJob(first);
        let lives = 1;
        for (const [event, microtasks] of happenings) {
          for (let tick = 0; tick < microtasks; tick++) await Promise.resolve();
          lives += await happen(trial, running, event);
        }
        for (const { gate } of running) gate.letGo();
        seen.add(await trial.check(lives));
        await trial.dispose();
      },
    ),
    { seed, numRuns: 500, endOnFailure: true },
  );
  expect([...seen].sort()).toEqual(["cancelled", "succeeded"]);
});

/** @returns how many lives it may have cost */
async function happen(trial: Trial, running: TestProcess[], event: Happening): Promise<number> {
  switch (event.kind) {
    case "kill":
      running[event.process]?.gate.die();
      running[event.process] = trial.startProcess(false);
      return 1;
    case "hold":
      running[event.process]?.gate.hold();
      return 1;
    case "letGo":
      running[event.process]?.gate.letGo();
      return 0;
    case "overtake":
      // It stalls, its claim runs out, the other takes the job up and goes on; then it wakes.
      running[event.process]?.gate.hold();
      world.clock.advance(31_000);
      await world.settle();
      world.clock.advance(10_000);
      for (let tick = 0; tick < 40; tick++) await Promise.resolve();
      running[event.process]?.gate.letGo();
      return 1;
    case "cancel":
      await world.store.requestCancel(trial.jobId, world.clock.nowMs(), []);
      return 0;
    case "settle":
      await world.settle();
      return 0;
    case "advance":
      world.clock.advance(event.ms);
      return 1;
  }
}

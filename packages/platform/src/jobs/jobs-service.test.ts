import { ConcordatError } from "@concordat/base";
import { beforeEach, describe, expect, it } from "vitest";
import { PlatformError } from "../errors.ts";
import { codeOf } from "../testing/harness.ts";
import { callerOf, JobWorld, otherTenantId, type TestProcess, tenantId } from "./jobs.fixture.ts";
import type { JobKind, JobStep, StepContext } from "./ports.ts";

const caller = callerOf(tenantId);
const forbidden = callerOf(tenantId, false);
const stranger = callerOf(otherTenantId);
const resource = { kind: "instance", id: "i-1", name: "Cold chain" };

let world: JobWorld;
beforeEach(async () => {
  world = await JobWorld.open();
});

type Run = (context: StepContext<{ size: number }>) => Promise<void>;

function kindOf(runs: Readonly<Record<string, Run>>, compensate?: Run): JobKind<{ size: number }> {
  const steps: JobStep<{ size: number }>[] = Object.entries(runs).map(([name, run]) => ({ name, run }));
  return { kind: "build", steps, ...(compensate === undefined ? {} : { compensate }) };
}

const started = (kind: JobKind<{ size: number }>, options = {}, log = undefined as Parameters<JobWorld["start"]>[2]) =>
  world.start(({ jobs }) => jobs.register(kind), options, log);
const startJob = ({ jobs }: TestProcess, kind: JobKind<{ size: number }>) =>
  jobs.start({ kind, caller, resource, input: { size: 3 } });

it("is recorded before it starts, runs its steps in order and hands their output on", async () => {
  const seen: unknown[] = [];
  const kind = kindOf({
    one: async (context) => {
      seen.push(["one", context.input, context.resource, context.uid, context.tenantId]);
      await context.save({ made: "x" });
    },
    two: async ({ output, note }) => {
      seen.push(["two", output]);
      note("nearly there");
    },
  });
  const process = started(kind, { soleRunner: true });
  const job = await startJob(process, kind);
  expect(job).toMatchObject({ status: "pending", progress: 0, startedMs: null, tenantId, uid: caller.principal.uid });
  expect(seen).toEqual([]);
  const ended = await process.jobs.ended(job.jobId);
  expect(seen).toEqual([
    ["one", { size: 3 }, resource, caller.principal.uid, tenantId],
    ["two", { made: "x" }],
  ]);
  const nowMs = world.clock.nowMs();
  const step = { stage: null, status: "succeeded", progress: 100, startedMs: nowMs, endedMs: nowMs };
  expect(ended).toEqual({
    ...job,
    status: "succeeded",
    progress: 100,
    output: { made: "x" },
    startedMs: nowMs,
    endedMs: nowMs,
    steps: [
      { ...step, name: "one", messages: [] },
      { ...step, name: "two", messages: ["nearly there"] },
    ],
  });
  expect(await process.jobs.ended(job.jobId)).toEqual(ended);
});

it("shows progress of each step and overall while it runs", async () => {
  const gate = Promise.withResolvers<void>();
  const kind = kindOf({
    one: async () => {},
    two: async (context) => {
      await context.checkpoint(40.9);
      await gate.promise;
    },
  });
  const process = started(kind);
  const { jobId } = await startJob(process, kind);
  await world.settle();
  const job = await process.jobs.get(caller, jobId);
  expect(job).toMatchObject({ status: "running", progress: 70 });
  expect(job.steps.map(({ status, progress }) => [status, progress])).toEqual([
    ["succeeded", 100],
    ["running", 40],
  ]);
  gate.resolve();
  expect(await process.jobs.ended(jobId)).toMatchObject({ status: "succeeded", progress: 100 });
});

describe("a failure", () => {
  it("is told with its code, after what was done is undone", async () => {
    const undone: unknown[] = [];
    const kind = kindOf(
      {
        one: async (context) => context.save({ made: 1 }),
        two: async () => Promise.reject(new PlatformError("NAME_EXISTS")),
        three: async () => {},
      },
      async ({ output }) => {
        undone.push(output);
      },
    );
    const process = started(kind);
    const job = await process.jobs.ended((await startJob(process, kind)).jobId);
    expect(job).toMatchObject({ status: "failed", error: { code: "NAME_EXISTS", message: "The name is taken." } });
    expect(job.steps.map(({ status }) => status)).toEqual(["succeeded", "failed", "skipped"]);
    expect(undone).toEqual([{ made: 1 }]);
    expect(await endEntries()).toMatchObject([
      { outcome: "failed", tenantId, uid: caller.principal.uid, detail: expect.stringContaining("NAME_EXISTS") },
    ]);
  });

  it("of an unknown kind says nothing of itself and is logged", async () => {
    const lines: string[] = [];
    const log = {
      info() {},
      warn() {},
      error: (text: string, fields = {}) => lines.push(text + JSON.stringify(fields)),
    };
    const kind = kindOf({ one: async () => Promise.reject(new TypeError("canary")) });
    const process = started(kind, {}, log);
    const job = await process.jobs.ended((await startJob(process, kind)).jobId);
    expect(job.error).toEqual({ code: "INTERNAL", message: "The job could not be completed." });
    expect(JSON.stringify(await world.database.selectFrom("jobs").selectAll().execute())).not.toContain("canary");
    expect(lines.join()).toContain("canary");
  });

  it("of the undoing ends the job too", async () => {
    const kind = kindOf({ one: async () => Promise.reject(new PlatformError("NAME_EXISTS")) }, async () =>
      Promise.reject(new PlatformError("CHAIN_UNKNOWN")),
    );
    const process = started(kind);
    expect(await process.jobs.ended((await startJob(process, kind)).jobId)).toMatchObject({
      status: "failed",
      error: { code: "NAME_EXISTS" },
    });
  });

  it("that is another server's to avoid leaves the job to it", async () => {
    let isHome = false;
    const kind = kindOf({
      one: async () => {
        if (!isHome) throw new PlatformError("HOME_ELSEWHERE");
      },
    });
    const away = started(kind);
    const { jobId } = await startJob(away, kind);
    await world.settle();
    expect(await world.store.find(jobId)).toMatchObject({ runner: null, endedMs: null });
    isHome = true;
    const home = started(kind);
    expect(await home.jobs.ended(jobId)).toMatchObject({ status: "succeeded", steps: [{ messages: [] }] });
  });

  it("that passes is tried again with growing pauses, and ends the job in the end", async () => {
    const times: number[] = [];
    let failures = 3;
    const kind = kindOf({
      one: async () => {
        times.push(world.clock.nowMs());
        if (failures-- > 0) throw new PlatformError("LEDGER_UNAVAILABLE");
      },
    });
    const options = { attemptsMax: 4, backOff: { firstMs: 100, longestMs: 300 } };
    const process = started(kind, options);
    const { jobId } = await startJob(process, kind);
    await world.until(() => times.length === 4, 50);
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 100, 300, 600]);
    expect(await process.jobs.ended(jobId)).toMatchObject({
      status: "succeeded",
      steps: [{ messages: [1, 2, 3].map((attempt) => `Try ${attempt} ended with LEDGER_UNAVAILABLE.`) }],
    });
    failures = 99;
    const { jobId: hopeless } = await startJob(process, kind);
    await world.until(async () => (await world.store.find(hopeless))?.endedMs !== null, 50);
    expect(await process.jobs.get(caller, hopeless)).toMatchObject({
      status: "failed",
      error: { code: "LEDGER_UNAVAILABLE" },
    });
  });
});

describe("cancelling", () => {
  it("stops a step at its checkpoint, undoes and ends; an ended job is refused", async () => {
    const gate = Promise.withResolvers<void>();
    let isUndone = false;
    let signal: AbortSignal | undefined;
    const kind = kindOf(
      {
        one: async (context) => {
          ({ signal } = context);
          await gate.promise;
          await context.checkpoint(50);
          throw new Error("not reached");
        },
        two: async () => {},
      },
      async () => {
        isUndone = true;
      },
    );
    const process = started(kind);
    const { jobId } = await startJob(process, kind);
    await world.settle();
    expect(await process.jobs.cancel(caller, jobId)).toMatchObject({ status: "cancelling" });
    expect(signal?.aborted).toBe(true);
    gate.resolve();
    const job = await process.jobs.ended(jobId);
    expect(job).toMatchObject({ status: "cancelled", error: null });
    expect(job.steps.map(({ status }) => status)).toEqual(["skipped", "skipped"]);
    expect(isUndone).toBe(true);
    expect(await codeOf(process.jobs.cancel(caller, jobId))).toBe("JOB_ENDED");
    expect(await codeOf(process.jobs.cancel(caller, "none"))).toBe("JOB_UNKNOWN");
  });

  it("reaches a job on another server when that renews its claim", async () => {
    const kind = kindOf({
      one: (context) => new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(new Error()))),
    });
    const one = started(kind);
    const { jobId } = await startJob(one, kind);
    await world.settle();
    const other = started(kind);
    await other.jobs.cancel(caller, jobId);
    await world.until(async () => (await world.store.find(jobId))?.endedMs !== null);
    expect(await other.jobs.ended(jobId)).toMatchObject({ status: "cancelled" });
  });

  it("lets a job that nobody has begun end without anything to undo", async () => {
    const gate = Promise.withResolvers<void>();
    let undone = 0;
    const kind = kindOf({ one: () => gate.promise }, async () => {
      undone++;
    });
    const process = started(kind, { concurrencyMax: 1 });
    const { jobId: first } = await startJob(process, kind);
    world.clock.advance(1);
    const { jobId } = await startJob(process, kind);
    await world.settle();
    await process.jobs.cancel(caller, jobId);
    gate.resolve();
    expect(await process.jobs.ended(jobId)).toMatchObject({ status: "cancelled", startedMs: null });
    expect(await process.jobs.ended(first)).toMatchObject({ status: "succeeded" });
    expect(undone).toBe(0);
  });
});

it("runs a bounded number at a time, oldest first", async () => {
  let running = 0;
  let most = 0;
  const order: string[] = [];
  const kind = kindOf({
    one: async ({ jobId }) => {
      order.push(jobId);
      most = Math.max(most, ++running);
      await world.settle();
      running--;
    },
  });
  const process = started(kind, { concurrencyMax: 2 });
  const jobIds: string[] = [];
  for (let number = 0; number < 6; number++) {
    jobIds.push((await startJob(process, kind)).jobId);
    world.clock.advance(1);
  }
  await Promise.all(jobIds.map((jobId) => process.jobs.ended(jobId)));
  expect(order).toEqual(jobIds);
  expect(most).toBe(2);
});

describe("closing", () => {
  it("asks steps to stop and gives the job back, for another server to go on at once", async () => {
    let lives = 0;
    const kind = kindOf({
      one: async () => {},
      two: (context) => {
        if (++lives > 1) return Promise.resolve();
        return new Promise((_, reject) => context.signal.addEventListener("abort", () => reject(new Error("stopped"))));
      },
    });
    const first = started(kind);
    const { jobId } = await startJob(first, kind);
    await world.settle();
    const waiting = codeOf(first.jobs.ended(jobId));
    await first.jobs.close();
    expect(await waiting).toBe("STORE_UNAVAILABLE");
    expect(await world.store.find(jobId)).toMatchObject({ status: "running", runner: null, endedMs: null });
    const second = started(kind);
    expect(await second.jobs.ended(jobId)).toMatchObject({ status: "succeeded" });
    expect(lives).toBe(2);
  });

  it("does not wait for ever for a step that does not stop, which then records nothing", async () => {
    const gate = Promise.withResolvers<void>();
    const kind = kindOf({ one: () => gate.promise });
    const process = started(kind, { closeMs: 5_000 });
    const { jobId } = await startJob(process, kind);
    await world.settle();
    const closed = process.jobs.close();
    await world.settle();
    world.clock.advance(5_000);
    await closed;
    gate.resolve();
    await world.settle();
    expect(await world.store.find(jobId)).toMatchObject({ status: "running", endedMs: null });
  });
});

it("waits for a store that does not answer", async () => {
  let isDown = false;
  const kind = kindOf({
    one: async () => {
      isDown = true;
    },
  });
  const process = started(kind);
  process.gate.pass = async () => {
    if (isDown) throw new ConcordatError({ code: "STORE_UNAVAILABLE", summary: "down" });
  };
  const { jobId } = await startJob(process, kind);
  await world.settle();
  world.clock.advance(10_000);
  await world.settle();
  isDown = false;
  await world.until(async () => (await world.store.find(jobId))?.endedMs !== null);
  expect(await process.jobs.get(caller, jobId)).toMatchObject({
    status: "succeeded",
    steps: [{ status: "succeeded" }],
  });
});

describe("who may", () => {
  it("sees and touches the jobs of its own tenant", async () => {
    const kind = kindOf({ one: async () => {} });
    const process = started(kind);
    const { jobId } = await startJob(process, kind);
    await process.jobs.ended(jobId);
    const { jobs } = process;
    const page = { offset: 0, limit: 10 };
    const tries = (who: typeof caller) =>
      Promise.all([
        codeOf(jobs.get(who, jobId)),
        codeOf(jobs.list(who, { tenantId, ...page })),
        codeOf(jobs.cancel(who, jobId)),
        codeOf(jobs.delete(who, [jobId])),
      ]);
    expect(await tries(forbidden)).toEqual(["ACCESS_DENIED", "ACCESS_DENIED", "ACCESS_DENIED", "ACCESS_DENIED"]);
    expect(await tries(stranger)).toEqual(["JOB_UNKNOWN", "ACCESS_DENIED", "JOB_UNKNOWN", "JOB_UNKNOWN"]);
    expect(await jobs.list(stranger, page)).toEqual({ total: 0, items: [] });
    expect(await jobs.list(caller, page)).toMatchObject({ total: 1 });
    for (const wrong of [{ limit: 0 }, { limit: 101 }, { offset: -1 }, { offset: 0.5 }]) {
      expect(await codeOf(jobs.list(caller, { tenantId, ...page, ...wrong }))).toBe("PAGE_INVALID");
    }
    expect(await jobs.list(caller, { tenantId, ...page })).toMatchObject({ total: 1, items: [{ jobId }] });
  });

  it("removes ended jobs, all or none, and leaves a trail", async () => {
    const gate = Promise.withResolvers<void>();
    const kind = kindOf({ one: () => gate.promise });
    const process = started(kind);
    const { jobId } = await startJob(process, kind);
    const { jobs } = process;
    expect(await codeOf(jobs.delete(caller, [jobId]))).toBe("JOB_RUNNING");
    gate.resolve();
    await jobs.ended(jobId);
    expect(await codeOf(jobs.delete(caller, [jobId, "none"]))).toBe("JOB_UNKNOWN");
    expect(await codeOf(jobs.delete(caller, []))).toBe("PAGE_INVALID");
    await jobs.delete(caller, [jobId, jobId]);
    expect(await codeOf(jobs.get(caller, jobId))).toBe("JOB_UNKNOWN");
    const actions = await world.database.selectFrom("auditEntries").select("action").orderBy("entryId").execute();
    expect(actions.map(({ action }) => action).sort()).toEqual([
      "platform:job:delete",
      "platform:job:end",
      "platform:job:start",
    ]);
  });

  it("starts a job with an id of its own once", async () => {
    let runs = 0;
    const kind = kindOf({
      one: async () => {
        runs++;
      },
    });
    const process = started(kind);
    const jobId = "a75e800b-bd4c-11ec-a5fe-0255ac100409";
    const wanted = { kind, caller, resource, input: { size: 1 }, jobId };
    await process.jobs.start(wanted);
    await process.jobs.ended(jobId);
    expect(await process.jobs.start(wanted)).toMatchObject({ jobId, status: "succeeded" });
    expect(runs).toBe(1);
  });
});

function endEntries() {
  return world.database.selectFrom("auditEntries").selectAll().where("action", "=", "platform:job:end").execute();
}

import { ManualClock } from "@concordat/base";
import { beforeEach, expect, test } from "vitest";
import { buildFailure } from "../builds/build-failure.ts";
import type { ContractConnection } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import type { ContractState } from "../ports.ts";
import { processBackOff, serviceBackOff } from "./back-off.ts";
import { ContractProcess } from "./contract-process.ts";
import type { RunningContract } from "./ports.ts";

/** One launch as the test lets it go. */
interface FakeLaunch {
  readonly signal: AbortSignal;
  readonly events: string[];
  succeed(): Promise<void>;
  fail(error: unknown): Promise<void>;
  end(reason: string): Promise<void>;
}

const connection: ContractConnection = {
  call: () => Promise.reject(new Error("not called here")),
  closed: new Promise(() => {}),
  close() {},
};

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const transient = (reason: string) => new FabricError("CONTRACT_NOT_RUNNING", reason, { facts: { reason } });

let clock: ManualClock;
let launches: FakeLaunch[];
let states: ContractState[];
let contract: ContractProcess;

function create(backOff = processBackOff): ContractProcess {
  return new ContractProcess(
    { mspId: "Org1MSP", packageId: "a:00", backOff },
    {
      clock,
      isFinal: (error) => error instanceof FabricError && error.message.includes("cannot be built"),
      lastWords: () => "Error: boom",
      onChange: ({ state }) => states.push(state),
      launch: (progress, signal) => {
        const started = Promise.withResolvers<RunningContract>();
        const ended = Promise.withResolvers<string>();
        const events: string[] = [];
        progress.starting("bubblewrap");
        signal.addEventListener("abort", () => started.reject(transient("It was stopped.")));
        const end = (event: string) => {
          events.push(event);
          ended.resolve(`It ended: ${event}.`);
        };
        launches.push({
          signal,
          events,
          async succeed() {
            started.resolve({
              connection,
              processId: 100 + launches.length,
              ended: ended.promise,
              stop: async () => end("stop"),
              kill: () => end("kill"),
            });
            await settled();
          },
          async fail(error) {
            started.reject(error);
            await settled();
          },
          async end(reason) {
            ended.resolve(reason);
            await settled();
          },
        });
        return started.promise;
      },
    },
  );
}

const last = (): FakeLaunch => {
  const launch = launches.at(-1);
  if (launch === undefined) throw new Error("nothing was launched");
  return launch;
};

async function run(): Promise<void> {
  const starting = contract.start();
  await settled();
  await last().succeed();
  await starting;
}

beforeEach(() => {
  clock = new ManualClock(0);
  launches = [];
  states = [];
  contract = create();
});

test("the first call starts it, and calls at the same time share one process", async () => {
  const both = Promise.all([contract.connection(), contract.connection(), contract.start()]);
  await settled();
  await last().succeed();
  expect((await both)[0]).toBe(connection);
  expect(launches).toHaveLength(1);
  expect(states).toEqual(["building", "starting", "running"]);
  expect(contract.status()).toMatchObject({ state: "running", processId: 101, sandbox: "bubblewrap", restarts: 0 });
});

test("a process that ends after a healthy while is started at once, and calls wait for it", async () => {
  await run();
  clock.advance(processBackOff.healthyMs);
  await last().end("The process ended with exit code 1.");
  expect(contract.status()).toMatchObject({ state: "starting", restarts: 1 });
  const next = contract.connection();
  await last().succeed();
  expect(await next).toBe(connection);
});

test("a crash loop waits longer and longer, and ends in failed with the last words", async () => {
  await run();
  const waitsMs: number[] = [];
  await last().end("first");
  for (let turn = 0; turn < 5; turn++) {
    await last().fail(transient(`turn ${turn}`));
    if (contract.status().state === "failed") break;
    expect(contract.status()).toMatchObject({ state: "backing-off", reason: `turn ${turn}.`, processId: null });
    await expect(contract.connection()).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
      facts: { state: "backing-off" },
    });
    const sinceMs = clock.nowMs();
    const count = launches.length;
    while (launches.length === count) {
      clock.advance(500);
      await settled();
    }
    waitsMs.push(clock.nowMs() - sinceMs);
  }
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(contract.status()).toMatchObject({
    state: "failed",
    reason: "turn 4. Its last words: Error: boom",
    restarts: 5,
  });
  await expect(contract.connection()).rejects.toMatchObject({ facts: { state: "failed" } });
  clock.advance(3_600_000);
  expect(launches).toHaveLength(6);
  await run();
  expect(contract.status()).toMatchObject({ state: "running", reason: null });
});

test("a service elsewhere is tried for ever", async () => {
  contract = create(serviceBackOff);
  const starting = contract.start();
  await settled();
  for (let turn = 0; turn < 20; turn++) {
    await last().fail(transient("nobody answers"));
    clock.advance(serviceBackOff.delayMaxMs);
    await settled();
  }
  await last().succeed();
  await starting;
  expect(contract.status().state).toBe("running");
});

test("a failed build is not tried again by itself", async () => {
  const starting = contract.start();
  await settled();
  await last().fail(buildFailure("there is no package.json"));
  expect(await starting).toMatchObject({ state: "failed", reason: "there is no package.json." });
  clock.advance(3_600_000);
  expect(launches).toHaveLength(1);
});

test.each<[ContractState, () => Promise<void>]>([
  ["stopped", async () => {}],
  [
    "starting",
    async () => {
      void contract.start();
      await settled();
    },
  ],
  ["running", run],
  [
    "backing-off",
    async () => {
      await run();
      await last().end("one");
      await last().fail(transient("two"));
    },
  ],
  [
    "failed",
    async () => {
      void contract.start();
      await settled();
      await last().fail(buildFailure("no"));
    },
  ],
])("stopping while it is %s leaves nothing behind", async (state, reach) => {
  await reach();
  expect(contract.status().state).toBe(state);
  const count = launches.length;
  expect(await contract.stop()).toMatchObject({ state: "stopped", reason: null, processId: null, sandbox: null });
  if (state === "running") expect(last().events).toEqual(["stop"]);
  if (state === "starting") expect(last().signal.aborted).toBe(true);
  clock.advance(3_600_000);
  await settled();
  expect(contract.status().state).toBe("stopped");
  expect(launches).toHaveLength(count);
});

test("a call that waits for a start which is stopped fails", async () => {
  const waiting = contract.connection();
  await settled();
  await contract.stop();
  await expect(waiting).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
});

test("a start that succeeds after it was stopped is stopped too", async () => {
  contract = create();
  void contract.start();
  await settled();
  const launch = last();
  launch.signal.addEventListener("abort", () => {});
  const succeeded = launch.succeed();
  await contract.stop();
  await succeeded;
  expect(launch.events).toEqual(["stop"]);
});

test("a reset kills the process once and starts another", async () => {
  await run();
  contract.reset("It did not answer within 30 s.");
  await settled();
  expect(launches[0]?.events).toEqual(["kill"]);
  expect(contract.status()).toMatchObject({ state: "starting", restarts: 1 });
  contract.reset("again");
  await last().succeed();
  expect(contract.status()).toMatchObject({ state: "running", restarts: 1 });
});

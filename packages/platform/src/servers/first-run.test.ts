import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordFirstCredentialsWritten } from "../first-credentials.ts";
import { Harness } from "../testing/harness.ts";
import { awaitFirstRun } from "./first-run.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.dispose());

/** Lets time pass until the wait has ended, one way or the other. */
async function ended(waiting: Promise<void>): Promise<unknown> {
  let outcome: unknown = "pending";
  waiting.then(
    () => {
      outcome = "done";
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  while (outcome === "pending") {
    harness.clock.advance(200);
    await turn();
  }
  return outcome;
}

it("waits for the first run to be complete, its credentials included", async () => {
  const { platform } = harness;
  const waiting = awaitFirstRun(platform, harness);
  await harness.bootstrap();
  await recordFirstCredentialsWritten(platform);
  expect(await ended(waiting)).toBe("done");
  expect(await ended(awaitFirstRun(platform, harness))).toBe("done");
});

it("gives up on a home server that does not finish", async () => {
  await harness.bootstrap();
  expect(await ended(awaitFirstRun(harness.platform, harness))).toMatchObject({ code: "FIRST_RUN_PENDING" });
});

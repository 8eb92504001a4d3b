import { expect, it } from "vitest";
import { tokenContract } from "../contract.ts";
import { runSeed } from "./chance.fixture.ts";
import { Tally } from "./tally.fixture.ts";
import { World } from "./world.fixture.ts";

const WORLDS = 10;
const CALLS = 500;

it("does what the model does, whoever calls what", async () => {
  const seed = runSeed("token");
  const tally = new Tally();
  for (let index = 0; index < WORLDS; index++) await World.inMemory(seed + index, tokenContract).run(CALLS, tally);
  expect(tally.calls).toBe(WORLDS * CALLS);
  expect(tally.successes / tally.calls).toBeGreaterThan(0.4);
});

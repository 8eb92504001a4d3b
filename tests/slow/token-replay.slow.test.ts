import { tokenContract } from "@concordat/contracts";
import { expect, test } from "vitest";
import { runSeed } from "../../packages/contracts/src/token/model/chance.fixture.ts";
import { Tally } from "../../packages/contracts/src/token/model/tally.fixture.ts";
import { World } from "../../packages/contracts/src/token/model/world.fixture.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { createTokenWorld, TokenEngine } from "../support/token-engine.ts";

const CALLS = 1_500;

test("the segments alone give the state again that the model has", async () => {
  const seed = runSeed("token replay");
  const tally = new Tally();
  const engine = new TokenEngine(await temporaryFolder("token-replay"), await createTokenWorld());
  const world = new World(seed, tokenContract, (contract) => engine.run(contract));
  await engine.open();
  await world.run(CALLS, tally);
  expect(tally.successes).toBeGreaterThan(CALLS * 0.4);

  const before = await engine.stateHash();
  await engine.close();
  await engine.deleteDerived();
  await engine.open();
  expect(await engine.stateHash()).toBe(before);
  await world.compareAll();
  await world.run(CALLS / 10, tally);
  await engine.close();
});

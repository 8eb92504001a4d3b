import { expect, it } from "vitest";
import { tokenContract } from "../contract.ts";
import { withBug } from "./altering.fixture.ts";
import { bugs } from "./bugs.fixture.ts";
import { runSeed } from "./chance.fixture.ts";
import { Divergence } from "./compared.fixture.ts";
import { Tally } from "./tally.fixture.ts";
import { World } from "./world.fixture.ts";

const seed = runSeed("token bugs");
const CALLS = 500;
const WORLDS_MAX = 16;

it("has bugs enough", () => expect(Object.keys(bugs).length).toBeGreaterThanOrEqual(20));

it("finds nothing where nothing is altered", async () => {
  await World.inMemory(seed, withBug(tokenContract, { in: /./ })).run(2 * CALLS, new Tally());
});

it.each(Object.entries(bugs))("finds: %s", async (_name, bug) => {
  const tally = new Tally();
  const contract = withBug(tokenContract, bug);
  const search = async () => {
    for (let index = 0; index < WORLDS_MAX; index++) await World.inMemory(seed + index, contract).run(CALLS, tally);
  };
  await expect(search()).rejects.toThrow(Divergence);
});

import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  applyBlocks,
  copyAtRest,
  createRandom,
  type Digests,
  damageOneFile,
  digestOf,
  expectedDigests,
  replay,
  temporaryDirectory,
} from "./damage.fixture.ts";
import { type DerivedOptions, openDerived } from "./open-derived.ts";

const HEIGHT = 185;

/**
 * Damages stores by seed, after a clean close and after a crash, and holds what opens against stores in which nothing went
 * wrong. A run of one seed: `DAMAGE_SEED=<seed>`.
 */
export function damageSuite(
  stateDatabase: DerivedOptions["stateDatabase"],
  seedFirst: number,
  seedCount: number,
): void {
  const options = { stateDatabase, height: HEIGHT, settleBatches: 40 };

  describe(`damaged derived stores (${stateDatabase})`, () => {
    let directory: string;
    let expected: Digests;

    beforeAll(async () => {
      directory = await temporaryDirectory();
      expected = await expectedDigests(options);
      // The crash happens in the second run, so that files of both runs and a replaced MANIFEST are there.
      const live = join(directory, "live");
      const first = await openDerived({ ...options, directory: live });
      await applyBlocks(first, 0, 70);
      await first.close();
      const second = await openDerived({ ...options, directory: live });
      expect(second.rebuilt).toEqual([]);
      await applyBlocks(second, 70, HEIGHT);
      await copyAtRest(live, join(directory, "crashed"));
      await second.close();
      await cp(live, join(directory, "closed"), { recursive: true });
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    const openAndCompare = async (folder: string, context: string) => {
      const derived = await openDerived({ ...options, directory: folder });
      try {
        const rebuilt = derived.rebuilt.map((reason) => reason.slice(0, reason.indexOf(":")));
        for (const store of [derived.state, derived.index]) {
          const name = store === derived.state ? "state" : "index";
          expect(await digestOf(store.dump()), `${context}, ${name} at ${store.savepoint}`).toBe(
            expected[name][store.savepoint],
          );
          const isReset = rebuilt.some((reset) => reset.startsWith(name));
          if (isReset) expect(store.savepoint).toBe(0);
        }
        await replay(derived, HEIGHT);
        expect(await digestOf(derived.state.dump()), context).toBe(expected.state[HEIGHT]);
        expect(await digestOf(derived.index.dump()), context).toBe(expected.index[HEIGHT]);
        expect(derived.index.meters("contract", "")).toEqual({ writes: 4 * HEIGHT });
        return rebuilt;
      } finally {
        await derived.close();
      }
    };

    test("opens both undamaged, with nothing reset", async () => {
      for (const kind of ["closed", "crashed"]) {
        const folder = join(directory, `plain-${kind}`);
        await cp(join(directory, kind), folder, { recursive: true });
        expect(await openAndCompare(folder, kind)).toEqual([]);
        expect(await openAndCompare(folder, `${kind}, again`)).toEqual([]);
      }
    });

    test(`never opens damaged rows, seeds ${seedFirst} to ${seedFirst + seedCount - 1}`, async () => {
      const only = process.env["DAMAGE_SEED"];
      const seeds = only === undefined ? Array.from({ length: seedCount }, (_, at) => seedFirst + at) : [Number(only)];
      let resets = 0;
      for (const seed of seeds) {
        const random = createRandom(seed);
        const kind = seed % 2 === 0 ? "closed" : "crashed";
        const folder = join(directory, `seed-${seed}`);
        await cp(join(directory, kind), folder, { recursive: true });
        const faults: string[] = [];
        for (let count = 1 + random(2); count > 0; count--) faults.push(await damageOneFile(folder, random));
        resets += (await openAndCompare(folder, `seed ${seed}, ${kind}: ${faults.join(", ")}`)).length;
        await rm(folder, { recursive: true });
      }
      if (only === undefined) expect(resets).toBeGreaterThan(seedCount / 4);
    }, 1_200_000);
  });
}

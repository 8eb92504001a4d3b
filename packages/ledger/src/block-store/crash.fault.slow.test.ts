import { expect, it } from "vitest";
import { crashEverywhere } from "../testing/crash-run.ts";
import { LONG_IMPORTED_RUN, LONG_RUN } from "../testing/crash-scripts.ts";

const seeds = Array.from({ length: 12 }, (_, index) => 100 + index);

it("two crashes in a row at any two operations lose nothing that was acknowledged", async () => {
  expect((await crashEverywhere({ ...LONG_RUN, crashTwice: true, seeds })).violations).toEqual([]);
});

it("nor do they in an imported channel", async () => {
  expect((await crashEverywhere({ ...LONG_IMPORTED_RUN, seeds })).violations).toEqual([]);
});

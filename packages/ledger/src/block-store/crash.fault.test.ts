import { describe, expect, it } from "vitest";
import { crashEverywhere, failEverywhere } from "../testing/crash-run.ts";
import {
  allTears,
  HOLE_RUN,
  LONG_IMPORTED_RUN,
  LONG_RUN,
  SHORT_IMPORTED_RUN,
  SHORT_RUN,
} from "../testing/crash-scripts.ts";
import { SYNC_SITES } from "./sync-sites.ts";

describe("a crash at any operation loses nothing that was acknowledged", () => {
  it("in a run with groups of 1 to 5 blocks and several segments", async () => {
    const { crashes, violations } = await crashEverywhere(LONG_RUN);
    expect(violations).toEqual([]);
    expect(crashes).toBeGreaterThan(1000);
  });

  it("when the next start crashes too", async () => {
    expect((await crashEverywhere(SHORT_RUN)).violations).toEqual([]);
  });

  it("in an imported channel, when the next start crashes too", async () => {
    expect((await crashEverywhere(SHORT_IMPORTED_RUN)).violations).toEqual([]);
  });

  it("when the write of a group has a hole, and the next start crashes too", async () => {
    expect((await crashEverywhere(HOLE_RUN)).violations).toEqual([]);
  });

  it("when a short write is torn at any byte", async () => {
    const options = { ...LONG_RUN, script: [[[100], [40, 30]]], secondScript: [[[50]]], seeds: [], tears: allTears };
    expect((await crashEverywhere(options)).violations).toEqual([]);
  });
});

describe("a failure of any operation", () => {
  it.each(["EIO", "ENOSPC"] as const)("with %s is noticed and loses nothing that was acknowledged", async (code) => {
    for (const options of [LONG_RUN, SHORT_IMPORTED_RUN]) {
      expect((await failEverywhere(options, code)).violations).toEqual([]);
    }
  });
});

describe("each sync is needed", () => {
  it.each(SYNC_SITES)("without %s a crash breaks a promise", async (droppedSite) => {
    // Only an imported channel has its anchor before its first segment.
    const options = droppedSite === "segments-folder" ? LONG_IMPORTED_RUN : LONG_RUN;
    const { violations } = await crashEverywhere({ ...options, crashTwice: false, droppedSite });
    expect(violations).not.toEqual([]);
  });
});

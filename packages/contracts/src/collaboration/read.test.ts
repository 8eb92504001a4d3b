import { beforeEach, describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  type CollaborationChannel,
  openCollaboration,
  type Place,
  stranger,
} from "../testing/collaboration-channel.ts";
import type { CollaborationHistoryJson, ProvenanceJson, RelatedItemJson } from "./answers.ts";

let channel: CollaborationChannel;
let place: Place;
let other: Place;

beforeEach(async () => {
  channel = await openCollaboration();
  const groupId = await channel.createGroup("rice");
  place = { groupId, phaseId: await channel.createPhase(groupId, "growing") };
  other = { groupId, phaseId: await channel.createPhase(groupId, "milling") };
});

const read = (fn: string, at: Place, ...args: readonly string[]) =>
  channel.read(stranger, fn, at.groupId, at.phaseId, ...args);

describe("describe", () => {
  it("refuses what is not there or malformed", async () => {
    await channel.upload(place, { dataKey: "k", phaseData: "v", dataSeq: "s" });
    expect(await refusalOf(read("describe", place, "absent", ""))).toBe("PHASE_DATA_UNKNOWN");
    expect(await refusalOf(read("describe", place, "k", "t"))).toBe("PHASE_DATA_UNKNOWN");
    expect(await refusalOf(read("describe", other, "k", "s"))).toBe("PHASE_DATA_UNKNOWN");
    expect(await refusalOf(read("describe", place, "", ""))).toBe("PHASE_DATA_KEY_MALFORMED");
    expect(await refusalOf(read("describe", place, "k", "a b"))).toBe("PHASE_DATA_SEQUENCE_MALFORMED");
    expect(await refusalOf(read("describe", { ...place, phaseId: "1" }, "k", ""))).toBe("PHASE_UNKNOWN");
    expect(await refusalOf(read("describe", { ...place, groupId: "1" }, "k", ""))).toBe("PHASE_GROUP_UNKNOWN");
  });
});

describe("history", () => {
  const history = async (startMs: number, endMs: number, page = 1, size = 3) => {
    const args = ["k", String(startMs), String(endMs), String(page), String(size)];
    const { total, records } = (await read("history", place, ...args)) as CollaborationHistoryJson;
    return [total, ...records.map(({ value }) => value)];
  };

  it("answers a window's pages, newest first, both ends included", async () => {
    const startMs = channel.timeMs;
    for (const value of ["1", "2", "3", "4", "5", "6", "7"]) {
      await channel.upload(place, { dataKey: "k", phaseData: value });
      channel.timeMs += 1_000;
    }
    const at = (number: number) => startMs + (number - 1) * 1_000;
    expect(await history(0, at(9))).toEqual([7, "7", "6", "5"]);
    expect(await history(0, at(9), 3)).toEqual([7, "1"]);
    expect(await history(0, at(9), 4)).toEqual([7]);
    expect(await history(at(2), at(5))).toEqual([4, "5", "4", "3"]);
    expect(await history(at(2), at(5), 2)).toEqual([4, "2"]);
    expect(await history(at(2) + 1, at(5) - 1)).toEqual([2, "4", "3"]);
    expect(await history(at(3), at(3))).toEqual([1, "3"]);
    expect(await history(at(3) + 1, at(3) + 2)).toEqual([0]);
    expect(await history(at(8), at(9))).toEqual([0]);
    expect(await read("history", place, "absent", "0", "9", "1", "1")).toEqual({ total: 0, records: [] });
  });

  it("refuses wrong windows, pages, keys and phases", async () => {
    for (const [start, end] of [
      ["5", "4"],
      ["", ""],
      ["x", "5"],
      ["1", ""],
      ["-1", "5"],
      ["0", "1".repeat(16)],
    ]) {
      expect(await refusalOf(read("history", place, "k", start ?? "", end ?? "", "1", "1"))).toBe("WINDOW_INVALID");
    }
    for (const [page, size] of [
      ["0", "1"],
      ["1", "0"],
      ["1", "101"],
      ["", ""],
    ]) {
      expect(await refusalOf(read("history", place, "k", "0", "1", page ?? "", size ?? ""))).toBe("PAGE_INVALID");
    }
    expect(await refusalOf(read("history", place, "", "0", "1", "1", "1"))).toBe("PHASE_DATA_KEY_MALFORMED");
    expect(await refusalOf(read("history", { ...place, phaseId: "" }, "k", "0", "1", "1", "1"))).toBe("PHASE_UNKNOWN");
    expect(await refusalOf(read("history", { ...place, groupId: "" }, "k", "0", "1", "1", "1"))).toBe(
      "PHASE_GROUP_UNKNOWN",
    );
  });
});

describe("provenance", () => {
  /** Uploads a record under its name, made of those that are named. */
  const make = async (name: string, ...of: readonly string[]) => {
    const at = (each: string) => (each < "n" ? place : other);
    const related: RelatedItemJson[] = of.map((each) => ({
      phaseId: at(each).phaseId,
      dataKey: each,
      phaseData: each,
    }));
    await channel.upload(at(name), { dataKey: name, phaseData: name, related });
  };
  const provenance = async (at: Place, dataKey: string, limit: number, dataSeq = "") => {
    const { complete, records } = (await read("provenance", at, dataKey, dataSeq, String(limit))) as ProvenanceJson;
    return [complete, ...records.map(({ value }) => value)];
  };

  it("walks breadth first and shows each record once", async () => {
    await make("a");
    await make("b", "a");
    await make("c", "a");
    await make("x", "b", "c", "a");
    await make("y", "x", "b", "x");
    expect(await provenance(other, "y", 10)).toEqual([true, "y", "x", "b", "c", "a"]);
    expect(await provenance(place, "b", 10)).toEqual([true, "b", "a"]);
    expect(await provenance(place, "a", 1)).toEqual([true, "a"]);
    for (const limit of [1, 2, 3, 4]) {
      expect(await provenance(other, "y", limit)).toEqual([false, ...["y", "x", "b", "c", "a"].slice(0, limit)]);
    }
    expect(await provenance(other, "y", 5)).toEqual([true, "y", "x", "b", "c", "a"]);
  });

  it("tells records of one key apart, and begins at the one that is asked for", async () => {
    const upload = (value: string, dataSeq: string, related: readonly RelatedItemJson[]) =>
      channel.upload(place, { dataKey: "k", phaseData: value, dataSeq, related });
    const of = (phaseData: string, dataSeq: string) => ({ phaseId: place.phaseId, dataKey: "k", phaseData, dataSeq });
    await upload("1", "a", []);
    await upload("2", "b", [of("1", "a")]);
    await upload("3", "c", [of("2", "b"), of("1", "a")]);
    expect(await provenance(place, "k", 10)).toEqual([true, "3", "2", "1"]);
    expect(await provenance(place, "k", 10, "b")).toEqual([true, "2", "1"]);
    expect(await provenance(place, "k", 10, "a")).toEqual([true, "1"]);
  });

  it("shows a chain of 1,000 records in full", async () => {
    for (let number = 0; number < 1_000; number += 50) {
      await channel.uploadBatch(
        place,
        Array.from({ length: 50 }, (_, index) => {
          const dataKey = `r${number + index}`;
          const before = { phaseId: place.phaseId, dataKey: `r${number + index - 1}`, phaseData: "v" };
          return { dataKey, phaseData: "v", related: number + index === 0 ? [] : [before] };
        }),
      );
    }
    const { complete, records } = (await read("provenance", place, "r999", "", "10000")) as ProvenanceJson;
    expect(complete).toBe(true);
    expect(records.map(({ dataKey }) => dataKey)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `r${999 - index}`),
    );
    expect(records.slice(0, -1).map(({ related }) => related[0]?.dataKey)).toEqual(
      records.slice(1).map(({ dataKey }) => dataKey),
    );
  });

  it("ends early where the graph is too large to be told", async () => {
    const phaseData = "\u0001".repeat(4096);
    const related = (dataKey: string) => ({ phaseId: place.phaseId, dataKey, phaseData });
    for (let batch = 0; batch < 40; batch++) {
      await channel.uploadBatch(
        place,
        Array.from({ length: 50 }, (_, index) => {
          const number = batch * 50 + index;
          return { dataKey: `r${number}`, phaseData, related: number === 0 ? [] : [related(`r${number - 1}`)] };
        }),
      );
    }
    const { complete, records } = (await read("provenance", place, "r1999", "", "10000")) as ProvenanceJson;
    expect(complete).toBe(false);
    expect(records.length).toBeGreaterThan(1_000);
    expect(records.length).toBeLessThan(2_000);
  });

  it("refuses wrong limits and what describe refuses", async () => {
    await make("a");
    for (const limit of ["", "0", "10001", "x"]) {
      expect(await refusalOf(read("provenance", place, "a", "", limit))).toBe("ARGUMENT_MALFORMED");
    }
    expect(await refusalOf(read("provenance", place, "b", "", "1"))).toBe("PHASE_DATA_UNKNOWN");
    expect(await refusalOf(read("provenance", place, "a", "s", "1"))).toBe("PHASE_DATA_UNKNOWN");
    expect(await refusalOf(read("provenance", place, "", "", "1"))).toBe("PHASE_DATA_KEY_MALFORMED");
    expect(await refusalOf(read("provenance", { ...place, phaseId: "1" }, "a", "", "1"))).toBe("PHASE_UNKNOWN");
  });
});

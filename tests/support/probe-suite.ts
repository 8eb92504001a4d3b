import { expect, test } from "vitest";
import { PRINCIPAL_UID } from "./contract-homes.ts";
import type { Trial } from "./contract-suite.ts";

/** What contracts rely on in the stub and the client identity of any home. */
export function probeSuite(trial: () => Trial): void {
  test("state: absent keys, own writes unseen, concurrent reads, deletion", async () => {
    expect(await trial().evaluate("get", ["a"])).toEqual({ answer: "" });
    await trial().write("put", "a", "1", "b", "2", "d", "4", "c", "3", "\u{1f600}", "6", "\uffee", "5");
    expect(await trial().read("readOwnWrite", "new", "value")).toBe(0);
    expect(await trial().read("getMany", "b", "none", "a", "\u{1f600}")).toEqual(["2", "", "1", "6"]);
    await trial().write("remove", "c");
    expect(await trial().read("getMany", "c", "d")).toEqual(["", "4"]);
    expect(await trial().read("readOwnWrite", "d", "longer")).toBe(1);
  });

  test("ranges: by bytes, end excluded, open ends, composite keys unseen, left before the end", async () => {
    await trial().write("putComposite", "kind", "x", "red", "one");
    const [a, b, d, smile] = [
      ["a", "1"],
      ["b", "2"],
      ["d", "4"],
      ["\u{1f600}", "6"],
    ];
    expect(await trial().read("range", "a", "d")).toEqual([a, b]);
    expect(await trial().read("range", "", "")).toEqual([a, b, d, ["\uffee", "5"], smile]);
    expect(await trial().read("range", "x", "y")).toEqual([]);
    expect(await trial().read("firstOfRange", "b", "")).toEqual(b);
  });

  test("pages", async () => {
    expect(await trial().read("pages", "a", "e", "2")).toEqual([
      {
        fetchedRecordsCount: 2,
        bookmark: "d",
        rows: [
          ["a", "1"],
          ["b", "2"],
        ],
      },
      { fetchedRecordsCount: 1, bookmark: "", rows: [["d", "4"]] },
    ]);
  });

  test("composite keys", async () => {
    await trial().write("putComposite", "kind", "y", "red", "two");
    await trial().write("putComposite", "kind", "z", "reddish", "three");
    const objectType = "kind";
    const red = [
      [{ objectType, attributes: ["red", "one"] }, "x"],
      [{ objectType, attributes: ["red", "two"] }, "y"],
    ];
    expect(await trial().read("composite", "kind", "red")).toEqual(red);
    expect(await trial().read("composite", "kind")).toEqual([
      ...red,
      [{ objectType, attributes: ["reddish", "three"] }, "z"],
    ]);
    expect(await trial().read("composite", "kin")).toEqual([]);
  });

  test("history: newest first, deletions included, over several answers", async () => {
    const expected: unknown[] = [];
    for (const value of ["1", "2", "3", "4"]) {
      const { txId, timeMs } = await trial().write("put", "long", value);
      expected.unshift({ txId, timeMs, isDelete: false, value });
    }
    const { txId, timeMs } = await trial().write("remove", "long");
    expect(await trial().read("history", "long")).toEqual([{ txId, timeMs, isDelete: true, value: "" }, ...expected]);
    expect(await trial().read("history", "none")).toEqual([]);
  });

  test("who asks and when", async () => {
    const { answer, txId, timeMs } = await trial().write("when");
    expect(JSON.parse(answer)).toEqual({ txId, timeMs });
    const { world } = trial();
    const { id, ...who } = JSON.parse((await trial().write("who")).answer);
    expect(id).toContain(PRINCIPAL_UID);
    const { mspId } = world.principal;
    expect(who).toEqual({ mspId, principal: PRINCIPAL_UID, absent: null, channelId: world.channelId });
    const nobody = await trial().submit("who", [], world.nobody);
    expect(JSON.parse("answer" in nobody ? nobody.answer : "")).toMatchObject({ mspId, principal: null });
  });

  test("what breaks off and what is unknown", async () => {
    expect(await trial().submit("fail", [])).toEqual({ failed: true });
    expect(await trial().submit("missing", [])).toMatchObject({ refusal: "FUNCTION_UNKNOWN" });
    expect(await trial().submit("toString", [])).toMatchObject({ refusal: "FUNCTION_UNKNOWN" });
    expect(await trial().submit("putComposite", ["kind", "x", ""])).toEqual({ failed: true });
    expect(await trial().submit("putComposite", ["", "x", "red"])).toEqual({ failed: true });
    expect(await trial().evaluate("composite", ["kind", ""])).toEqual({ failed: true });
    expect(await trial().submit("range", ["\u0000kind", ""])).toEqual({ failed: true });
  });
}

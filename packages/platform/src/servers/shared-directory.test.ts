import { systemRandom } from "@concordat/base";
import { createKeyRing } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import { Directory } from "../directory/directory.ts";
import { sqliteFixture } from "../testing/sqlite-fixture.ts";

let fixture: Awaited<ReturnType<typeof sqliteFixture>>;
let store: ControlStore;
let one: Directory;
let other: Directory;
beforeEach(async () => {
  fixture = await sqliteFixture();
  store = await fixture.open();
  const sealer = createKeyRing([new Uint8Array(32).fill(7)], { random: systemRandom });
  // As two servers have them: each knows of the other's changes only what the store says.
  [one, other] = await Promise.all([Directory.load({ store, sealer }), Directory.load({ store, sealer })]);
});
afterEach(async () => {
  await store.close();
  await fixture.dispose();
});

const row = (name: string, value: string) => ({ table: "settings", row: { name, value } }) as const;
const set = (directory: Directory, name: string, value: string) =>
  directory.change(async () => ({ changes: [row(name, value)], result: undefined }));

it("shows another server's changes once it is refreshed: new rows, changed ones and those that are gone", async () => {
  await set(one, "a", "1");
  await set(one, "b", "1");
  expect(other.setting("a")).toBeUndefined();
  await other.refresh();
  expect([other.setting("a"), other.setting("b")]).toEqual(["1", "1"]);
  await set(one, "a", "2");
  await one.change(async () => ({ changes: [{ ...row("b", "1"), remove: true }], result: undefined }));
  await other.refresh();
  expect([other.setting("a"), other.setting("b")]).toEqual(["2", undefined]);
});

it("plans a change anew on what another server was faster with", async () => {
  await set(one, "counter", "1");
  const seen: (string | undefined)[] = [];
  const result = await other.change(async () => {
    const before = other.setting("counter");
    seen.push(before);
    const next = String(Number(before ?? "0") + 1);
    return { changes: [row("counter", next)], result: next };
  });
  expect(seen).toEqual([undefined, "1"]);
  expect(result).toBe("2");
  await one.refresh();
  expect(one.setting("counter")).toBe("2");
});

it("loses no change of servers that change the same row at once", async () => {
  const increment = (directory: Directory) =>
    directory.change(async () => {
      const next = String(Number(directory.setting("counter") ?? "0") + 1);
      return { changes: [row("counter", next)], result: undefined };
    });
  for (let turn = 0; turn < 10; turn++) await Promise.all([one, other, one, other].map(increment));
  await Promise.all([one.refresh(), other.refresh()]);
  expect([one.setting("counter"), other.setting("counter")]).toEqual(["40", "40"]);
});

it("finds out by itself that a commit whose answer was lost had happened", async () => {
  const commit = store.commit.bind(store);
  store.commit = async (what) => {
    await commit(what);
    throw new Error("The answer was lost.");
  };
  await expect(set(one, "a", "1")).rejects.toThrow("lost");
  store.commit = commit;
  expect(one.setting("a")).toBeUndefined();
  await set(one, "b", "1");
  expect(one.setting("a")).toBe("1");
});

import { ManualClock, systemRandom } from "@concordat/base";
import { expect, it } from "vitest";
import { auditEntry } from "./audit-entry.ts";

it("sorts by time, and within a millisecond in the order of making", () => {
  const clock = new ManualClock(1_700_000_000_000);
  const event = { action: "iam:user:create", resource: { kind: "user", id: "1" } };
  const ids = Array.from({ length: 300 }, (_, index) => {
    if (index % 100 === 99) clock.advance(1);
    return auditEntry(undefined, event, { clock, random: systemRandom }).entryId;
  });
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

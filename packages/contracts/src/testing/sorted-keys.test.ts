import { compareBytes, utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

it("is the set of what was added and not deleted, in the order of the bytes", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "\u0000", "\uff5e", "\u{1f600}"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), key)), key, (steps, prefix) => {
      const keys = new SortedKeys();
      const expected = new Set<string>();
      for (const [isAdded, each] of steps) {
        if (isAdded) {
          keys.add(each);
          expected.add(each);
        } else {
          keys.delete(each);
          expected.delete(each);
        }
      }
      const sorted = [...expected].sort((a, b) => compareBytes(utf8ToBytes(a), utf8ToBytes(b)));
      expect(keys.all()).toEqual(sorted);
      expect(keys.withPrefix(prefix)).toEqual(sorted.filter((each) => each.startsWith(prefix)));
    }),
  );
});

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  approvalFromText,
  approvalToText,
  definitionFromText,
  definitionToText,
  isSameDefinition,
} from "./definitions.ts";

const anyDefinition = fc.record({
  name: fc.string(),
  version: fc.string(),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  endorsementPlugin: fc.string(),
  validationPlugin: fc.string(),
  validationParameter: fc.uint8Array(),
  initRequired: fc.boolean(),
});

it("writes definitions and approvals as the format page has them, and reads them back", () => {
  const definition = {
    name: "kv",
    version: "1.0",
    sequence: 2,
    endorsementPlugin: "escc",
    validationPlugin: "vscc",
    validationParameter: Uint8Array.of(1, 2, 3),
    initRequired: false,
  };
  const text =
    '{"endorsementPlugin":"escc","initRequired":false,"name":"kv","sequence":2,"validationParameter":"AQID","validationPlugin":"vscc","version":"1.0"}';
  expect(definitionToText(definition)).toBe(text);
  expect(approvalToText({ ...definition, packageId: "" })).toBe(text.replace(',"seq', ',"packageId":"","seq'));
  fc.assert(
    fc.property(anyDefinition, fc.string(), (any, packageId) => {
      expect(definitionFromText(definitionToText(any))).toEqual(any);
      expect(definitionFromText(Buffer.from(definitionToText(any)))).toEqual(any);
      expect(approvalFromText(approvalToText({ ...any, packageId }))).toEqual({ ...any, packageId });
      expect(approvalFromText(definitionToText(any))).toBeUndefined();
      expect(isSameDefinition(any, { ...any, sequence: any.sequence === 1 ? 2 : 1 })).toBe(false);
    }),
  );
  for (const other of [
    ` ${text}`,
    text.replace('"1.0"', "1"),
    text.replace("2", "0"),
    text.replace("2", "1.5"),
    text.replace("{", '{"a":1,'),
    text.replace("AQID", "AQI"),
    text.replace('"name":"kv",', ""),
    "[]",
    "null",
    "",
  ]) {
    expect(definitionFromText(other)).toBeUndefined();
  }
});

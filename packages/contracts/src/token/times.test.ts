import { expect, it } from "vitest";
import { isExpired, parseTimeMs, timeToDay, timeToPrintedDay } from "./times.ts";

it("reads RFC 3339 times", () => {
  expect(parseTimeMs("2021-06-02T12:46:06Z")).toBe(Date.UTC(2021, 5, 2, 12, 46, 6));
  expect(parseTimeMs("2022-01-16T15:16:36+00:00")).toBe(Date.UTC(2022, 0, 16, 15, 16, 36));
  expect(parseTimeMs("2022-01-16T15:16:36.5+01:30")).toBe(Date.UTC(2022, 0, 16, 13, 46, 36, 500));
  expect(parseTimeMs("2022-01-16T15:16:36.123999999-01:00")).toBe(Date.UTC(2022, 0, 16, 16, 16, 36, 123));
  expect(parseTimeMs("2024-02-29T00:00:00Z")).toBe(Date.UTC(2024, 1, 29));
});

it("refuses other texts", () => {
  const days = ["2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z"];
  const clocks = ["2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00+24:00"];
  const forms = ["", "0", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00Z "];
  for (const text of [...days, ...clocks, ...forms]) expect(parseTimeMs(text), text).toBeNaN();
});

it("is over from the very millisecond on, and never for 0", () => {
  const text = "2024-01-01T00:00:00.500Z";
  const endMs = Date.UTC(2024, 0, 1, 0, 0, 0, 500);
  expect([isExpired(text, endMs - 1), isExpired(text, endMs), isExpired(text, endMs + 1)]).toEqual([false, true, true]);
  expect(isExpired("0", Number.MAX_SAFE_INTEGER)).toBe(false);
});

it("knows days in UTC", () => {
  const midnight = Date.UTC(2024, 11, 11);
  expect(timeToDay(midnight - 1)).toBe("2024-12-10T00:00:00.000Z");
  expect(timeToDay(midnight)).toBe("2024-12-11T00:00:00.000Z");
  expect(timeToPrintedDay(midnight)).toBe("12/11/2024");
});

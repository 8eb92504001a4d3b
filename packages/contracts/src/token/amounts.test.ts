import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  amountToCommonScale,
  amountToUnits,
  isAmountText,
  isLimitText,
  limitToText,
  quantityToUnits,
  trimDecimals,
  unitsToCommonScale,
  unitsToNumber,
  unitsToText,
} from "./amounts.ts";
import { tokenLimits } from "./limits.ts";

const refused = (work: () => unknown) => refusalOf((async () => work())());

describe("isAmountText", () => {
  it("takes plain decimal numbers only", () => {
    for (const text of ["0", "7", "10.25", "0.00", "-3", "999999999999999"]) expect(isAmountText(text)).toBe(true);
    const wrong = ["", " 1", "1 ", "+1", "01", "1.", ".5", "1e3", "NaN", "Infinity", "0x1", "1,5", "１", "1\n", "--1"];
    for (const text of [...wrong, "9".repeat(65)]) expect(isAmountText(text)).toBe(false);
    expect(isLimitText("-1")).toBe(false);
    expect(isLimitText("0")).toBe(true);
  });
});

describe("quantityToUnits", () => {
  it("is exact in the smallest unit", () => {
    expect(quantityToUnits("10.25", 2)).toBe(1025);
    expect(quantityToUnits("0.1", 2)).toBe(10);
    expect(quantityToUnits("7", 0)).toBe(7);
    expect(quantityToUnits("9999999999999.99", 2)).toBe(tokenLimits.unitsMax);
  });

  it("refuses what is not positive, has too many decimals or is too large, in this order", async () => {
    for (const text of ["0", "0.000", "-1", "-0.001"]) {
      expect(await refused(() => quantityToUnits(text, 2))).toBe("QUANTITY_NOT_POSITIVE");
    }
    for (const text of ["1.000", "99999999999999999999.999"]) {
      expect(await refused(() => quantityToUnits(text, 2))).toBe("TOO_MANY_DECIMALS");
    }
    for (const text of ["10000000000000", "10000000000000.00"]) {
      expect(await refused(() => quantityToUnits(text, 2))).toBe("AMOUNT_TOO_LARGE");
    }
    expect(await refused(() => amountToUnits("0", 2))).toBe("no refusal: 0");
  });
});

it("gives each amount back as it came, as text and as a JSON number", () => {
  const amounts = fc.tuple(fc.integer({ min: 0, max: tokenLimits.unitsMax }), fc.integer({ min: 0, max: 8 }));
  fc.assert(
    fc.property(amounts, ([units, decimals]) => {
      const text = unitsToText(units, decimals);
      expect(amountToUnits(text, decimals)).toBe(units);
      expect(trimDecimals(text)).toBe(text);
      const number: unknown = JSON.parse(JSON.stringify(unitsToNumber(units, decimals)));
      expect(Math.round(Number(number) * 10 ** decimals)).toBeCloseTo(units, -1);
      expect(Number(text)).toBe(number);
      expect(amountToCommonScale(text)).toBe(unitsToCommonScale(units, decimals));
    }),
  );
});

it("writes limits without zeros at the end of their decimals", async () => {
  expect(limitToText("100.00")).toBe("100");
  expect(limitToText("0.50")).toBe("0.5");
  expect(limitToText("100")).toBe("100");
  expect(await refused(() => limitToText("0.123456789"))).toBe("TOO_MANY_DECIMALS");
  expect(await refused(() => limitToText("999999999999999.1"))).toBe("AMOUNT_TOO_LARGE");
});

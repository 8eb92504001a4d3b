import { no } from "./no.fixture.ts";

/** The most that an amount, a balance or a supply may be, in smallest units. */
export const AMOUNT_MAX = 999_999_999_999_999n;

/** Amounts without a token (bands, limits of accounts without token) are compared in these decimals. */
export const COMMON_DECIMALS = 8;

/** The form only: what needs no token to be judged. */
export function requireAmountForm(text: unknown): string {
  if (typeof text !== "string" || !/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text)) return no("ARGUMENT_INVALID");
  return text;
}

/** Of a limit: never negative. */
export function requireLimitForm(text: unknown): string {
  return requireAmountForm(text).startsWith("-") ? no("ARGUMENT_INVALID") : requireAmountForm(text);
}

/** Of a limit that no token says the decimals of: as many as a token can have, and not too large in its own. */
export function requireLimit(text: string): void {
  const shortest = text.includes(".") ? text.replace(/\.?0*$/, "") : text;
  const decimals = shortest.split(".")[1]?.length ?? 0;
  if (decimals > COMMON_DECIMALS) no("TOO_MANY_DECIMALS");
  toUnits(shortest, decimals);
}

/** Smallest units of a text in token units; zero passes. */
export function toUnits(text: string, decimals: number): bigint {
  if (text.startsWith("-")) return no("QUANTITY_NOT_POSITIVE");
  const [whole = "", fraction = ""] = text.split(".");
  if (fraction.length > decimals) return no("TOO_MANY_DECIMALS");
  const units = BigInt(whole + fraction.padEnd(decimals, "0"));
  return units > AMOUNT_MAX ? no("AMOUNT_TOO_LARGE") : units;
}

export function toPositiveUnits(text: string, decimals: number): bigint {
  const units = toUnits(text, decimals);
  return units === 0n ? no("QUANTITY_NOT_POSITIVE") : units;
}

/** The shortest text of an amount in token units. */
export function toText(units: bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** As the contract prints it: a JSON number in token units. */
export function toNumber(units: bigint, decimals: number): number {
  return Number(toText(units, decimals));
}

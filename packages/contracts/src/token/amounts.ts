import { tokenLimits } from "./limits.ts";
import { refuse } from "./refusals.ts";

/** Longer texts are no amounts: none that may be has as many digits. */
const AMOUNT_CHARACTERS_MAX = 64;

/** Whether the text is a decimal number in plain digits; a sign is taken so that a negative amount is refused as what it is. */
export function isAmountText(text: string): boolean {
  return text.length <= AMOUNT_CHARACTERS_MAX && /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text);
}

/** Whether the text is an amount that is not negative. */
export function isLimitText(text: string): boolean {
  return isAmountText(text) && !text.startsWith("-");
}

/**
 * The amount in the token's smallest unit, more than zero.
 * @param text one that {@link isAmountText} takes
 * @throws ContractRefusal QUANTITY_NOT_POSITIVE, TOO_MANY_DECIMALS, AMOUNT_TOO_LARGE
 */
export function quantityToUnits(text: string, decimals: number): number {
  if (text.startsWith("-") || !/[1-9]/.test(text)) refuse("QUANTITY_NOT_POSITIVE");
  return amountToUnits(text, decimals);
}

/**
 * The same for an amount that may be zero.
 * @param text one that {@link isLimitText} takes
 * @throws ContractRefusal TOO_MANY_DECIMALS, AMOUNT_TOO_LARGE
 */
export function amountToUnits(text: string, decimals: number): number {
  const [whole = "", fraction = ""] = text.split(".");
  if (fraction.length > decimals) refuse("TOO_MANY_DECIMALS", `The token has ${decimals} decimals.`);
  return requireUnits(BigInt(whole + fraction.padEnd(decimals, "0")));
}

/**
 * The amount of a limit that is for no token yet, or for all, without zeros at the end of its decimals.
 * @param text one that {@link isLimitText} takes
 * @throws ContractRefusal TOO_MANY_DECIMALS, AMOUNT_TOO_LARGE
 */
export function limitToText(text: string): string {
  const trimmed = trimDecimals(text);
  const { length } = trimmed.split(".")[1] ?? "";
  const { maximum } = tokenLimits.decimals;
  if (length > maximum) refuse("TOO_MANY_DECIMALS", `A token has at most ${maximum} decimals.`);
  amountToUnits(trimmed, length);
  return trimmed;
}

/** @throws ContractRefusal AMOUNT_TOO_LARGE */
export function addUnits(a: number, b: number): number {
  // Each is at most unitsMax, so the sum is exact.
  return a + b > tokenLimits.unitsMax ? refuse("AMOUNT_TOO_LARGE") : a + b;
}

/** In token units, without zeros at the end of the decimals. */
export function unitsToText(units: number, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, "0");
  return trimDecimals(`${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`);
}

/** In token units. A number of at most 15 digits comes back from its nearest double as it went in. */
export function unitsToNumber(units: number, decimals: number): number {
  return Number(unitsToText(units, decimals));
}

/** The amount without zeros at the end of its decimals. */
export function trimDecimals(text: string): string {
  return text.includes(".") ? text.replace(/\.?0*$/, "") : text;
}

/**
 * The amount on the scale of the most decimals that a token can have: amounts of all tokens compare on it.
 * @param text one that {@link isLimitText} takes, with no more decimals than that
 */
export function amountToCommonScale(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(tokenLimits.decimals.maximum, "0"));
}

export function unitsToCommonScale(units: number, decimals: number): bigint {
  return BigInt(units) * 10n ** BigInt(tokenLimits.decimals.maximum - decimals);
}

function requireUnits(units: bigint): number {
  return units > BigInt(tokenLimits.unitsMax) ? refuse("AMOUNT_TOO_LARGE") : Number(units);
}

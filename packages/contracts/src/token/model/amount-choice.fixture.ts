import type { Chance } from "./chance.fixture.ts";
import { COMMON_DECIMALS, toText } from "./money.fixture.ts";
import { amountMaxOf, usedOn } from "./movements.fixture.ts";
import type { ModelAccount, ModelBand, ModelState } from "./state.fixture.ts";

const max = (units: bigint) => (units < 1n ? 1n : units);

/** An amount in smallest units that is likely to pass, up to `most`, often the most itself. */
export function likelyUnits(chance: Chance, most: bigint): bigint {
  if (most < 1n) return 1n;
  if (chance.is(0.12)) return most;
  const part = BigInt(1 + chance.below(chance.is(0.5) ? 40 : 300));
  return max((most * part) / 1000n);
}

/** Amounts on both sides of what decides: balance, what is left of the day, limits of the bands. */
export function edgeUnits(chance: Chance, state: ModelState, payer: ModelAccount, timeMs: number): bigint {
  const decimals = payer.token?.decimals ?? 0;
  const scale = 10n ** BigInt(COMMON_DECIMALS - decimals);
  const edges = [...state.bands.values()].map(({ upper }) => upper / scale);
  const left = amountMaxOf(payer) - usedOn(payer, timeMs).amount;
  const edge = chance.oneOf([payer.balance, left, ...edges]) ?? 0n;
  return max(edge + chance.among(-1n, 0n, 0n, 1n));
}

export function transferText(chance: Chance, state: ModelState, payer: ModelAccount, timeMs: number): string {
  const max = amountMaxOf(payer);
  const left = max === 0n ? payer.balance : max - usedOn(payer, timeMs).amount;
  const room = left < payer.balance ? left : payer.balance;
  const units = chance.is(0.15) ? edgeUnits(chance, state, payer, timeMs) : likelyUnits(chance, room);
  return toText(units, payer.token?.decimals ?? 0);
}

/** An amount of the band. */
export function bandText(chance: Chance, { lower, upper }: ModelBand, payer: ModelAccount): string {
  const decimals = payer.token?.decimals ?? 0;
  const scale = 10n ** BigInt(COMMON_DECIMALS - decimals);
  return toText(lower / scale + likelyUnits(chance, (upper - lower) / scale), decimals);
}

import { amountToUnits, isLimitText, trimDecimals } from "./amounts.ts";
import type { KeyedJson, TokenJson, TokenVersionJson } from "./answers.ts";
import type { Arguments } from "./arguments.ts";
import { anyOfficers, authorize, tokenAdmin } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { tokenLimits } from "./limits.ts";
import { requireToken } from "./parties.ts";
import { refuse, refuseMember } from "./refusals.ts";
import { hasRowAt, rowKeys, type StoredToken } from "./rows.ts";
import { readTokenHistory } from "./token-history.ts";
import { tokenToJson, tokenToWrittenJson } from "./token-json.ts";

const RATE_DIGITS_MAX = 15;

/** Approvals are always required for minting and burning. */
export const initializeStablecoinToken = tokenFunction("initializeStablecoinToken", readAsset, async (call, asset) => {
  await authorize(call, tokenAdmin);
  const { unit } = call;
  const key = rowKeys.token(unit, asset.tokenId);
  if (await hasRowAt(unit, key)) refuse("TOKEN_EXISTS");
  const { maxMint, ...rest } = asset;
  const token: StoredToken = { ...rest, maxMint: amountToUnits(maxMint, asset.decimals) };
  unit.write(key, token);
  return tokenToWrittenJson(token);
});

/** What is left out stays. */
export const updateStablecoinToken = tokenFunction("updateStablecoinToken", readChange, async (call, change) => {
  await authorize(call, tokenAdmin);
  const token: StoredToken = { ...(await requireToken(call, change.tokenId)), ...change };
  call.unit.write(rowKeys.token(call.unit, token.tokenId), token);
  return tokenToWrittenJson(token);
});

export const getTokenById = tokenFunction("getTokenById", readTokenId, async (call, tokenId): Promise<TokenJson> => {
  await authorize(call, ...anyOfficers);
  return tokenToJson(await requireToken(call, tokenId));
});

export const getAllTokens = tokenFunction(
  "getAllTokens",
  () => undefined,
  async (call): Promise<readonly KeyedJson<TokenJson>[]> => {
    await authorize(call, ...anyOfficers);
    const rows = await call.unit.scan("token");
    // Only this file writes rows of tokens.
    return rows
      .map(({ value }) => tokenToJson(value as StoredToken))
      .map((json) => ({ key: json.token_id, valueJson: json }));
  },
);

/** Newest first. */
export const getTokenHistory = tokenFunction(
  "getTokenHistory",
  readTokenId,
  async (call, tokenId): Promise<readonly TokenVersionJson[]> => {
    await authorize(call, ...anyOfficers);
    await requireToken(call, tokenId);
    return readTokenHistory(call, tokenId);
  },
);

export function readTokenId(members: Arguments): string {
  return members.tokenId();
}

function readAsset(members: Arguments) {
  const asset = members.object("tokenAsset");
  const { default: usual, maximum } = tokenLimits.decimals;
  return {
    tokenId: asset.tokenId("token_id"),
    name: asset.has("token_name") ? asset.tokenName("token_name") : "stablecoin",
    decimals: asset.has("decimal") ? asset.whole("decimal", 0, maximum) : usual,
    maxMint: asset.has("max_mint_quantity") ? asset.limit("max_mint_quantity") : "0",
    description: "",
    currency: "",
    rate: "1",
    ...readProperties(asset),
  };
}

function readChange(members: Arguments) {
  const asset = members.object("tokenAsset");
  return { tokenId: asset.tokenId("token_id"), ...readProperties(asset) };
}

/** The document has two names for the currency and for its rate. */
function readProperties(asset: Arguments): Partial<Pick<StoredToken, "description" | "currency" | "rate">> {
  const currency = ["currencyName", "Currency_Name"].find((name) => asset.has(name));
  const rate = ["conversionRate", "token_to_currency_ratio"].find((name) => asset.has(name));
  return {
    ...(asset.has("token_desc") ? { description: asset.text("token_desc") } : {}),
    ...(currency === undefined ? {} : { currency: asset.text(currency, tokenLimits.currencyNameCharactersMax) }),
    ...(rate === undefined ? {} : { rate: readRate(asset, rate) }),
  };
}

/** A number more than zero, as JSON number or text, that a JSON number holds exactly. */
function readRate(asset: Arguments, name: string): string {
  const value = asset.take(name);
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  const isRate = isLimitText(text) && /[1-9]/.test(text) && text.replace(".", "").length <= RATE_DIGITS_MAX;
  return isRate ? trimDecimals(text) : refuseMember(`tokenAsset.${name}`, "is no number more than zero");
}

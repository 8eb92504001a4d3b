import {
  type Arguments,
  type ModelCall,
  object,
  requireToken,
  requireTokenAdmin,
  text,
  tokenIdOf,
} from "./checks.fixture.ts";
import { requireLimitForm, toUnits } from "./money.fixture.ts";
import { no } from "./no.fixture.ts";
import type { ModelState } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

const initializeStablecoinToken: Run = (state, call, args) => {
  const asset = object(args, "tokenAsset");
  const id = tokenIdOf(asset, "token_id");
  const description = text(asset, "token_desc");
  const decimals = Number(asset["decimal"] ?? 2);
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 8) no("ARGUMENT_INVALID");
  const mintMaxText = requireLimitForm(asset["max_mint_quantity"] ?? "0");
  requireTokenAdmin(state, call);
  if (state.tokens.has(id)) no("TOKEN_EXISTS");
  const mintMax = toUnits(mintMaxText, decimals);
  state.tokens.set(id, { id, decimals, mintMax, descriptions: [description], minted: 0n, burned: 0n });
};

const updateStablecoinToken: Run = (state, call, args) => {
  const asset = object(args, "tokenAsset");
  const id = tokenIdOf(asset, "token_id");
  const description = text(asset, "token_desc");
  requireTokenAdmin(state, call);
  requireToken(state, id).descriptions.push(description);
};

export const tokens: Readonly<Record<string, Run>> = { initializeStablecoinToken, updateStablecoinToken };

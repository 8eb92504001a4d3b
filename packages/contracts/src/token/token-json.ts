import { unitsToNumber } from "./amounts.ts";
import type { TokenBaseJson, TokenJson, WrittenTokenJson } from "./answers.ts";
import type { StoredToken } from "./rows.ts";

function toBase({ tokenId, name, description, maxMint, decimals }: StoredToken): TokenBaseJson {
  return {
    assetType: "otoken",
    events: false,
    token_id: tokenId,
    token_name: name,
    token_desc: description,
    token_standard: "ttf+",
    token_type: "fungible",
    token_unit: "fractional",
    behaviors: ["divisible", "mintable", "transferable", "burnable", "holdable", "roles"],
    roles: {
      minter_role_name: "minter",
      burner_role_name: "burner",
      notary_role_name: "notary",
      mint_approver_role_name: "notary",
      burn_approver_role_name: "notary",
    },
    mintable: { max_mint_quantity: unitsToNumber(maxMint, decimals), mint_approval_required: true },
    burnable: { burn_approval_required: true },
    divisible: { decimal: decimals },
  };
}

export function tokenToJson(token: StoredToken): TokenJson {
  return { ...toBase(token), currencyName: token.currency, conversionRate: Number(token.rate) };
}

export function tokenToWrittenJson(token: StoredToken): WrittenTokenJson {
  return { ...toBase(token), currency_name: token.currency, token_to_currency_ratio: Number(token.rate) };
}

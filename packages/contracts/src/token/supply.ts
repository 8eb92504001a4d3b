import { addUnits, unitsToNumber, unitsToText } from "./amounts.ts";
import { anyOfficers, authorize, type Call } from "./callers.ts";
import { tokenFunction } from "./function.ts";
import { requireToken } from "./parties.ts";
import { refuse } from "./refusals.ts";
import { readSupply, rowKeys, type StoredSupply, type StoredToken } from "./rows.ts";
import { readTokenId } from "./tokens.ts";

export const getTotalMintedTokens = tokenFunction("getTotalMintedTokens", readTokenId, async (call, tokenId) => {
  await authorize(call, ...anyOfficers);
  const { decimals } = await requireToken(call, tokenId);
  const { minted } = await readSupply(call.unit, tokenId);
  return {
    msg: `Total minted token for Token Id: ${tokenId} is ${unitsToText(minted, decimals)} tokens.`,
    quantity: unitsToNumber(minted, decimals),
  };
});

export const getNetTokens = tokenFunction("getNetTokens", readTokenId, async (call, tokenId) => {
  await authorize(call, ...anyOfficers);
  const { decimals } = await requireToken(call, tokenId);
  const { minted, burned } = await readSupply(call.unit, tokenId);
  return {
    msg: `Net supply of token for Token Id: ${tokenId} is ${unitsToText(minted - burned, decimals)} tokens.`,
    quantity: unitsToNumber(minted - burned, decimals),
  };
});

/**
 * The supply with this much more minted. What was burned counts on: no balance can then be too large.
 * @throws ContractRefusal AMOUNT_TOO_LARGE, MINT_LIMIT_EXCEEDED
 */
export async function mintedSupply({ unit }: Call, token: StoredToken, units: number): Promise<StoredSupply> {
  const { minted, burned } = await readSupply(unit, token.tokenId);
  const after = addUnits(minted, units);
  if (token.maxMint !== 0 && after > token.maxMint) refuse("MINT_LIMIT_EXCEEDED");
  return { minted: after, burned };
}

export function writeSupply({ unit }: Call, { tokenId }: StoredToken, supply: StoredSupply): void {
  unit.write(rowKeys.supply(unit, tokenId), supply);
}

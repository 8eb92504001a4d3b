import { type Arguments, isOf, type ModelCall, requireToken, text, tokenIdOf } from "./checks.fixture.ts";
import { no } from "./no.fixture.ts";
import { holdKey, type ModelAccount, type ModelHold, type ModelState } from "./state.fixture.ts";

/** The hold or request that the arguments name; one of another kind is as unknown as none. */
export function requireHold(state: ModelState, args: Arguments, kind: ModelHold["kind"]): ModelHold {
  const tokenId = tokenIdOf(args);
  const operationId = text(args, "operationId");
  requireToken(state, tokenId);
  const hold = state.holds.get(holdKey(tokenId, operationId));
  return hold?.kind === kind ? hold : no("OPERATION_UNKNOWN");
}

/** From the very millisecond of its expiry on. */
export function isExpired({ expiresMs }: ModelHold, timeMs: number): boolean {
  return expiresMs !== undefined && timeMs >= expiresMs;
}

export function isOfCaller(account: ModelAccount, { caller }: ModelCall): boolean {
  return isOf(account, caller);
}

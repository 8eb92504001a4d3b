import type { ChainAction } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { BusinessChain, Principal, TimeWindow } from "../ports.ts";

/** The contract reads numbers of at most 15 digits. */
const numberMax = 999_999_999_999_999;

/**
 * The rules that every call passes first, in this order. When several are broken, the first one answers:
 *
 * 1. SERVICE_NOT_OPENED: the caller's account has opened the service (-339)
 * 2. CHAIN_UNKNOWN: there is such a chain, and it is one for collaboration
 * 3. ACCOUNT_KIND_REFUSED, ACCESS_DENIED: the caller's place on the chain lets it
 *
 * What follows is each call's own: first the forms of its parameters, then, for writes, CHAIN_EXPIRED, then what the contract keeps. The
 * order for uploads stands in upload-rules.ts.
 */
export function placeOnCollaboration(
  caller: Principal,
  bizChainId: string,
  action: ChainAction,
  { directory, authorizer }: { readonly directory: Directory; readonly authorizer: Authorizer },
): BusinessChain {
  authorizer.requireService(caller);
  const chain = directory.chain(bizChainId);
  if (chain?.service !== "collaboration") throw new PlatformError("CHAIN_UNKNOWN");
  authorizer.placeOnChain(authorizer.wholeCaller(caller), action, chain);
  return chain;
}

/** @throws PlatformError PHASE_GROUP_UNKNOWN */
export function requireGroupId(phaseGroupId: string): void {
  if (!isId(phaseGroupId)) throw new PlatformError("PHASE_GROUP_UNKNOWN");
}

/** @throws PlatformError PHASE_UNKNOWN */
export function requirePhaseId(phaseId: string): void {
  if (!isId(phaseId)) throw new PlatformError("PHASE_UNKNOWN");
}

/** What is of no such form is nobody's id. */
export function isId(text: string): boolean {
  return /^[0-9]{16}$/.test(text);
}

/** @throws PlatformError WINDOW_INVALID */
export function requireWindow({ startMs, endMs }: TimeWindow): void {
  const areTimes = [startMs, endMs].every((time) => Number.isSafeInteger(time) && time >= 0 && time <= numberMax);
  if (!areTimes || startMs > endMs) throw new PlatformError("WINDOW_INVALID");
}

/** @throws PlatformError PAGE_INVALID */
export function requireNodeLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= platformLimits.provenanceNodesMax) return;
  throw new PlatformError("PAGE_INVALID", `A provenance graph shows 1 to ${platformLimits.provenanceNodesMax} nodes.`);
}

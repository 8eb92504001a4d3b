import type { ChainMembership, Principal } from "../ports.ts";
import { chainActions, isOpenToMembers } from "./actions.ts";
import { type AccessDecision, allow, refuse } from "./decision.ts";
import type { Resource } from "./resource.ts";

export interface ChainFacts {
  membership(bizChainId: string, uid: string): Pick<ChainMembership, "role" | "dataTypeCode" | "locked"> | undefined;
  /** Whether a RAM user of the account is on the chain, or about to be. */
  hasMemberOfAccount(bizChainId: string, accountUid: string): boolean;
}

/**
 * The part of authorize that knows business chains. The chain's administrator may do everything. A member reads everything on its
 * chain, for sharing it is what a consortium chain is for, and writes under its own data-type code only, because the document gives each
 * RAM user a code to keep its data apart. Which phases of a collaboration it writes is the contract's to say. A locked member may do
 * nothing.
 * @source Aliyun LTL document, sections 1.3 (data-type code), 3.1.1 (members and locks), 4.2.1 (who may use which API), 4.2.6 (-104, -339)
 */
export function decideOnChain(
  principal: Principal,
  action: string,
  resource: Resource,
  facts: ChainFacts,
): AccessDecision {
  if (!principal.ledgerServiceOpened) return refuse("service-not-opened", "SERVICE_NOT_OPENED");
  const bizChainId = resource.id ?? "";
  const membership = facts.membership(bizChainId, principal.uid);
  if (membership === undefined) {
    const isAccountOfMember = principal.kind === "account" && facts.hasMemberOfAccount(bizChainId, principal.uid);
    return isAccountOfMember ? refuse("account-of-member", "ACCOUNT_KIND_REFUSED") : refuse("not-on-chain");
  }
  if (membership.role === "administrator") return allow("chain-administrator");
  if (membership.locked) return refuse("member-locked");
  if (!isOpenToMembers(action)) return refuse("chain-administrator-only");
  const isForeign = action === chainActions.writeEvidence && resource.dataTypeCode !== membership.dataTypeCode;
  return isForeign ? refuse("foreign-data-type") : allow("chain-member");
}

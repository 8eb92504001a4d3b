import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain, ChainMembership, Principal } from "../ports.ts";

/**
 * What a caller can want of a chain. `evidence:write` is asked with the data-type code that the record would carry.
 *
 * Who may: the chain's administrator everything. A member reads everything on its chain, for sharing it is what a consortium chain is
 * for, and writes under its own data-type code only, because the document gives each RAM user a code to keep its data apart.
 * @source Aliyun LTL document, sections 1.3 (data-type code), 3.1.1 (members), 4.2.6 (-104, -339)
 */
export type ChainAction =
  | { readonly name: "evidence:read" | "chain:describe" | "receipt:read" | "member:create" }
  | { readonly name: "evidence:write"; readonly dataTypeCode: string };

/** @throws PlatformError SERVICE_NOT_OPENED */
export function requireServiceOpened(caller: Principal): void {
  if (!caller.ledgerServiceOpened) throw new PlatformError("SERVICE_NOT_OPENED");
}

/** @throws PlatformError ACCESS_DENIED */
export function requireInstallationAdministrator(caller: Principal): void {
  if (!caller.installationAdministrator) {
    throw new PlatformError("ACCESS_DENIED", "Only an installation administrator may do this.");
  }
}

/**
 * The caller's place on a chain, if the action is open to it.
 * @throws PlatformError ACCOUNT_KIND_REFUSED for an account whose RAM users are members; ACCESS_DENIED otherwise
 */
export function authorizeOnChain(
  caller: Principal,
  action: ChainAction,
  chain: BusinessChain,
  directory: Directory,
): ChainMembership {
  const membership = directory.membership(chain.bizChainId, caller.uid);
  if (membership === undefined) {
    throw new PlatformError(hasMemberOfAccount(caller, chain, directory) ? "ACCOUNT_KIND_REFUSED" : "ACCESS_DENIED");
  }
  if (membership.role === "administrator") return membership;
  if (action.name === "member:create") {
    throw new PlatformError("ACCESS_DENIED", "Only the administrator of the chain may add members.");
  }
  if (action.name === "evidence:write" && action.dataTypeCode !== membership.dataTypeCode) {
    throw new PlatformError("ACCESS_DENIED", "A member writes under its own data-type code only.", {
      facts: { dataTypeCode: membership.dataTypeCode },
    });
  }
  return membership;
}

function hasMemberOfAccount(caller: Principal, chain: BusinessChain, directory: Directory): boolean {
  if (caller.kind !== "account") return false;
  return directory
    .membershipRows(chain.bizChainId)
    .some((row) => directory.principal(row.uid)?.accountUid === caller.uid);
}

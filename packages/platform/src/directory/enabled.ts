import type { Principal } from "../ports.ts";
import type { Directory } from "./directory.ts";

/** Whether a principal may call at all: itself, its account and its tenant are enabled. */
export function isEnabled(principal: Principal, directory: Directory): boolean {
  if (!principal.enabled) return false;
  const account = principal.uid === principal.accountUid ? principal : directory.principal(principal.accountUid);
  return account?.enabled === true && directory.row("tenants", directory.tenantIdOf(principal))?.enabled === true;
}

import { InvariantError } from "@concordat/base";
import type { Caller, Tenant } from "@concordat/platform";
import { allPages } from "./all-pages.ts";
import type { IamContext } from "./context.ts";

/** The tenant that a caller is of. Administrators of the installation see others in the same list. */
export async function ownTenantOf(caller: Caller, { platform }: Pick<IamContext, "platform">): Promise<Tenant> {
  const tenants = await allPages((query) => platform.tenancy.tenants.list(caller, query));
  const own = tenants.find(({ tenantId }) => tenantId === caller.tenantId);
  if (own === undefined) throw new InvariantError("A caller's own tenant is not among those it may see.");
  return own;
}

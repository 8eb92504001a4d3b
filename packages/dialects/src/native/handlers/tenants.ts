import type { Handlers } from "@concordat/api-kit";
import type { tenantRoutes } from "../routes/tenants.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const tenantHandlers = {
  async listTenants(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.tenants.list(caller, paged(input));
    return { total, tenants: [...items] };
  },
  async getTenant({ tenantId }, { platform, caller }) {
    return platform.tenancy.tenants.get(caller, tenantId);
  },
  async updateTenant(input, { platform, caller }) {
    return platform.tenancy.tenants.update(caller, input);
  },
} satisfies Handlers<typeof tenantRoutes, NativeContext>;

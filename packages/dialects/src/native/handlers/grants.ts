import type { Handlers } from "@concordat/api-kit";
import type { grantRoutes } from "../routes/grants.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const grantHandlers = {
  async createGrant(input, { platform, caller }) {
    return platform.tenancy.grants.create(caller, input);
  },
  async listGrants(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.grants.list(caller, paged(input));
    return { total, grants: [...items] };
  },
  async getGrant({ grantId }, { platform, caller }) {
    return platform.tenancy.grants.get(caller, grantId);
  },
  async deleteGrant({ grantId }, { platform, caller }) {
    await platform.tenancy.grants.delete(caller, grantId);
    return {};
  },
} satisfies Handlers<typeof grantRoutes, NativeContext>;

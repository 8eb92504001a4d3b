import type { Handlers } from "@concordat/api-kit";
import type { placeRoutes } from "../routes/places.ts";
import { callerOf, type IamContext } from "./context.ts";
import { ownTenantOf } from "./own-tenant.ts";

export const placeHandlers = {
  async listAuthDomains(_input, context) {
    const { tenantId, name, enabled } = await ownTenantOf(callerOf(context), context);
    const links = { self: `${context.baseUrl}/v3/domains/${tenantId}` };
    return { domains: [{ id: tenantId, name, enabled, description: "", links }], links: listLinks(context) };
  },

  async listRegions(_input, context) {
    const { region, baseUrl } = context;
    const description = {
      id: region,
      type: "public" as const,
      description: "",
      parent_region_id: null,
      locales: { "en-us": region, "zh-cn": region },
      links: { self: `${baseUrl}/v3/regions/${region}` },
    };
    return { regions: [description], links: listLinks(context) };
  },
} satisfies Handlers<typeof placeRoutes, IamContext>;

function listLinks({ baseUrl, target }: IamContext) {
  return { self: `${baseUrl}${target}`, previous: null, next: null };
}

import type { Handlers } from "@concordat/api-kit";
import type { enterpriseProjectRoutes } from "../routes/enterprise-projects.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const enterpriseProjectHandlers = {
  async createEnterpriseProject(input, { platform, caller }) {
    return platform.tenancy.enterpriseProjects.create(caller, input);
  },
  async listEnterpriseProjects(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.enterpriseProjects.list(caller, paged(input));
    return { total, enterpriseProjects: [...items] };
  },
  async getEnterpriseProject(input, { platform, caller }) {
    return platform.tenancy.enterpriseProjects.get(caller, input);
  },
  async updateEnterpriseProject(input, { platform, caller }) {
    return platform.tenancy.enterpriseProjects.update(caller, input);
  },
} satisfies Handlers<typeof enterpriseProjectRoutes, NativeContext>;

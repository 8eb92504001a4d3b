import type { Handlers } from "@concordat/api-kit";
import type { projectRoutes } from "../routes/projects.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const projectHandlers = {
  async createProject(input, { platform, caller }) {
    return platform.tenancy.projects.create(caller, input);
  },
  async listProjects(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.projects.list(caller, paged(input));
    return { total, projects: [...items] };
  },
  async getProject({ projectId }, { platform, caller }) {
    return platform.tenancy.projects.get(caller, projectId);
  },
  async updateProject(input, { platform, caller }) {
    return platform.tenancy.projects.update(caller, input);
  },
  async deleteProject({ projectId }, { platform, caller }) {
    await platform.tenancy.projects.delete(caller, projectId);
    return {};
  },
} satisfies Handlers<typeof projectRoutes, NativeContext>;

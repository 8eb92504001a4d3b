import type { Handlers } from "@concordat/api-kit";
import type { groupRoutes } from "../routes/groups.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const groupHandlers = {
  async createGroup(input, { platform, caller }) {
    return platform.tenancy.groups.create(caller, input);
  },
  async listGroups(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.groups.list(caller, paged(input));
    return { total, groups: [...items] };
  },
  async getGroup({ groupId }, { platform, caller }) {
    return platform.tenancy.groups.get(caller, groupId);
  },
  async updateGroup(input, { platform, caller }) {
    return platform.tenancy.groups.update(caller, input);
  },
  async deleteGroup({ groupId }, { platform, caller }) {
    await platform.tenancy.groups.delete(caller, groupId);
    return {};
  },
  async addGroupMember(input, { platform, caller }) {
    await platform.tenancy.groups.addMember(caller, input);
    return {};
  },
  async removeGroupMember(input, { platform, caller }) {
    await platform.tenancy.groups.removeMember(caller, input);
    return {};
  },
  async listGroupMembers(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.groups.listMembers(caller, paged(input));
    return { total, users: [...items] };
  },
} satisfies Handlers<typeof groupRoutes, NativeContext>;

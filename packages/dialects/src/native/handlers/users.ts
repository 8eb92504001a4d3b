import type { Handlers } from "@concordat/api-kit";
import type { userRoutes } from "../routes/users.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const userHandlers = {
  async createUser(input, { platform, caller }) {
    return platform.tenancy.users.create(caller, input);
  },
  async listUsers(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.users.list(caller, paged(input));
    return { total, users: [...items] };
  },
  async getUser({ uid }, { platform, caller }) {
    return platform.tenancy.users.get(caller, uid);
  },
  async updateUser(input, { platform, caller }) {
    return platform.tenancy.users.setEnabled(caller, input);
  },
  async deleteUser({ uid }, { platform, caller }) {
    await platform.tenancy.users.delete(caller, uid);
    return {};
  },
} satisfies Handlers<typeof userRoutes, NativeContext>;

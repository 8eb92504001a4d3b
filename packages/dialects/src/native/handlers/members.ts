import type { Handlers } from "@concordat/api-kit";
import type { memberRoutes } from "../routes/members.ts";
import { chainToWire } from "./chains.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const memberHandlers = {
  async addChainMember({ memberUid, ...input }, { platform, caller }) {
    // Looked up first: nothing may fail once the member is there.
    const { chain } = await platform.chains.get(caller.principal, input.bizChainId);
    const member = await platform.members.create(caller, { uid: memberUid, ...input });
    const { memberId, locked, dataTypeCode } = member;
    return { ...chainToWire(chain), memberId, role: "member", locked, dataTypeCode, member };
  },
  async listChainMembers({ memberUid, ...query }, { platform, caller }) {
    const ofUser = memberUid === undefined ? {} : { uid: memberUid };
    const { total, items } = await platform.members.list(caller.principal, paged({ ...query, ...ofUser }));
    return { total, members: [...items] };
  },
  async updateChainMember({ memberUid, ...changes }, { platform, caller }) {
    return platform.members.modify(caller, { ...changes, ...(memberUid === undefined ? {} : { uid: memberUid }) });
  },
  async lockChainMember(input, { platform, caller }) {
    await platform.members.setLocked(caller, { ...input, locked: true });
    return {};
  },
  async unlockChainMember(input, { platform, caller }) {
    await platform.members.setLocked(caller, { ...input, locked: false });
    return {};
  },
  async getChainMemberUsage({ bizChainId }, { platform, caller }) {
    return { members: [...(await platform.members.usage(caller.principal, bizChainId))] };
  },
} satisfies Handlers<typeof memberRoutes, NativeContext>;

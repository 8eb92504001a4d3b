import type { Handlers } from "@concordat/api-kit";
import type { memberListRoutes } from "../routes/member-lists.ts";
import type { memberRoutes } from "../routes/members.ts";
import type { LtlContext } from "./context.ts";

export const memberHandlers = {
  async CreateMember(input, { platform, wholeCaller }) {
    return (await platform.members.create(wholeCaller(), input)).memberId;
  },
  async ModifyMember(input, { platform, wholeCaller }) {
    await platform.members.modify(wholeCaller(), input);
    return {};
  },
  async LockMember(input, { platform, wholeCaller }) {
    await platform.members.setLocked(wholeCaller(), { ...input, locked: true });
    return {};
  },
  async UnLockMember(input, { platform, wholeCaller }) {
    await platform.members.setLocked(wholeCaller(), { ...input, locked: false });
    return {};
  },
  async ListMember(input, { platform, caller }) {
    const { total, items } = await platform.members.list(caller, input);
    const members = items.map(({ locked, memberId, contact, uid, phone, name, remark }) => ({
      locked,
      memberId,
      contact,
      uid,
      phone,
      name,
      remark,
    }));
    return { page: input.page, pageSize: input.pageSize, total, items: members };
  },
  async ListPSMemberDataTypeCode(input, { platform, caller }) {
    const { total, items } = await platform.members.dataTypes(caller, input);
    const members = items.map(({ memberId, name, uid, dataTypeCode }) => ({ memberId, name, uid, dataTypeCode }));
    return { page: input.page, pageSize: input.pageSize, total, items: members };
  },
  async DescribeMemberCapacityInfo({ bizChainId }, { platform, caller }) {
    return [...(await platform.members.usage(caller, bizChainId))];
  },
} satisfies Handlers<typeof memberRoutes & typeof memberListRoutes, LtlContext>;

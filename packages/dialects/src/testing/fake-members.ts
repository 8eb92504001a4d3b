import type { DataPlatform, Member } from "@concordat/platform";
import { EXAMPLE_MEMBER } from "../aliyun-ltl/routes/common.ts";
import { type Enter, refuseWith } from "./fake-chains.ts";

/** A chain's members in memory, with one to begin with. Only ids are looked up: the platform's own rules are not rebuilt here. */
export function fakeMembers(enter: Enter): DataPlatform["members"] {
  const first: Member = {
    memberId: EXAMPLE_MEMBER,
    uid: "2000000000000009",
    name: "某公司",
    contact: "张三",
    phone: "138-1111-0000",
    remark: "<某应用> & 某业务",
    locked: false,
    dataTypeCode: "E0X5",
    createdMs: 1_600_000_000_000,
  };
  const members = new Map([[first.memberId, first]]);
  const change = (memberId: string, changes: Partial<Member>): Member => {
    const found = members.get(memberId);
    if (found === undefined) throw refuseWith("MEMBER_UNKNOWN");
    const changed = { ...found, ...changes };
    members.set(memberId, changed);
    return changed;
  };
  const pageOf = ({ uid, page, pageSize }: { uid?: string; page: number; pageSize: number }) => {
    const all = [...members.values()].filter((member) => uid === undefined || member.uid === uid);
    return { total: all.length, items: all.slice((page - 1) * pageSize, page * pageSize) };
  };
  return {
    create: async (_caller, { bizChainId: _one, ...details }) => {
      enter("members.create");
      const number = members.size + 1;
      const memberId = String(BigInt(EXAMPLE_MEMBER) + BigInt(members.size));
      const member = { ...first, remark: "", dataTypeCode: `E0Y${number % 10}`, ...details, memberId };
      members.set(memberId, member);
      return member;
    },
    list: async (_caller, query) => {
      enter("members.list");
      return pageOf(query);
    },
    modify: async (_caller, { bizChainId: _one, memberId, ...changes }) => {
      enter("members.modify");
      return change(memberId, changes);
    },
    setLocked: async (_caller, { memberId, locked }) => {
      enter("members.setLocked");
      change(memberId, { locked });
    },
    dataTypes: async (_caller, query) => {
      enter("members.dataTypes");
      return pageOf(query);
    },
    usage: async () => {
      enter("members.usage");
      return [...members.values()].map(({ memberId, uid, name }, index) => ({
        memberId,
        uid,
        name,
        usedCount: 26_666 + index,
        usedCapacityBytes: 70_000_000 + index,
      }));
    },
  };
}

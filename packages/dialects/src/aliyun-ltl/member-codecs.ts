import type { OutputCodec } from "@concordat/api-kit";
import { pageAnswer } from "./page-codec.ts";

/** `Data` of an action that says nothing but that it was done. */
export const doneAnswer: OutputCodec<object> = { encode: () => ({ data: "" }), decode: () => ({}) };

interface MemberItem {
  locked: boolean;
  memberId: string;
  contact: string;
  uid: string;
  phone: string;
  name: string;
  remark: string;
}

export const memberPageAnswer = pageAnswer(
  (member: MemberItem) => ({
    Status: member.locked ? "LOCK" : "UNLOCK",
    MemberId: member.memberId,
    MemberContact: member.contact,
    MemberUid: member.uid,
    MemberPhone: member.phone,
    MemberName: member.name,
    Remark: member.remark,
  }),
  (wire) => ({
    locked: wire.Status === "LOCK",
    memberId: wire.MemberId,
    contact: wire.MemberContact,
    uid: wire.MemberUid,
    phone: wire.MemberPhone,
    name: wire.MemberName,
    remark: wire.Remark,
  }),
);

interface DataTypeItem {
  memberId: string;
  name: string;
  uid: string;
  dataTypeCode: string;
}

export const dataTypePageAnswer = pageAnswer(
  (member: DataTypeItem) => ({
    MemberId: member.memberId,
    MemberName: member.name,
    MemberUid: member.uid,
    DataTypeCode: member.dataTypeCode,
  }),
  (wire) => ({
    memberId: wire.MemberId,
    name: wire.MemberName,
    uid: wire.MemberUid,
    dataTypeCode: wire.DataTypeCode,
  }),
);

interface UsageItem {
  memberId: string;
  usedCapacityBytes: number;
  name: string;
  uid: string;
  usedCount: number;
}

interface UsageData {
  MemberId: string;
  UsedCapacity: string;
  MemberName: string;
  MemberUid: string;
  UsedCount: string;
}

/** A bare list, with its numbers as text, by table and example alike. */
export const memberUsageAnswer: OutputCodec<UsageItem[]> = {
  encode: (members) => ({
    data: members.map(
      (member): UsageData => ({
        MemberId: member.memberId,
        UsedCapacity: String(member.usedCapacityBytes),
        MemberName: member.name,
        MemberUid: member.uid,
        UsedCount: String(member.usedCount),
      }),
    ),
  }),
  decode: ({ data }) =>
    (data as UsageData[]).map((wire) => ({
      memberId: wire.MemberId,
      usedCapacityBytes: Number(wire.UsedCapacity),
      name: wire.MemberName,
      uid: wire.MemberUid,
      usedCount: Number(wire.UsedCount),
    })),
};

import { createHash, randomBytes } from "node:crypto";
import type { Parameters } from "./aliyun.ts";
import { deviceParameters } from "./device-signature.ts";
import type { LtlSetup, LtlWorld } from "./ltl-world.ts";

/** Whose own things a call is about: what the action would accept from this person, if it may use the action at all. */
export interface Actor {
  readonly dataTypeCode: string;
  readonly deviceGroupId: string;
  readonly deviceId: string;
}

type MakeCall = (world: LtlWorld, actor: Actor, setup: LtlSetup) => Promise<Parameters> | Parameters;

const fresh = () => randomBytes(16).toString("hex");
const page = { Num: "1", Size: "10" };
const details = { MemberContact: "联系人", MemberName: "某公司(1)", MemberPhone: "138-1111-0000" };
const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

const onProof = ({ proof }: LtlWorld) => ({ BizChainId: proof.bizChainId });
const onCollaboration = ({ collaboration }: LtlWorld) => ({ BizChainId: collaboration.bizChainId });
const inPhase = (world: LtlWorld) => ({
  ...onCollaboration(world),
  PhaseGroupId: world.phaseGroupId,
  PhaseId: world.phaseId,
});

const key = ({ proof }: LtlWorld, { dataTypeCode }: Actor) => ({
  ProductKey: proof.productKey,
  Key: `0001_${proof.productKey}_${dataTypeCode}_${fresh()}`,
});
const read = ({ proof, evidence }: LtlWorld) => ({ ProductKey: proof.productKey, Key: evidence.key });
/** A member of its own for each call that changes one. */
const newMember = async (world: LtlWorld, setup: LtlSetup) => {
  const { uid } = await setup.user();
  return { MemberId: await setup.join(world.proof.bizChainId, uid), MemberUid: uid };
};
const group = (world: LtlWorld, actor: Actor) => ({ ...onProof(world), DeviceGroupId: actor.deviceGroupId });

const related = ({ phaseId, record }: LtlWorld) => [
  {
    relatedPhaseId: phaseId,
    relatedDataKey: record.dataKey,
    relatedPhaseData: record.phaseData,
    relatedDataSeq: record.dataSeq,
  },
];
const single = (world: LtlWorld, PhaseData: string) => ({
  ...inPhase(world),
  DataKey: fresh(),
  PhaseData,
  DataSeq: fresh(),
  RelatedDataList: JSON.stringify(related(world)),
});
const batch = (world: LtlWorld, texts: readonly string[]) => ({
  ...inPhase(world),
  PhaseDataList: JSON.stringify(
    texts.map((phaseData) => ({ dataKey: fresh(), phaseData, dataSeq: fresh(), relatedDataList: related(world) })),
  ),
});
const byDevice = (world: LtlWorld, call: Parameters): Parameters => ({
  ...call,
  ...deviceParameters(world.device, call["PhaseDataList"] ?? call["PhaseData"] ?? call["Value"] ?? ""),
});

/** For each of the document's 45 actions a call that is in order in every part but perhaps the caller. */
export const ltlCalls: Readonly<Record<string, MakeCall>> = {
  CreateMember: async (world, _, setup) => ({
    ...onProof(world),
    ...details,
    MemberUid: (await setup.user()).uid,
    Remark: "某应用某业务",
  }),
  ListMember: (world) => ({ ...onProof(world), ...page }),
  ModifyMember: async (world, _, setup) => ({ ...onProof(world), ...details, ...(await newMember(world, setup)) }),
  LockMember: async (world, _, setup) => ({ ...onProof(world), MemberId: (await newMember(world, setup)).MemberId }),
  UnLockMember: async (world, _, setup) => ({ ...onProof(world), MemberId: (await newMember(world, setup)).MemberId }),
  RegisterDeviceGroup: async (world, _, setup) => ({
    ...onProof(world),
    AuthorizeType: "ID2",
    DeviceGroupName: "某数据源组",
    ProductKey: await setup.product(),
    Remark: "备注",
  }),
  ListDeviceGroup: (world) => ({ ...onProof(world), ...page }),
  AuthorizeDeviceGroup: group,
  UnAuthorizeDeviceGroup: group,
  ListDevice: (world, actor) => ({ ...group(world, actor), ...page }),
  AuthorizeDevice: (world, actor) => ({ ...group(world, actor), DeviceId: actor.deviceId }),
  UnAuthorizeDevice: (world, actor) => ({ ...group(world, actor), DeviceId: actor.deviceId }),
  DescribeResourceInfo: onProof,
  DescribeCapacityInfo: onProof,
  DescribeMemberCapacityInfo: onProof,
  ListProofChain: () => page,
  ListPSMemberDataTypeCode: (world) => ({ ...onProof(world), ...page }),
  SetData: (world, actor) => ({ ...key(world, actor), Value: "某公司某业务数据。" }),
  SetDataWithSignature: (world, actor) => byDevice(world, { ...key(world, actor), Value: "某公司某业务数据。" }),
  GetData: read,
  GetBlockChainInfo: read,
  AttachData: (world, actor) => ({ ...key(world, actor), Value: "2", BusinessId: sha256(fresh()) }),
  AttachDataWithSignature: (world, actor) =>
    byDevice(world, { ...key(world, actor), Value: "3", BusinessId: sha256(fresh()) }),
  GetHistoryDataCount: read,
  GetHistoryDataList: (world) => ({ ...read(world), CurrentPage: "1", PageSize: "10" }),
  ListMultiPartyCollaborationChain: () => page,
  CreateMPCoSPhaseGroup: (world) => ({ ...onCollaboration(world), Name: "某协同模型", Remark: "备注" }),
  ListMPCoSPhaseGroup: (world) => ({ ...onCollaboration(world), ...page }),
  ModifyMPCoSPhaseGroup: (world) => ({
    ...onCollaboration(world),
    PhaseGroupId: world.phaseGroupId,
    Name: "协同模型",
    Remark: fresh(),
  }),
  // In a group of its own: phases of one group are few.
  CreateMPCoSPhase: async (world, _, setup) => ({
    ...onCollaboration(world),
    PhaseGroupId: String(
      await setup.call("CreateMPCoSPhaseGroup", { ...onCollaboration(world), Name: `group-${fresh().slice(0, 8)}` }),
    ),
    Name: "某阶段",
    Remark: "备注",
  }),
  ListMPCoSPhase: (world) => ({ ...onCollaboration(world), PhaseGroupId: world.phaseGroupId, ...page }),
  ModifyMPCoSPhase: (world) => ({
    ...onCollaboration(world),
    PhaseId: world.phaseId,
    Name: world.phaseName,
    Remark: fresh(),
  }),
  DescribeMPCoSAuthorizedInfo: (world) => ({
    ...onCollaboration(world),
    MemberId: world.member.collaborationMemberId,
    PhaseGroupId: world.phaseGroupId,
  }),
  UpdateMPCoSAuthorizedInfo: (world) => ({
    ...onCollaboration(world),
    MemberId: world.member.collaborationMemberId,
    PhaseGroupId: world.phaseGroupId,
    AuthorizedPhaseList: JSON.stringify([world.phaseId]),
  }),
  DescribeMPCoSResourceInfo: onCollaboration,
  UploadMPCoSPhaseTextInfo: (world) => single(world, "某公司某业务数据。"),
  BatchUploadMPCoSPhaseTextInfo: (world) => batch(world, ["一", "二"]),
  UploadMPCoSPhaseTextInfoByDevice: (world) => byDevice(world, single(world, "某公司某业务数据。")),
  BatchUploadMPCoSPhaseTextInfoByDevice: (world) => byDevice(world, batch(world, ["一", "二"])),
  UploadMPCoSPhaseDigestInfo: (world) => single(world, sha256("data")),
  BatchUploadMPCoSPhaseDigestInfo: (world) => batch(world, [sha256("one"), sha256("two")]),
  UploadMPCoSPhaseDigestInfoByDevice: (world) => byDevice(world, single(world, sha256("data"))),
  BatchUploadMPCoSPhaseDigestInfoByDevice: (world) => byDevice(world, batch(world, [sha256("one")])),
  DescribeMPCoSPhaseInfo: (world) => ({
    ...inPhase(world),
    DataKey: world.record.dataKey,
    DataSeq: world.record.dataSeq,
  }),
  ListMPCoSPhaseHistory: (world) => ({
    ...inPhase(world),
    DataKey: world.record.dataKey,
    StartTime: "0",
    EndTime: String(Date.now() + 60_000),
    ...page,
  }),
};

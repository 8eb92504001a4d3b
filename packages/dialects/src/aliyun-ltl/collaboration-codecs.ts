import type { OutputCodec } from "@concordat/api-kit";
import { pageAnswer } from "./page-codec.ts";
import { writeAnswer } from "./routes/common.ts";

/** Answers of the actions about phase groups, phases and rights: names, order and types of the document's examples. */
interface ChainItem {
  bizChainId: string;
  role: "administrator" | "member";
  remark: string;
  name: string;
}

export const collaborationChainAnswer = pageAnswer(
  (chain: ChainItem) => ({
    BizChainId: chain.bizChainId,
    RoleType: chain.role === "administrator" ? "ADMIN" : "MEMBER",
    Remark: chain.remark,
    Name: chain.name,
  }),
  (wire) => ({
    bizChainId: wire.BizChainId,
    role: wire.RoleType === "ADMIN" ? ("administrator" as const) : ("member" as const),
    remark: wire.Remark,
    name: wire.Name,
  }),
);

/** `Data` is the new id. */
export const createdAnswer: OutputCodec<{ txIds: string[]; createdId: string }> = {
  encode: ({ txIds, createdId }) => ({ ...writeAnswer.encode({ txIds }), data: createdId }),
  decode: (answer) => ({ ...writeAnswer.decode(answer), createdId: String(answer.data) }),
};

interface GroupItem {
  phaseGroupId: string;
  remark: string;
  name: string;
}

export const groupPageAnswer = pageAnswer(
  (group: GroupItem) => ({ PhaseGroupId: group.phaseGroupId, Remark: group.remark, Name: group.name }),
  (wire) => ({ phaseGroupId: wire.PhaseGroupId, remark: wire.Remark, name: wire.Name }),
);

interface PhaseItem {
  writable: boolean;
  phaseId: string;
  remark: string;
  name: string;
}

/** The document's 2, writing without reading, is nobody's. */
const READ = 1;
const READ_AND_WRITE = 3;

export const phasePageAnswer = pageAnswer(
  (phase: PhaseItem) => ({
    AccessPermission: phase.writable ? READ_AND_WRITE : READ,
    PhaseId: phase.phaseId,
    Remark: phase.remark,
    Name: phase.name,
  }),
  (wire) => ({
    writable: wire.AccessPermission === READ_AND_WRITE,
    phaseId: wire.PhaseId,
    remark: wire.Remark,
    name: wire.Name,
  }),
);

interface PhaseName {
  phaseId: string;
  name: string;
}

interface PhaseNameData {
  PhaseName: string;
  PhaseId: string;
}

const phaseNameToWire = ({ phaseId, name }: PhaseName): PhaseNameData => ({ PhaseName: name, PhaseId: phaseId });
const phaseNameFromWire = ({ PhaseName, PhaseId }: PhaseNameData): PhaseName => ({ phaseId: PhaseId, name: PhaseName });

export const accessAnswer: OutputCodec<{ authorized: PhaseName[]; unauthorized: PhaseName[] }> = {
  encode: ({ authorized, unauthorized }) => ({
    data: {
      AuthorizedPhaseList: authorized.map(phaseNameToWire),
      UnAuthorizedPhaseList: unauthorized.map(phaseNameToWire),
    },
  }),
  decode(answer) {
    const data = answer.data as { AuthorizedPhaseList: PhaseNameData[]; UnAuthorizedPhaseList: PhaseNameData[] };
    return {
      authorized: data.AuthorizedPhaseList.map(phaseNameFromWire),
      unauthorized: data.UnAuthorizedPhaseList.map(phaseNameFromWire),
    };
  },
};

interface Quotas {
  phaseGroupQuota: number;
  usedPhaseGroups: number;
  usedMembers: number;
  groups: { phaseQuota: number; usedPhases: number; phaseGroupId: string; name: string }[];
  memberQuota: number;
}

interface QuotasData {
  PhaseGroupQuota: number;
  UsedPhaseGroup: number;
  UsedMember: number;
  PhaseQuotaInfoList: { PhaseQuota: number; UsedPhase: number; PhaseGroupId: string; PhaseGroupName: string }[];
  MemberQuota: number;
}

export const quotasAnswer: OutputCodec<Quotas> = {
  encode(output) {
    const data: QuotasData = {
      PhaseGroupQuota: output.phaseGroupQuota,
      UsedPhaseGroup: output.usedPhaseGroups,
      UsedMember: output.usedMembers,
      PhaseQuotaInfoList: output.groups.map((group) => ({
        PhaseQuota: group.phaseQuota,
        UsedPhase: group.usedPhases,
        PhaseGroupId: group.phaseGroupId,
        PhaseGroupName: group.name,
      })),
      MemberQuota: output.memberQuota,
    };
    return { data };
  },
  decode(answer) {
    const data = answer.data as QuotasData;
    return {
      phaseGroupQuota: data.PhaseGroupQuota,
      usedPhaseGroups: data.UsedPhaseGroup,
      usedMembers: data.UsedMember,
      groups: data.PhaseQuotaInfoList.map((group) => ({
        phaseQuota: group.PhaseQuota,
        usedPhases: group.UsedPhase,
        phaseGroupId: group.PhaseGroupId,
        name: group.PhaseGroupName,
      })),
      memberQuota: data.MemberQuota,
    };
  },
};

import { Type } from "@concordat/api-kit";
import { accessAnswer, quotasAnswer } from "../collaboration-codecs.ts";
import {
  chainErrors,
  collaborationRow,
  example,
  listWire,
  memberId,
  phaseGroupId,
  phaseIds,
  wire,
  writeErrors,
} from "./collaboration-fields.ts";
import { bizChainId, operation, writeAnswer, writeOutput } from "./common.ts";

const text = Type.String();
const phaseNames = Type.Array(Type.Object({ phaseId: text, name: text }));
const { bizChainId: chain } = example.place;
const whose = { bizChainId: chain, memberId: example.memberId, phaseGroupId: example.groupId };

export const collaborationAccessRoutes = {
  DescribeMPCoSAuthorizedInfo: operation({
    ...collaborationRow("DescribeMPCoSAuthorizedInfo", 8),
    summary: "Tells to which phases of a group a member may write, and to which not.",
    permission: "ltl:phaseAccess:describe",
    mutating: false,
    input: Type.Object({ bizChainId, memberId, phaseGroupId }),
    wire: { bizChainId: wire.bizChainId, memberId: wire.memberId, phaseGroupId: wire.phaseGroupId },
    output: Type.Object({ authorized: phaseNames, unauthorized: phaseNames }),
    answer: accessAnswer,
    errors: [...chainErrors, "MEMBER_UNKNOWN", "PHASE_GROUP_UNKNOWN"],
    example: {
      input: whose,
      output: {
        authorized: [{ phaseId: example.phaseId, name: "某阶段" }],
        unauthorized: [{ phaseId: example.otherPhaseId, name: "某某阶段" }],
      },
    },
  }),
  UpdateMPCoSAuthorizedInfo: operation({
    ...collaborationRow("UpdateMPCoSAuthorizedInfo", 9),
    summary: "Sets to which phases of a group a member may write.",
    permission: "ltl:phaseAccess:update",
    mutating: true,
    input: Type.Object({ bizChainId, memberId, phaseGroupId, phaseIds }),
    wire: {
      phaseIds: listWire.phaseIds,
      bizChainId: wire.bizChainId,
      memberId: wire.memberId,
      phaseGroupId: wire.phaseGroupId,
    },
    output: writeOutput,
    answer: writeAnswer,
    errors: [...writeErrors, "MEMBER_UNKNOWN", "PHASE_GROUP_UNKNOWN", "PHASE_LIST_INVALID"],
    example: { input: { ...whose, phaseIds: [example.phaseId, example.otherPhaseId] }, output: example.written },
  }),
  DescribeMPCoSResourceInfo: operation({
    ...collaborationRow("DescribeMPCoSResourceInfo", 10),
    summary: "Tells quotas and use of members, phase groups and phases.",
    permission: "ltl:phaseQuota:describe",
    mutating: false,
    input: Type.Object({ bizChainId }),
    wire: { bizChainId: wire.bizChainId },
    output: Type.Object({
      phaseGroupQuota: Type.Integer(),
      usedPhaseGroups: Type.Integer(),
      usedMembers: Type.Integer(),
      groups: Type.Array(
        Type.Object({ phaseQuota: Type.Integer(), usedPhases: Type.Integer(), phaseGroupId: text, name: text }),
      ),
      memberQuota: Type.Integer(),
    }),
    answer: quotasAnswer,
    errors: chainErrors,
    example: {
      input: { bizChainId: chain },
      output: {
        phaseGroupQuota: 200,
        usedPhaseGroups: 10,
        usedMembers: 5,
        groups: [{ phaseQuota: 5, usedPhases: 3, phaseGroupId: example.groupId, name: "某协同模型" }],
        memberQuota: 100,
      },
    },
  }),
};

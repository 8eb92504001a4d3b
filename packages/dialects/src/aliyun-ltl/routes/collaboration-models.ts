import { Type } from "@concordat/api-kit";
import { collaborationChainAnswer, createdAnswer, groupPageAnswer, phasePageAnswer } from "../collaboration-codecs.ts";
import {
  chainErrors,
  collaborationRow,
  example,
  named,
  paged,
  phaseGroupId,
  phaseId,
  soughtName,
  soughtNameWire,
  wire,
  writeErrors,
} from "./collaboration-fields.ts";
import { bizChainId, operation, pageOf, writeAnswer, writeOutput } from "./common.ts";

const text = Type.String();
const { bizChainId: chain } = example.place;
const created = Type.Object({ ...writeOutput.properties, createdId: text });
const pagedWire = { page: wire.page, pageSize: wire.pageSize } as const;
const onePage = { page: 1, pageSize: 10, total: 1 };

/** Phase groups and their phases. */
export const collaborationModelRoutes = {
  ListMultiPartyCollaborationChain: operation({
    ...collaborationRow("ListMultiPartyCollaborationChain", 1),
    summary: "Lists the collaboration chains that the caller is on.",
    permission: "ltl:service:use",
    mutating: false,
    input: Type.Object({ ...paged, name: soughtName("chains") }),
    wire: { ...pagedWire, name: soughtNameWire },
    output: pageOf(
      Type.Object({
        bizChainId: text,
        role: Type.Union([Type.Literal("administrator"), Type.Literal("member")]),
        remark: text,
        name: text,
      }),
    ),
    answer: collaborationChainAnswer,
    errors: ["SERVICE_NOT_OPENED"],
    example: {
      input: { page: 1, pageSize: 10 },
      output: {
        ...onePage,
        items: [{ bizChainId: chain, role: "administrator", remark: "某业务某服务", name: "某业务链" }],
      },
    },
  }),
  CreateMPCoSPhaseGroup: operation({
    ...collaborationRow("CreateMPCoSPhaseGroup", 2),
    summary: "Creates a phase group.",
    permission: "ltl:phaseGroup:create",
    mutating: true,
    input: Type.Object({ bizChainId, ...named("Name of the group") }),
    wire: { bizChainId: wire.bizChainId, name: wire.name, remark: wire.remark },
    output: created,
    answer: createdAnswer,
    errors: [...writeErrors, "NAME_INVALID", "REMARK_INVALID"],
    example: {
      input: { bizChainId: chain, name: "某协同模型", remark: "某协同模型的备注信息。" },
      output: { ...example.written, createdId: example.groupId },
    },
  }),
  ListMPCoSPhaseGroup: operation({
    ...collaborationRow("ListMPCoSPhaseGroup", 3),
    summary: "Lists the phase groups of a business chain.",
    permission: "ltl:phaseGroup:list",
    mutating: false,
    input: Type.Object({ bizChainId, ...paged, name: soughtName("groups") }),
    wire: { bizChainId: wire.bizChainId, ...pagedWire, name: soughtNameWire },
    output: pageOf(Type.Object({ phaseGroupId: text, remark: text, name: text })),
    answer: groupPageAnswer,
    errors: chainErrors,
    example: {
      input: { bizChainId: chain, page: 1, pageSize: 10 },
      output: {
        ...onePage,
        items: [{ phaseGroupId: example.groupId, remark: "某协同模型的备注信息。", name: "某协同模型" }],
      },
    },
  }),
  ModifyMPCoSPhaseGroup: operation({
    ...collaborationRow("ModifyMPCoSPhaseGroup", 4),
    summary: "Renames a phase group; a remark that is left out stays.",
    permission: "ltl:phaseGroup:modify",
    mutating: true,
    input: Type.Object({ bizChainId, phaseGroupId, ...named("Name of the group") }),
    wire: {
      bizChainId: wire.bizChainId,
      name: wire.name,
      phaseGroupId: wire.phaseGroupId,
      remark: wire.remark,
    },
    output: writeOutput,
    answer: writeAnswer,
    errors: [...writeErrors, "PHASE_GROUP_UNKNOWN", "NAME_INVALID", "REMARK_INVALID"],
    example: {
      input: { bizChainId: chain, phaseGroupId: example.groupId, name: "某协同模型" },
      output: example.written,
    },
  }),
  CreateMPCoSPhase: operation({
    ...collaborationRow("CreateMPCoSPhase", 5),
    summary: "Creates a phase in a group.",
    permission: "ltl:phase:create",
    mutating: true,
    input: Type.Object({ bizChainId, phaseGroupId, ...named("Name of the phase") }),
    wire: {
      bizChainId: wire.bizChainId,
      name: wire.name,
      phaseGroupId: wire.phaseGroupId,
      remark: wire.remark,
    },
    output: created,
    answer: createdAnswer,
    errors: [...writeErrors, "PHASE_GROUP_UNKNOWN", "NAME_INVALID", "NAME_EXISTS", "REMARK_INVALID"],
    example: {
      input: { bizChainId: chain, phaseGroupId: example.groupId, name: "某阶段", remark: "某阶段的备注信息。" },
      output: { ...example.written, createdId: example.phaseId },
    },
  }),
  ListMPCoSPhase: operation({
    ...collaborationRow("ListMPCoSPhase", 6),
    summary: "Lists the phases of a group, with what the caller may do there.",
    permission: "ltl:phase:list",
    mutating: false,
    input: Type.Object({ bizChainId, phaseGroupId, ...paged, name: soughtName("phases") }),
    wire: {
      bizChainId: wire.bizChainId,
      page: wire.page,
      phaseGroupId: wire.phaseGroupId,
      pageSize: wire.pageSize,
      name: soughtNameWire,
    },
    output: pageOf(Type.Object({ writable: Type.Boolean(), phaseId: text, remark: text, name: text })),
    answer: phasePageAnswer,
    errors: [...chainErrors, "PHASE_GROUP_UNKNOWN"],
    example: {
      input: { bizChainId: chain, phaseGroupId: example.groupId, page: 1, pageSize: 10 },
      output: {
        ...onePage,
        items: [{ writable: false, phaseId: example.phaseId, remark: "某阶段的备注信息。", name: "某阶段" }],
      },
    },
  }),
  ModifyMPCoSPhase: operation({
    ...collaborationRow("ModifyMPCoSPhase", 7),
    summary: "Renames a phase; a remark that is left out stays.",
    permission: "ltl:phase:modify",
    mutating: true,
    input: Type.Object({ bizChainId, phaseId, ...named("Name of the phase") }),
    wire: { bizChainId: wire.bizChainId, name: wire.name, phaseId: wire.phaseId, remark: wire.remark },
    output: writeOutput,
    answer: writeAnswer,
    errors: [...writeErrors, "PHASE_UNKNOWN", "NAME_INVALID", "NAME_EXISTS", "REMARK_INVALID"],
    example: {
      input: { bizChainId: chain, phaseId: example.phaseId, name: "某阶段" },
      output: example.written,
    },
  }),
};

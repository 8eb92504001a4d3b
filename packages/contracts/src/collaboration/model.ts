import type { ContractContext } from "@concordat/ledger/contract-api";
import { toBytes } from "../stub-rows.ts";
import { parseWhole } from "../text.ts";
import { requireAdministrator, requireCaller } from "./callers.ts";
import { freeId, freePhaseCode } from "./ids.ts";
import { collaborationLimits } from "./limits.ts";
import { refuse } from "./refusals.ts";
import {
  groupRowKey,
  type Phase,
  phaseCodeRowKey,
  phaseRowKey,
  readAdministrator,
  readGroups,
  readPhase,
  readPhasesOf,
  requireGroup,
  writeAdministrator,
  writeGroup,
  writePhase,
} from "./rows.ts";

/**
 * Makes the caller the administrator. The same one may open again.
 * @throws ContractRefusal ACCESS_DENIED when somebody else is
 */
export async function open(context: ContractContext): Promise<undefined> {
  const uid = requireCaller(context);
  const administrator = await readAdministrator(context.stub);
  if (administrator === uid) return;
  if (administrator !== "") refuse("ACCESS_DENIED", "The chain has another administrator.");
  await writeAdministrator(context.stub, uid);
}

/**
 * @param limit how many groups there may be with this one
 * @returns JSON `{groupId}`
 * @throws ContractRefusal NAME_INVALID, REMARK_INVALID, ARGUMENT_MALFORMED, ACCESS_DENIED, QUOTA_EXCEEDED
 */
export async function createGroup(context: ContractContext, name = "", remark = "", limit = ""): Promise<string> {
  requireNamed(name, remark);
  const groupsMax = parseLimit(limit, collaborationLimits.groupsMax);
  await requireAdministrator(context);
  const { stub } = context;
  const groups = await readGroups(stub);
  if (groups.length >= groupsMax)
    refuse("QUOTA_EXCEEDED", `The chain has as many phase groups as it may: ${groupsMax}.`);
  const groupId = await freeId(stub, "phase group", (id) => groupRowKey(stub, id));
  const order = (groups.at(-1)?.order ?? 0) + 1;
  await writeGroup(stub, groupId, { order, name, remark, phases: [] });
  return JSON.stringify({ groupId });
}

/**
 * @param remark stays as it is when ""
 * @throws ContractRefusal NAME_INVALID, REMARK_INVALID, ACCESS_DENIED, PHASE_GROUP_UNKNOWN
 */
export async function modifyGroup(context: ContractContext, groupId = "", name = "", remark = ""): Promise<undefined> {
  requireNamed(name, remark);
  await requireAdministrator(context);
  const group = await requireGroup(context.stub, groupId);
  await writeGroup(context.stub, groupId, { ...group, name, remark: remark === "" ? group.remark : remark });
}

/**
 * @param limit how many phases the group may have with this one
 * @returns JSON `{phaseId}`
 * @throws ContractRefusal NAME_INVALID, REMARK_INVALID, ARGUMENT_MALFORMED, ACCESS_DENIED, PHASE_GROUP_UNKNOWN, NAME_EXISTS, QUOTA_EXCEEDED
 */
export async function createPhase(
  context: ContractContext,
  groupId = "",
  name = "",
  remark = "",
  limit = "",
): Promise<string> {
  requireNamed(name, remark);
  const phasesMax = parseLimit(limit, collaborationLimits.phasesPerGroupMax);
  await requireAdministrator(context);
  const { stub } = context;
  const group = await requireGroup(stub, groupId);
  requireFreeName(await readPhasesOf(stub, group), name);
  if (group.phases.length >= phasesMax) {
    refuse("QUOTA_EXCEEDED", `The phase group has as many phases as it may: ${phasesMax}.`);
  }
  const phaseId = await freeId(stub, "phase", (id) => phaseRowKey(stub, id));
  const code = await freePhaseCode(stub, (candidate) => phaseCodeRowKey(stub, candidate));
  await writePhase(stub, { phaseId, group: groupId, code, name, remark });
  await stub.putState(phaseCodeRowKey(stub, code), toBytes(phaseId));
  await writeGroup(stub, groupId, { ...group, phases: [...group.phases, phaseId] });
  return JSON.stringify({ phaseId });
}

/**
 * @param remark stays as it is when ""
 * @throws ContractRefusal NAME_INVALID, REMARK_INVALID, ACCESS_DENIED, PHASE_UNKNOWN, NAME_EXISTS
 */
export async function modifyPhase(context: ContractContext, phaseId = "", name = "", remark = ""): Promise<undefined> {
  requireNamed(name, remark);
  await requireAdministrator(context);
  const { stub } = context;
  const phase = (await readPhase(stub, phaseId)) ?? refuse("PHASE_UNKNOWN", "The chain has no such phase.");
  const phases = await readPhasesOf(stub, await requireGroup(stub, phase.group));
  requireFreeName(
    phases.filter((other) => other.phaseId !== phaseId),
    name,
  );
  await writePhase(stub, { ...phase, name, remark: remark === "" ? phase.remark : remark });
}

function requireFreeName(phases: readonly Phase[], name: string): void {
  if (phases.some((phase) => phase.name === name)) refuse("NAME_EXISTS");
}

function requireNamed(name: string, remark: string): void {
  // Letters of any script, and the brackets of Chinese text. Characters are code points.
  if (!/^[\p{L}\p{N}_\-.()（）]*$/u.test(name)) refuse("NAME_INVALID");
  const { minimum, maximum } = collaborationLimits.nameCharacters;
  const characters = [...name].length;
  if (characters < minimum || characters > maximum) refuse("NAME_INVALID");
  if (!remark.isWellFormed() || [...remark].length > collaborationLimits.remarkCharactersMax) refuse("REMARK_INVALID");
}

function parseLimit(text: string, ceiling: number): number {
  const limit = parseWhole(text);
  return Number.isNaN(limit) ? refuse("ARGUMENT_MALFORMED") : Math.min(limit, ceiling);
}

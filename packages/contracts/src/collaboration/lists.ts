import type { ContractContext } from "@concordat/ledger/contract-api";
import { parseWhole } from "../text.ts";
import type { PhaseGroupsPageJson, PhaseResourcesJson, PhasesPageJson } from "./answers.ts";
import { isAdministrator, requireAdministrator, requireCaller } from "./callers.ts";
import { collaborationLimits } from "./limits.ts";
import { refuse } from "./refusals.ts";
import { isGranted, readGroups, readPhasesOf, requireGroup } from "./rows.ts";

/** Where a page begins, and how many it has. */
export interface PageSpan {
  readonly start: number;
  readonly size: number;
}

/**
 * A page of the groups, by creation.
 * @param name only groups of exactly this name; "" all
 * @param page counted from 1
 * @returns JSON {@link PhaseGroupsPageJson}
 * @throws ContractRefusal PAGE_INVALID
 */
export async function groups({ stub }: ContractContext, name = "", page = "", pageSize = ""): Promise<string> {
  const { start, size } = parsePage(page, pageSize);
  const named = (await readGroups(stub)).filter((group) => name === "" || group.name === name);
  const onPage = named.slice(start, start + size).map(({ groupId, name, remark }) => ({ groupId, name, remark }));
  const answer: PhaseGroupsPageJson = { total: named.length, groups: onPage };
  return JSON.stringify(answer);
}

/**
 * A page of a group's phases, by creation.
 * @param name only the phase of exactly this name; "" all
 * @returns JSON {@link PhasesPageJson}
 * @throws ContractRefusal PAGE_INVALID, ACCESS_DENIED, PHASE_GROUP_UNKNOWN
 */
export async function phases(
  context: ContractContext,
  groupId = "",
  name = "",
  page = "",
  pageSize = "",
): Promise<string> {
  const { start, size } = parsePage(page, pageSize);
  const uid = requireCaller(context);
  const { stub } = context;
  const all = await readPhasesOf(stub, await requireGroup(stub, groupId));
  const named = all.filter((phase) => name === "" || phase.name === name);
  const writesAll = await isAdministrator(context, uid);
  const onPage = await Promise.all(
    named.slice(start, start + size).map(async ({ phaseId, name, remark }) => {
      return { phaseId, name, remark, writable: writesAll || (await isGranted(stub, uid, phaseId)) };
    }),
  );
  const answer: PhasesPageJson = { total: named.length, phases: onPage };
  return JSON.stringify(answer);
}

/**
 * All groups with the number of their phases.
 * @returns JSON {@link PhaseResourcesJson}
 * @throws ContractRefusal ACCESS_DENIED
 */
export async function resources(context: ContractContext): Promise<string> {
  await requireAdministrator(context);
  const all = await readGroups(context.stub);
  const answer: PhaseResourcesJson = {
    groups: all.map(({ groupId, name, phases }) => ({ groupId, name, phases: phases.length })),
  };
  return JSON.stringify(answer);
}

/** @throws ContractRefusal PAGE_INVALID */
export function parsePage(page: string, pageSize: string): PageSpan {
  const pageNumber = parseWhole(page);
  const size = parseWhole(pageSize);
  // Written so that NaN fails too.
  if (!(pageNumber >= 1 && size >= 1 && size <= collaborationLimits.pageSizeMax)) refuse("PAGE_INVALID");
  return { start: (pageNumber - 1) * size, size };
}

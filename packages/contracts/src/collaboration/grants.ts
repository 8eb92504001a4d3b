import type { ContractContext } from "@concordat/ledger/contract-api";
import { present, scanRows } from "../stub-rows.ts";
import type { PhaseGrantsJson } from "./answers.ts";
import { isUid, requireAdministrator } from "./callers.ts";
import { refuse } from "./refusals.ts";
import { grantRowKey, isGranted, readPhasesOf, requireGroup } from "./rows.ts";

/**
 * From then on the uid may write to these phases of the group, and to no others of it.
 * @param phaseIdsJson JSON array of phase ids
 * @throws ContractRefusal ARGUMENT_MALFORMED, ACCESS_DENIED, PHASE_GROUP_UNKNOWN, PHASE_LIST_INVALID
 */
export async function grant(context: ContractContext, groupId = "", uid = "", phaseIdsJson = ""): Promise<undefined> {
  requireUid(uid);
  await requireAdministrator(context);
  const { stub } = context;
  const { phases } = await requireGroup(stub, groupId);
  const wanted = new Set(parsePhaseIds(phaseIdsJson, phases));
  const granted = await Promise.all(phases.map((phaseId) => isGranted(stub, uid, phaseId)));
  for (const [index, phaseId] of phases.entries()) {
    const key = grantRowKey(stub, uid, phaseId);
    if (wanted.has(phaseId) && granted[index] !== true) await stub.putState(key, present);
    if (!wanted.has(phaseId) && granted[index] === true) await stub.deleteState(key);
  }
}

/**
 * @returns JSON {@link PhaseGrantsJson}
 * @throws ContractRefusal ARGUMENT_MALFORMED, ACCESS_DENIED, PHASE_GROUP_UNKNOWN
 */
export async function grants(context: ContractContext, groupId = "", uid = ""): Promise<string> {
  requireUid(uid);
  await requireAdministrator(context);
  const { stub } = context;
  const phases = await readPhasesOf(stub, await requireGroup(stub, groupId));
  const all = await Promise.all(
    phases.map(async ({ phaseId, name }) => ({ phaseId, name, granted: await isGranted(stub, uid, phaseId) })),
  );
  const named = (isAuthorized: boolean) =>
    all.filter(({ granted }) => granted === isAuthorized).map(({ phaseId, name }) => ({ phaseId, name }));
  const answer: PhaseGrantsJson = { authorized: named(true), unauthorized: named(false) };
  return JSON.stringify(answer);
}

/**
 * Gives all rights of one uid to another, beside those that it has. Again, it changes nothing.
 * @throws ContractRefusal ARGUMENT_MALFORMED, ACCESS_DENIED
 */
export async function moveGrants(context: ContractContext, fromUid = "", toUid = ""): Promise<undefined> {
  requireUid(fromUid);
  requireUid(toUid);
  await requireAdministrator(context);
  if (fromUid === toUid) return;
  const { stub } = context;
  for (const { key } of await scanRows(stub, "grant", [fromUid])) {
    const [, phaseId = ""] = stub.splitCompositeKey(key).attributes;
    await stub.putState(grantRowKey(stub, toUid, phaseId), present);
    await stub.deleteState(key);
  }
}

function parsePhaseIds(json: string, ofGroup: readonly string[]): readonly string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    refuse("ARGUMENT_MALFORMED");
  }
  if (!Array.isArray(parsed)) refuse("ARGUMENT_MALFORMED");
  const phaseIds: readonly unknown[] = parsed;
  const known = phaseIds.filter((phaseId) => typeof phaseId === "string" && ofGroup.includes(phaseId));
  if (known.length < phaseIds.length || new Set(known).size < known.length) refuse("PHASE_LIST_INVALID");
  return known.map(String);
}

function requireUid(uid: string): void {
  if (!isUid(uid)) refuse("ARGUMENT_MALFORMED");
}

/**
 * The rows of the collaboration contract, and the encoding of those that describe groups, phases and rights; data.ts has that of data.
 *
 * - composite `administrator()`: the uid of who opened the channel.
 * - composite `group(group id)`: a group with the ids of its phases.
 * - composite `phase(phase id)`: a phase.
 * - composite `phasecode(code)`: the id of the phase with this code.
 * - composite `grant(uid, phase id)`: there when the uid may write to the phase.
 * - `<phase id>_<data key>`: the head of a data key. Holds its first record itself, so that a key with one record is one row, and the number of records.
 * - composite `record(phase id, data key, number)`: each further record, numbered from 2 in 12 digits.
 * - composite `sequence(phase id, data key, data sequence)`: the number of a further record.
 * - composites `device` and `code`: devices that have uploaded, see ../devices/uploads.ts.
 *
 * Values are JSON texts, but for those of `administrator`, `phasecode` and `sequence`, which are plain, and `grant`, a single zero byte.
 * Times of one data key never decrease: windows are found by binary search over the numbers.
 */
import type { ContractStub } from "@concordat/ledger/contract-api";
import { hasRow, readJsonRow, scanRows, toBytes, toText, writeJsonRow } from "../stub-rows.ts";
import { refuse } from "./refusals.ts";

export interface StoredGroup {
  /** From 1, by creation on the channel. */
  readonly order: number;
  readonly name: string;
  readonly remark: string;
  /** By creation. */
  readonly phases: readonly string[];
}

export interface StoredPhase {
  readonly group: string;
  readonly code: string;
  readonly name: string;
  readonly remark: string;
}

export interface Phase extends StoredPhase {
  readonly phaseId: string;
}

const idForm = /^[1-9][0-9]{15}$/;

export async function readAdministrator(stub: ContractStub): Promise<string> {
  return toText(await stub.getState(stub.createCompositeKey("administrator", [])));
}

export function writeAdministrator(stub: ContractStub, uid: string): Promise<void> {
  return stub.putState(stub.createCompositeKey("administrator", []), toBytes(uid));
}

export function groupRowKey(stub: ContractStub, groupId: string): string {
  return stub.createCompositeKey("group", [groupId]);
}

/** @throws ContractRefusal PHASE_GROUP_UNKNOWN */
export async function requireGroup(stub: ContractStub, groupId: string): Promise<StoredGroup> {
  if (!idForm.test(groupId)) refuse("PHASE_GROUP_UNKNOWN");
  // Only writeGroup writes the row.
  const group = (await readJsonRow(stub, groupRowKey(stub, groupId))) as StoredGroup | undefined;
  return group ?? refuse("PHASE_GROUP_UNKNOWN");
}

export function writeGroup(stub: ContractStub, groupId: string, group: StoredGroup): Promise<void> {
  return writeJsonRow(stub, groupRowKey(stub, groupId), group);
}

/** All groups, by creation. */
export async function readGroups(stub: ContractStub): Promise<readonly (StoredGroup & { readonly groupId: string })[]> {
  const rows = await scanRows(stub, "group", []);
  const groups = rows.map(({ key, value }) => {
    const [groupId = ""] = stub.splitCompositeKey(key).attributes;
    return { groupId, ...(JSON.parse(toText(value)) as StoredGroup) };
  });
  return groups.sort((a, b) => a.order - b.order || (a.groupId < b.groupId ? -1 : 1));
}

export function phaseRowKey(stub: ContractStub, phaseId: string): string {
  return stub.createCompositeKey("phase", [phaseId]);
}

export async function readPhase(stub: ContractStub, phaseId: string): Promise<Phase | undefined> {
  if (!idForm.test(phaseId)) return undefined;
  // Only writePhase writes the row.
  const phase = (await readJsonRow(stub, phaseRowKey(stub, phaseId))) as StoredPhase | undefined;
  return phase === undefined ? undefined : { phaseId, ...phase };
}

/** A phase of this group. @throws ContractRefusal PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN */
export async function requirePhase(stub: ContractStub, groupId: string, phaseId: string): Promise<Phase> {
  const phase = await readPhase(stub, phaseId);
  if (phase?.group === groupId) return phase;
  await requireGroup(stub, groupId);
  return refuse("PHASE_UNKNOWN");
}

export function writePhase(stub: ContractStub, { phaseId, group, code, name, remark }: Phase): Promise<void> {
  const stored: StoredPhase = { group, code, name, remark };
  return writeJsonRow(stub, phaseRowKey(stub, phaseId), stored);
}

/** The phases of a group, by creation. */
export async function readPhasesOf(stub: ContractStub, { phases }: StoredGroup): Promise<readonly Phase[]> {
  const read = await Promise.all(phases.map((phaseId) => readPhase(stub, phaseId)));
  return read.filter((phase) => phase !== undefined);
}

export function phaseCodeRowKey(stub: ContractStub, code: string): string {
  return stub.createCompositeKey("phasecode", [code]);
}

export function grantRowKey(stub: ContractStub, uid: string, phaseId: string): string {
  return stub.createCompositeKey("grant", [uid, phaseId]);
}

/** Whether the uid was given the right to write to the phase. */
export function isGranted(stub: ContractStub, uid: string, phaseId: string): Promise<boolean> {
  return hasRow(stub, grantRowKey(stub, uid, phaseId));
}

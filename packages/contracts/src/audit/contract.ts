import type { Contract, ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { auditLimits, isEntryId, parseAuditEntry } from "./entry.ts";
import { refuse } from "./refusals.ts";

/**
 * The audit trail of an installation: entries that are written once, each under its id, and never changed.
 *
 * The row of an entry is the id of the transaction that wrote it, 64 hex digits, and the entry's text right behind.
 */
export const auditContract: Contract = {
  name: "audit",
  version: "1",
  functions: { append, get, find },
};

const TX_ID_LENGTH = 64;

/**
 * Writes the entries, or none. One that is there already with the same text stays as it is.
 * @param texts as entry.ts defines them
 * @returns JSON array: for each entry the id of the transaction that wrote it
 * @throws ContractRefusal ACCESS_DENIED, ENTRIES_MISCOUNTED, ENTRY_MALFORMED, ENTRY_REPEATED, ENTRY_DIFFERS
 */
async function append({ stub, clientIdentity }: ContractContext, ...texts: string[]): Promise<string> {
  const writer = clientIdentity.getAttributeValue("principal");
  if (writer === null || writer === "") refuse("ACCESS_DENIED");
  requireCount(texts);
  const entries = texts.map((text) => parseAuditEntry(text) ?? refuse("ENTRY_MALFORMED"));
  if (new Set(entries.map(({ entryId }) => entryId)).size !== entries.length) refuse("ENTRY_REPEATED");
  const rows = await Promise.all(entries.map(({ entryId }) => readRow(stub, entryId)));
  if (rows.some((row, index) => row !== undefined && row.text !== texts[index])) refuse("ENTRY_DIFFERS");
  const txId = stub.getTxID();
  for (const [index, { entryId }] of entries.entries()) {
    if (rows[index] === undefined) await stub.putState(entryId, Buffer.from(`${txId}${texts[index]}`));
  }
  return JSON.stringify(rows.map((row) => row?.txId ?? txId));
}

/**
 * @returns the entry's text
 * @throws ContractRefusal ENTRY_ID_MALFORMED, ENTRY_UNKNOWN
 */
async function get({ stub }: ContractContext, entryId = ""): Promise<string> {
  requireEntryId(entryId);
  return (await readRow(stub, entryId))?.text ?? refuse("ENTRY_UNKNOWN");
}

/**
 * @returns JSON array: for each id the transaction that wrote the entry, or null when there is none
 * @throws ContractRefusal ENTRIES_MISCOUNTED, ENTRY_ID_MALFORMED
 */
async function find({ stub }: ContractContext, ...entryIds: string[]): Promise<string> {
  requireCount(entryIds);
  for (const entryId of entryIds) requireEntryId(entryId);
  const rows = await Promise.all(entryIds.map((entryId) => readRow(stub, entryId)));
  return JSON.stringify(rows.map((row) => row?.txId ?? null));
}

async function readRow(stub: ContractStub, entryId: string) {
  const row = Buffer.from(await stub.getState(entryId)).toString();
  return row === "" ? undefined : { txId: row.slice(0, TX_ID_LENGTH), text: row.slice(TX_ID_LENGTH) };
}

function requireCount(given: readonly string[]): void {
  if (given.length < 1 || given.length > auditLimits.entriesMax) refuse("ENTRIES_MISCOUNTED");
}

function requireEntryId(entryId: string): void {
  if (!isEntryId(entryId)) refuse("ENTRY_ID_MALFORMED");
}

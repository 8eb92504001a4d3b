import { InvariantError } from "@concordat/base";
import type { CollaborationRecordJson } from "@concordat/contracts";
import type { Ledger } from "@concordat/ledger";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { BusinessChain } from "../ports.ts";
import { fullKeyOf } from "./full-keys.ts";
import type { PhaseRecord, PlacedPhaseRecord, ProvenanceNode } from "./ports.ts";

/** Look-ups under way at once: enough to keep the ledger busy, few enough that other calls get their turn. */
const LOOKUPS_AT_ONCE = 64;

export function toRecord(chain: BusinessChain, json: CollaborationRecordJson): PhaseRecord {
  const { groupId, phaseCode: _, related, ...record } = json;
  return {
    ...record,
    phaseGroupId: groupId,
    related: related.map(({ phaseCode, ...edge }) => ({
      ...edge,
      fullKey: fullKeyOf(chain, { phaseCode, dataKey: edge.dataKey }),
    })),
  };
}

export async function placeRecord(
  ledger: Pick<Ledger, "transaction">,
  chain: BusinessChain,
  json: CollaborationRecordJson,
): Promise<PlacedPhaseRecord> {
  const { block } = await onLedger(() => ledger.transaction(chain.channelId, json.txId));
  return { record: toRecord(chain, json), block };
}

/** Records with the blocks that they stand in; each transaction is looked up once. */
export async function placeRecords(
  ledger: Pick<Ledger, "transaction">,
  chain: BusinessChain,
  records: readonly CollaborationRecordJson[],
): Promise<readonly PlacedPhaseRecord[]> {
  const blocks = await transactionsOf(records, (txId) => ledger.transaction(chain.channelId, txId));
  return records.map((json) => ({ record: toRecord(chain, json), block: blocks(json).block }));
}

/** Records as nodes of a graph; each transaction's block or receipt is looked up once. */
export async function toNodes(
  ledger: Pick<Ledger, "transaction" | "receipt">,
  chain: BusinessChain,
  records: readonly CollaborationRecordJson[],
  withReceipts: boolean,
): Promise<readonly ProvenanceNode[]> {
  if (!withReceipts) {
    const placed = await placeRecords(ledger, chain, records);
    return placed.map(({ record, block }) => ({ record, block: block.number }));
  }
  const receipts = await transactionsOf(records, (txId) => ledger.receipt(chain.channelId, txId));
  return records.map((json) => {
    const receipt = receipts(json);
    return { record: toRecord(chain, json), block: receipt.leaf.block, receipt };
  });
}

/** Asks the ledger about every transaction among the records, and answers for each record what was said of its own. */
async function transactionsOf<Found>(
  records: readonly CollaborationRecordJson[],
  find: (txId: string) => Promise<Found>,
): Promise<(record: CollaborationRecordJson) => Found> {
  const found = new Map<string, Found>();
  const waiting = [...new Set(records.map(({ txId }) => txId))].values();
  const workers = Array.from({ length: Math.min(LOOKUPS_AT_ONCE, records.length) }, async () => {
    for (const txId of waiting) found.set(txId, await onLedger(() => find(txId)));
  });
  await Promise.all(workers);
  return ({ txId }) => {
    const answer = found.get(txId);
    if (answer === undefined) throw new InvariantError(`Transaction ${txId} was not looked up.`);
    return answer;
  };
}

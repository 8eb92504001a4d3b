import { InvariantError } from "@concordat/base";
import type { ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { parseWhole } from "../text.ts";
import type { CollaborationRecordJson, ProvenanceJson } from "./answers.ts";
import { readHead, readRecord, type StoredData } from "./data.ts";
import { collaborationLimits } from "./limits.ts";
import { requireData } from "./read.ts";
import { RecordViews } from "./records.ts";
import { refuse } from "./refusals.ts";

/**
 * A record and everything that it depends on, breadth first from that record, each record once.
 * @param dataSeq "" for the newest record of the key
 * @param limit how many records at most, 1 to 10000
 * @returns JSON {@link ProvenanceJson}
 * @throws ContractRefusal ARGUMENT_MALFORMED, PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN,
 * PHASE_DATA_UNKNOWN
 */
export async function provenance(
  { stub }: ContractContext,
  groupId = "",
  phaseId = "",
  dataKey = "",
  dataSeq = "",
  limit = "",
): Promise<string> {
  const recordsMax = parseWhole(limit);
  if (!(recordsMax >= 1 && recordsMax <= collaborationLimits.provenanceRecordsMax)) refuse("ARGUMENT_MALFORMED");
  const start = await requireData(stub, { groupId, phaseId, dataKey, dataSeq });
  const views = new RecordViews(stub);
  const records: CollaborationRecordJson[] = [];
  const queue: Place[] = [{ phase: phaseId, key: dataKey, number: start.number }];
  const seen = new Set(queue.map(nameOf));
  let bytes = 0;
  // The queue grows as it is walked through, but with records that were seen for the first time only.
  for (const place of queue) {
    if (records.length === recordsMax || bytes >= collaborationLimits.provenanceBytesMax) break;
    const record = records.length === 0 ? start.record : await readPlace(stub, place);
    const view = await views.of(place.phase, place.key, record);
    records.push(view);
    bytes += Buffer.byteLength(JSON.stringify(view));
    for (const related of record.related ?? []) {
      const name = nameOf(related);
      // Of what lies beyond the limit, one record shows that there is more.
      if (seen.has(name) || queue.length > recordsMax) continue;
      seen.add(name);
      queue.push(related);
    }
  }
  const answer: ProvenanceJson = { complete: records.length === queue.length, records };
  return JSON.stringify(answer);
}

interface Place {
  readonly phase: string;
  readonly key: string;
  readonly number: number;
}

function nameOf({ phase, key, number }: Place): string {
  return `${phase}_${key} ${number}`;
}

async function readPlace(stub: ContractStub, { phase, key, number }: Place): Promise<StoredData> {
  if (number > 1) return readRecord(stub, phase, key, number);
  const head = await readHead(stub, phase, key);
  if (head === undefined) throw new InvariantError("A record that another one refers to is missing.");
  return head.first;
}

import { collaborationLimits, findItemFault, type PhaseItemJson } from "@concordat/contracts";
import { PlatformError } from "../errors.ts";
import type { Amount } from "../evidence/quota-gate.ts";
import type { BusinessChain } from "../ports.ts";
import { parseFullKey } from "./full-keys.ts";
import type { PhaseDataItem, PhaseUpload } from "./ports.ts";
import { requireGroupId, requirePhaseId } from "./rules.ts";

/**
 * An upload's items, as the contract takes them. An upload passes these rules, in this order; when several are broken, the first one answers:
 *
 * 1. the caller's place on the chain: rules.ts
 * 2. PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN: the ids are ids
 * 3. PHASE_DATA_LIST_INVALID: a batch has an item, anything else has one
 * 4. BATCH_TOO_LARGE: a batch has 50 items at most (-221)
 * 5. of each item, before the next one: PHASE_DATA_KEY_MALFORMED; PHASE_DATA_SEQUENCE_MALFORMED; VALUE_EMPTY (-103); for digests
 *    PHASE_DIGEST_MALFORMED; VALUE_MALFORMED; VALUE_TOO_LONG (-220), in a batch BATCH_VALUE_TOO_LONG (-222); RELATED_DATA_REFUSED: it refers to
 *    at most 50 others, each with a key, a sequence and data that could be
 * 6. BATCH_KEY_REPEATED: no key with the same sequence twice in a batch (-219)
 * 7. the form of a device's signature: device-gate.ts (-106 to -118)
 * 8. CHAIN_EXPIRED
 * 9. DEVICE_UNAUTHORIZED, DEVICE_SIGNATURE_REFUSED: the device may upload, and made the signature, now
 * 10. QUOTA_EXCEEDED
 * 11. the contract, in an order of its own: PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, ACCESS_DENIED (the right to write to the phase),
 *     DEVICE_SIGNATURE_REFUSED (a code that was used before), KEY_EXISTS (-317), BATCH_KEY_EXISTS (-318), RELATED_DATA_REFUSED
 *
 * Rules 4 to 6 are the contract's too; here they answer without a transaction.
 * @source LTL document, sections 4.2.6 and 4.2.9.11 to 4.2.9.18
 */
export function checkUpload(chain: BusinessChain, upload: PhaseUpload): readonly PhaseItemJson[] {
  const { phaseGroupId, phaseId, kind, isBatch } = upload;
  requireGroupId(phaseGroupId);
  requirePhaseId(phaseId);
  const items = upload.items.map((item) => toContractItem(chain, item));
  if (items.length === 0 || (!isBatch && items.length > 1)) throw new PlatformError("PHASE_DATA_LIST_INVALID");
  if (items.length > collaborationLimits.batchItemsMax) throw new PlatformError("BATCH_TOO_LARGE");
  for (const item of items) {
    const fault = findItemFault(item, kind, isBatch ? "BATCH_VALUE_TOO_LONG" : "VALUE_TOO_LONG");
    if (fault !== undefined) throw new PlatformError(fault.code, fault.message);
    requireNoFullKey(chain, item.dataKey);
  }
  requireDistinct(items);
  return items;
}

/** What an upload adds to the chain's meters. */
export function amountOf(items: readonly PhaseItemJson[]): Amount {
  const bytes = items.reduce((sum, { phaseData }) => sum + Buffer.byteLength(phaseData), 0);
  return { records: items.length, bytes };
}

/** Related data that is named in full loses the chain's part of its key; that the phase's code is right is for the contract to say. */
function toContractItem(chain: BusinessChain, { dataKey, phaseData, dataSeq, related }: PhaseDataItem): PhaseItemJson {
  const item = { dataKey, phaseData, ...(dataSeq === undefined ? {} : { dataSeq }) };
  if (related === undefined) return item;
  return {
    ...item,
    related: related.map((each) => ({
      phaseId: each.phaseId,
      ...(parseFullKey(chain, each.dataKey) ?? { dataKey: each.dataKey }),
      phaseData: each.phaseData,
      ...(each.dataSeq === undefined ? {} : { dataSeq: each.dataSeq }),
    })),
  };
}

/** A key of the full form names something that is there: as the name of something new it would mean two things. */
function requireNoFullKey(chain: BusinessChain, dataKey: string): void {
  if (parseFullKey(chain, dataKey) === undefined) return;
  throw new PlatformError(
    "PHASE_DATA_KEY_MALFORMED",
    "A new data key does not have the form of a full key of its chain.",
  );
}

function requireDistinct(items: readonly PhaseItemJson[]): void {
  const named = items.filter(({ dataSeq }) => dataSeq !== undefined);
  // Neither part has spaces.
  const distinct = new Set(named.map(({ dataKey, dataSeq }) => `${dataKey} ${dataSeq}`));
  if (distinct.size < named.length) throw new PlatformError("BATCH_KEY_REPEATED");
}

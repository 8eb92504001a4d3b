import { isDataKey } from "@concordat/contracts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain } from "../ports.ts";
import { type FullKey, parseFullKey } from "./full-keys.ts";
import { requireGroupId, requirePhaseId } from "./rules.ts";

/** Data that is sought; "" where no sequence was given. */
export interface DataName {
  readonly phaseGroupId: string;
  readonly phaseId: string;
  readonly dataKey: string;
  readonly dataSeq: string;
  /** Where the key was given in full: the data found must be of the phase with this code. */
  readonly phaseCode: string | undefined;
}

/**
 * Takes the name of data apart, whose key may have the form of the documents' answers.
 * @throws PlatformError PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED
 */
export function toDataName(
  chain: BusinessChain,
  given: {
    readonly phaseGroupId: string;
    readonly phaseId: string;
    readonly dataKey: string;
    readonly dataSeq?: string;
  },
): DataName {
  const { phaseGroupId, phaseId, dataSeq } = given;
  requireGroupId(phaseGroupId);
  requirePhaseId(phaseId);
  const full: Partial<FullKey> = parseFullKey(chain, given.dataKey) ?? {};
  const dataKey = full.dataKey ?? given.dataKey;
  if (!isDataKey(dataKey)) throw new PlatformError("PHASE_DATA_KEY_MALFORMED");
  if (dataSeq !== undefined && !isDataKey(dataSeq)) throw new PlatformError("PHASE_DATA_SEQUENCE_MALFORMED");
  return { phaseGroupId, phaseId, dataKey, dataSeq: dataSeq ?? "", phaseCode: full.phaseCode };
}

/** @throws PlatformError PHASE_DATA_UNKNOWN when a full key names another phase than the call */
export function requireNamedPhase({ phaseCode }: DataName, found: Pick<FullKey, "phaseCode"> | undefined): void {
  if (phaseCode !== undefined && phaseCode !== found?.phaseCode) throw new PlatformError("PHASE_DATA_UNKNOWN");
}

import { collaborationContract, type PhaseItemJson, phaseDataRowKey } from "@concordat/contracts";
import type { SubmitRequest } from "@concordat/ledger";

/** The keys that tests wait for, of those that a call writes: an upload's data keys, or else what the call names first. */
export function keysInFlight({ contract, fn, args }: SubmitRequest): readonly string[] {
  const [first = "", phaseId = "", json = ""] = args;
  if (contract !== collaborationContract.name || !fn.startsWith("upload")) return [first];
  // The platform's own text: one item, or an array of them.
  const parsed = JSON.parse(json) as PhaseItemJson | readonly PhaseItemJson[];
  return [parsed].flat().map(({ dataKey }) => phaseDataRowKey(phaseId, dataKey));
}

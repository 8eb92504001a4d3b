import { bytesToUtf8 } from "@concordat/base";
import type {
  CollaborationHistoryJson,
  CollaborationRecordJson,
  PhaseGrantsJson,
  PhaseGroupsPageJson,
  PhaseResourcesJson,
  PhasesPageJson,
  ProvenanceJson,
} from "@concordat/contracts";

/** What the collaboration contract answers is JSON that it wrote itself: each function one type. */
export interface CollaborationAnswers {
  readonly createGroup: { readonly groupId: string };
  readonly createPhase: { readonly phaseId: string };
  readonly groups: PhaseGroupsPageJson;
  readonly phases: PhasesPageJson;
  readonly grants: PhaseGrantsJson;
  readonly resources: PhaseResourcesJson;
  readonly describe: CollaborationRecordJson;
  readonly history: CollaborationHistoryJson;
  readonly provenance: ProvenanceJson;
}

/** @param _fn the function that answered; it gives the type alone */
export function parseAnswer<Name extends keyof CollaborationAnswers>(
  _fn: Name,
  bytes: Uint8Array,
): CollaborationAnswers[Name] {
  // The contract's own answer, see above.
  return JSON.parse(bytesToUtf8(bytes)) as CollaborationAnswers[Name];
}

import { ContractRefusal } from "@concordat/ledger/contract-api";
import { type DeviceRefusalCode, deviceRefusals } from "../devices/refusals.ts";

/** Why the collaboration contract says no. The names are those of the platform's error codes. */
export type CollaborationRefusalCode =
  | DeviceRefusalCode
  | "ACCESS_DENIED"
  | "ARGUMENT_MALFORMED"
  | "NAME_INVALID"
  | "NAME_EXISTS"
  | "REMARK_INVALID"
  | "QUOTA_EXCEEDED"
  | "PHASE_GROUP_UNKNOWN"
  | "PHASE_UNKNOWN"
  | "PHASE_LIST_INVALID"
  | "PHASE_DATA_KEY_MALFORMED"
  | "PHASE_DATA_SEQUENCE_MALFORMED"
  | "PHASE_DATA_UNKNOWN"
  | "PHASE_DATA_LIST_INVALID"
  | "PHASE_DIGEST_MALFORMED"
  | "RELATED_DATA_REFUSED"
  | "VALUE_EMPTY"
  | "VALUE_MALFORMED"
  | "VALUE_TOO_LONG"
  | "BATCH_TOO_LARGE"
  | "BATCH_VALUE_TOO_LONG"
  | "BATCH_KEY_REPEATED"
  | "KEY_EXISTS"
  | "BATCH_KEY_EXISTS"
  | "WINDOW_INVALID";

export const collaborationRefusals: Readonly<Record<CollaborationRefusalCode, string>> = {
  ...deviceRefusals,
  ACCESS_DENIED: "The caller may not do this.",
  ARGUMENT_MALFORMED: "An argument is not in its form.",
  NAME_INVALID: "The name must have 2 to 30 letters, digits or characters of _-.().",
  NAME_EXISTS: "The phase group has a phase of this name already.",
  REMARK_INVALID: "A remark has at most 100 characters.",
  QUOTA_EXCEEDED: "There are as many of these as there may be.",
  PHASE_GROUP_UNKNOWN: "The chain has no such phase group.",
  PHASE_UNKNOWN: "The phase group has no such phase.",
  PHASE_LIST_INVALID: "The list of phases names one that is not of the phase group, or one twice.",
  PHASE_DATA_KEY_MALFORMED: "A data key has 1 to 64 visible ASCII characters.",
  PHASE_DATA_SEQUENCE_MALFORMED: "A data sequence has 1 to 64 visible ASCII characters.",
  PHASE_DATA_UNKNOWN: "The phase has no such data.",
  PHASE_DATA_LIST_INVALID: "The list of phase data is empty or malformed.",
  PHASE_DIGEST_MALFORMED: "A SHA-256 digest has 64 hexadecimal digits.",
  RELATED_DATA_REFUSED: "Related data is not on chain, or is other data there.",
  VALUE_EMPTY: "The phase data is empty.",
  VALUE_MALFORMED: "The phase data is not well-formed Unicode.",
  VALUE_TOO_LONG: "The phase data is longer than 4096 bytes.",
  BATCH_TOO_LARGE: "The batch has more than 50 items.",
  BATCH_VALUE_TOO_LONG: "Phase data in the batch is longer than 4096 bytes.",
  BATCH_KEY_REPEATED: "A data key occurs twice with the same sequence in the batch.",
  KEY_EXISTS: "The phase has this data key with this sequence already.",
  BATCH_KEY_EXISTS: "The phase has a data key of the batch with its sequence already.",
  WINDOW_INVALID: "The window is not a start and an end in milliseconds, in this order.",
};

/** @param message where it can say more than the code's own sentence */
export function refuse(code: CollaborationRefusalCode, message = collaborationRefusals[code]): never {
  throw new ContractRefusal(code, message);
}

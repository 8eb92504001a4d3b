import { decimalInteger, listParameter, listWithText, Type } from "@concordat/api-kit";
import type { PlatformErrorCode } from "@concordat/platform";
import {
  action,
  bizChainId,
  DOCUMENT,
  EXAMPLE_MEMBER,
  EXAMPLE_TX,
  METHODS,
  PATH,
  page,
  pageSize,
  parameter,
} from "./common.ts";
import { id, name, nameText, remark, remarkText } from "./text-forms.ts";

/** What all rows of section 4.2.9 have alike. */
export const collaborationRow = (operation: string, section: number) =>
  ({
    id: `aliyun-ltl:${operation}`,
    source: `${DOCUMENT}, section 4.2.9.${section}`,
    methods: METHODS,
    path: PATH,
    matcher: action(operation),
  }) as const;

export const phaseGroupId = id("Phase group");
export const phaseId = id("Phase");
export const memberId = id("Member");

export const wire = {
  bizChainId: parameter("BizChainId"),
  phaseGroupId: parameter("PhaseGroupId"),
  phaseId: parameter("PhaseId"),
  memberId: parameter("MemberId"),
  name: parameter("Name", nameText),
  remark: parameter("Remark", remarkText),
  page: parameter("Num", decimalInteger),
  pageSize: parameter("Size", decimalInteger),
  dataKey: parameter("DataKey"),
  dataSeq: parameter("DataSeq"),
} as const;

export const named = (subject: string) => ({ name: name(subject), remark });
export const paged = { page, pageSize };
/** A name to look for: any text, since names of before other rules may be looked for too. */
export const soughtName = (subject: string) =>
  Type.Optional(Type.String({ maxLength: 256, description: `Exact name; all ${subject} when left out.` }));
/** Sought names are not checked as new ones are. */
export const soughtNameWire = parameter("Name");
/** Keys, sequences and data are the platform's to judge, which has the document's numbers for them. */
export const dataKey = Type.String({ description: "Key of the data: 1 to 64 visible ASCII characters." });
export const dataSeq = (whenLeftOut: string) =>
  Type.Optional(
    Type.String({ description: `Tells records of one key apart: 1 to 64 visible ASCII characters; ${whenLeftOut}.` }),
  );
const assigned = "the ledger gives one when left out";

const relatedData = Type.Object({
  relatedPhaseId: Type.String(),
  relatedDataKey: Type.String(),
  relatedPhaseData: Type.String(),
  relatedDataSeq: Type.Optional(Type.String()),
});
export const relatedDataList = Type.Array(relatedData, {
  description: "What the data depends on: each on chain in a phase of the group, with the given data.",
});

const phaseDataItem = Type.Object({
  dataKey: Type.String(),
  phaseData: Type.String(),
  dataSeq: Type.Optional(Type.String()),
  relatedDataList: Type.Optional(relatedDataList),
});
export const phaseDataList = Type.Array(phaseDataItem, { minItems: 1, description: "1 to 50 items." });
/** Of a device: the very text is what it signed. */
export const signedPhaseDataList = Type.Object({ items: phaseDataList, text: Type.Optional(Type.String()) });

/** None at all takes every right away. */
export const phaseIds = Type.Array(phaseId, {
  description: "Phases of the group that the member may write to from then on, and to no others.",
});

const phaseDataCodec = listParameter(phaseDataList);
export const listWire = {
  phaseIds: parameter("AuthorizedPhaseList", listParameter(phaseIds)),
  related: parameter("RelatedDataList", listParameter(relatedDataList)),
  items: parameter("PhaseDataList", phaseDataCodec),
  signedItems: parameter("PhaseDataList", listWithText(phaseDataCodec)),
} as const;
/** The text of a list that comes without one. */
export const phaseDataText = phaseDataCodec.encode;

const place = { bizChainId, phaseGroupId, phaseId };
const phaseData = {
  text: Type.String({ description: "1 to 4096 bytes, a character beyond ASCII counted as two." }),
  digest: Type.String({ description: "SHA-256 of the data: 64 hex digits." }),
};

export const singleFields = (kind: keyof typeof phaseData) => ({
  ...place,
  dataKey,
  phaseData: phaseData[kind],
  dataSeq: dataSeq(assigned),
  related: Type.Optional(relatedDataList),
});
export const singleWire = {
  bizChainId: wire.bizChainId,
  dataKey: wire.dataKey,
  phaseData: parameter("PhaseData"),
  phaseGroupId: wire.phaseGroupId,
  phaseId: wire.phaseId,
  dataSeq: wire.dataSeq,
  related: listWire.related,
} as const;

export const batchFields = { ...place, items: phaseDataList };
export const signedBatchFields = { ...place, list: signedPhaseDataList };
export const placeWire = {
  bizChainId: wire.bizChainId,
  phaseId: wire.phaseId,
  phaseGroupId: wire.phaseGroupId,
} as const;

export const chainErrors = [
  "SERVICE_NOT_OPENED",
  "CHAIN_UNKNOWN",
  "ACCOUNT_KIND_REFUSED",
  "ACCESS_DENIED",
] as const satisfies readonly PlatformErrorCode[];
export const writeErrors = [
  ...chainErrors,
  "CHAIN_EXPIRED",
  "QUOTA_EXCEEDED",
  "CALL_REPLAYED",
] as const satisfies readonly PlatformErrorCode[];

const uploadErrors = [
  ...writeErrors,
  "PHASE_GROUP_UNKNOWN",
  "PHASE_UNKNOWN",
  "PHASE_DATA_KEY_MALFORMED",
  "PHASE_DATA_SEQUENCE_MALFORMED",
  "VALUE_EMPTY",
  "RELATED_DATA_REFUSED",
] as const satisfies readonly PlatformErrorCode[];
/** Lists that are empty or malformed are refused before the platform sees them. */
const batchErrors = [
  ...uploadErrors,
  "BATCH_TOO_LARGE",
  "BATCH_KEY_REPEATED",
  "BATCH_KEY_EXISTS",
] as const satisfies readonly PlatformErrorCode[];
export const singleUploadErrors = {
  text: [...uploadErrors, "VALUE_TOO_LONG", "KEY_EXISTS"],
  digest: [...uploadErrors, "PHASE_DIGEST_MALFORMED", "KEY_EXISTS"],
} as const satisfies Record<string, readonly PlatformErrorCode[]>;
export const batchUploadErrors = {
  text: [...batchErrors, "BATCH_VALUE_TOO_LONG"],
  digest: [...batchErrors, "PHASE_DIGEST_MALFORMED"],
} as const satisfies Record<string, readonly PlatformErrorCode[]>;

const EXAMPLE_DIGEST = "add85aa7d23fa2846b31544b7abfd06fbb24ca2f0cd85d46624fe4e5c7cc45fa";
const exampleItem = { dataKey: "B".padEnd(64, "0"), phaseData: "某公司某业务数据。" };
export const example = {
  groupId: "3838607922870001",
  phaseId: "6442088875110001",
  otherPhaseId: "1964875128110001",
  memberId: EXAMPLE_MEMBER,
  place: { bizChainId: "4899730875490002", phaseGroupId: "3838607922870001", phaseId: "6442088875110001" },
  text: exampleItem,
  digest: { ...exampleItem, phaseData: EXAMPLE_DIGEST },
  related: {
    relatedPhaseId: "1964875128110001",
    relatedDataKey: "A".padEnd(64, "0"),
    relatedPhaseData: "某公司某业务数据。",
    relatedDataSeq: "1".padStart(64, "0"),
  },
  written: { txIds: [EXAMPLE_TX] },
};

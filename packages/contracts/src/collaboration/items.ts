import { isVisibleAscii } from "../text.ts";
import type { PhaseItemJson, RelatedItemJson } from "./answers.ts";
import { collaborationLimits } from "./limits.ts";
import { type CollaborationRefusalCode, refuse } from "./refusals.ts";

export type DataKind = "text" | "digest";

/**
 * @param itemJson JSON {@link PhaseItemJson}
 * @throws ContractRefusal PHASE_DATA_LIST_INVALID and those of {@link findItemFault}
 */
export function parseItem(itemJson: string, kind: DataKind): PhaseItemJson {
  const item = toItem(parseJson(itemJson)) ?? refuse("PHASE_DATA_LIST_INVALID", "The phase data is no item.");
  requireItem(item, kind, "VALUE_TOO_LONG");
  return item;
}

/**
 * @param itemsJson JSON array of {@link PhaseItemJson}
 * @throws ContractRefusal PHASE_DATA_LIST_INVALID, BATCH_TOO_LARGE and those of {@link findItemFault}
 */
export function parseItems(itemsJson: string, kind: DataKind): readonly PhaseItemJson[] {
  const parsed = parseJson(itemsJson);
  if (!Array.isArray(parsed) || parsed.length === 0) refuse("PHASE_DATA_LIST_INVALID");
  if (parsed.length > collaborationLimits.batchItemsMax) refuse("BATCH_TOO_LARGE");
  const items = parsed.map((item) => toItem(item) ?? refuse("PHASE_DATA_LIST_INVALID"));
  for (const item of items) requireItem(item, kind, "BATCH_VALUE_TOO_LONG");
  return items;
}

/** @source Aliyun LTL document, section 4.2.9.11: a Chinese character takes two bytes */
export function isTextTooLong(text: string): boolean {
  const { textBytesMax } = collaborationLimits;
  if (text.length * 2 <= textBytesMax) return false;
  if (text.length > textBytesMax) return true;
  return text.length + text.replace(/[\0-\x7f]+/g, "").length > textBytesMax;
}

export function isDataKey(text: string): boolean {
  return isVisibleAscii(text, collaborationLimits.keyCharactersMax);
}

export type ItemFaultCode = Extract<
  CollaborationRefusalCode,
  | "PHASE_DATA_KEY_MALFORMED"
  | "PHASE_DATA_SEQUENCE_MALFORMED"
  | "VALUE_EMPTY"
  | "VALUE_MALFORMED"
  | "VALUE_TOO_LONG"
  | "BATCH_VALUE_TOO_LONG"
  | "PHASE_DIGEST_MALFORMED"
  | "RELATED_DATA_REFUSED"
>;

/** A rule that an item breaks, and what there is to say about it beyond the rule's own sentence. */
export interface ItemFault {
  readonly code: ItemFaultCode;
  readonly message?: string;
}

/** The first rule that an item breaks, those aside that need what is on chain. Whoever stands before the contract may ask the same. */
export function findItemFault(
  item: PhaseItemJson,
  kind: DataKind,
  tooLong: "VALUE_TOO_LONG" | "BATCH_VALUE_TOO_LONG",
): ItemFault | undefined {
  const { dataKey, dataSeq, phaseData, related = [] } = item;
  if (!isDataKey(dataKey)) return { code: "PHASE_DATA_KEY_MALFORMED" };
  if (dataSeq !== undefined && !isDataKey(dataSeq)) return { code: "PHASE_DATA_SEQUENCE_MALFORMED" };
  if (phaseData === "") return { code: "VALUE_EMPTY" };
  if (kind === "digest" && !/^[0-9a-fA-F]{64}$/.test(phaseData)) return { code: "PHASE_DIGEST_MALFORMED" };
  if (!phaseData.isWellFormed()) return { code: "VALUE_MALFORMED" };
  if (isTextTooLong(phaseData)) return { code: tooLong };
  const { relatedMax } = collaborationLimits;
  if (related.length > relatedMax) return relatedFault(`An item refers to at most ${relatedMax} others.`);
  for (const each of related) {
    const isNamed = isDataKey(each.dataKey) && (each.dataSeq === undefined || isDataKey(each.dataSeq));
    if (!isNamed) return relatedFault("A key or sequence of related data is malformed.");
    if (!each.phaseData.isWellFormed()) return relatedFault("Related data is not well-formed Unicode.");
  }
  return undefined;
}

function relatedFault(message: string): ItemFault {
  return { code: "RELATED_DATA_REFUSED", message };
}

function requireItem(item: PhaseItemJson, kind: DataKind, tooLong: "VALUE_TOO_LONG" | "BATCH_VALUE_TOO_LONG"): void {
  const fault = findItemFault(item, kind, tooLong);
  if (fault !== undefined) refuse(fault.code, fault.message);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function toItem(parsed: unknown): PhaseItemJson | undefined {
  const fields = toFields(parsed, ["dataKey", "phaseData"], ["dataSeq"], "related");
  if (fields === undefined) return undefined;
  const { texts, list } = fields;
  const item = { dataKey: texts["dataKey"] ?? "", phaseData: texts["phaseData"] ?? "", ...sequenceOf(texts) };
  if (list === undefined) return item;
  const related = list.map(toRelated);
  return related.some((each) => each === undefined)
    ? undefined
    : { ...item, related: related.filter((each) => each !== undefined) };
}

function toRelated(parsed: unknown): RelatedItemJson | undefined {
  const fields = toFields(parsed, ["phaseId", "dataKey", "phaseData"], ["dataSeq", "phaseCode"]);
  if (fields === undefined) return undefined;
  const { texts } = fields;
  const { phaseId = "", phaseCode, dataKey = "", phaseData = "" } = texts;
  return { phaseId, ...(phaseCode === undefined ? {} : { phaseCode }), dataKey, phaseData, ...sequenceOf(texts) };
}

function sequenceOf({ dataSeq }: Readonly<Record<string, string>>): { readonly dataSeq?: string } {
  return dataSeq === undefined ? {} : { dataSeq };
}

/** The members of an object that has all the required texts, may have the optional ones and a list, and nothing else. */
function toFields(parsed: unknown, required: readonly string[], optional: readonly string[], listName?: string) {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const texts: Record<string, string> = {};
  let list: readonly unknown[] | undefined;
  for (const [name, value] of Object.entries(parsed)) {
    if (name === listName && Array.isArray(value)) list = value;
    else if (typeof value === "string" && (required.includes(name) || optional.includes(name))) texts[name] = value;
    else return undefined;
  }
  return required.every((name) => texts[name] !== undefined) ? { texts, list } : undefined;
}

/**
 * What makes a value a batch, and how a batch keeps its text. The vendor's document names batches only in its error
 * table, so this file is one reading of it and can be replaced as a whole.
 *
 * A value is a batch when it is a JSON array of at least one object, and every object has exactly two members, `key`
 * and `value` in any letter case, both of them text. Every other value is a plain value: an empty array, an item
 * with a third or repeated member, with a number as its value, or with text that UTF-8 cannot hold.
 *
 * The row of a batch keeps its text with a hole (`""`) in place of each item's value, for the values stand in the
 * rows of the items. A value that was written with other escapes than `JSON.stringify` uses stays in the
 * text, so that the text reads back to the byte.
 * @source Aliyun LTL document, section 4.2.6 (-218 to -222, -318)
 */

import { findStringLiterals, type StringLiteral } from "./json-strings.ts";
import { type EvidenceKey, parseWritableEvidenceKey } from "./key.ts";
import { evidenceLimits } from "./limits.ts";
import type { EvidenceRefusalCode } from "./refusals.ts";

export interface BatchItem {
  readonly key: string;
  readonly value: string;
}

export interface Batch {
  readonly text: string;
  readonly items: readonly BatchItem[];
  /** Where each item's value stands in the text. */
  readonly valueLiterals: readonly StringLiteral[];
}

const hole = '""';

/** Answers undefined for a plain value. The number of items is not limited here: {@link findBatchFault} does. */
export function parseBatch(text: string): Batch | undefined {
  if (!/^[ \t\n\r]*\[/.test(text)) return undefined;
  const entries = parseArray(text);
  if (entries === undefined || entries.length === 0) return undefined;
  const literals = findStringLiterals(text);
  // Two names and two texts an item; more means a repeated member, of which JSON.parse shows only the last.
  if (literals.length !== 4 * entries.length) return undefined;
  const items: BatchItem[] = [];
  const valueLiterals: StringLiteral[] = [];
  for (const [index, entry] of entries.entries()) {
    const item = toItem(entry);
    const literal = item === undefined ? undefined : literals[4 * index + (item.valueFirst ? 1 : 3)];
    if (item === undefined || literal === undefined) return undefined;
    items.push({ key: item.key, value: item.value });
    valueLiterals.push(literal);
  }
  return { text, items, valueLiterals };
}

export type BatchFault = Extract<
  EvidenceRefusalCode,
  | "EVIDENCE_KEY_MALFORMED"
  | "VALUE_EMPTY"
  | "BATCH_MIXED"
  | "BATCH_KEY_REPEATED"
  | "BATCH_TOO_LARGE"
  | "BATCH_VALUE_TOO_LONG"
  | "VALUE_TOO_LONG"
>;

/** The first rule that a batch breaks, in the order of the document's error table; those that need the ledger aside. */
export function findBatchFault(outerKeyText: string, outer: EvidenceKey, batch: Batch): BatchFault | undefined {
  const keys = batch.items.map((item) => parseWritableEvidenceKey(item.key));
  if (keys.some((key) => key === undefined)) return "EVIDENCE_KEY_MALFORMED";
  if (batch.items.some((item) => item.value === "")) return "VALUE_EMPTY";
  if (keys.some((key) => key?.chainCode !== outer.chainCode || key.dataTypeCode !== outer.dataTypeCode)) {
    return "BATCH_MIXED";
  }
  const distinct = new Set(batch.items.map((item) => item.key)).add(outerKeyText);
  if (distinct.size !== batch.items.length + 1) return "BATCH_KEY_REPEATED";
  if (batch.items.length > evidenceLimits.batchItemsMax) return "BATCH_TOO_LARGE";
  if (batch.items.some((item) => isValueTooLong(item.value))) return "BATCH_VALUE_TOO_LONG";
  return Buffer.byteLength(batch.text) > evidenceLimits.batchTextBytesMax ? "VALUE_TOO_LONG" : undefined;
}

export function isValueTooLong(value: string): boolean {
  // A UTF-16 unit makes one to three bytes: most values need no count.
  if (value.length * 3 <= evidenceLimits.valueBytesMax) return false;
  return Buffer.byteLength(value) > evidenceLimits.valueBytesMax;
}

/** The text with holes. */
export function batchToSkeleton(batch: Batch): string {
  const replacements = batch.items.map(({ value }, index) => {
    const literal = batch.valueLiterals[index];
    const written = literal === undefined ? "" : batch.text.slice(literal.start, literal.end);
    return written === JSON.stringify(value) ? hole : written;
  });
  return replaceLiterals(batch.text, batch.valueLiterals, replacements);
}

/** The text as it was submitted; `values` has one value for each item, in order. */
export function skeletonToText(skeleton: Batch, values: readonly string[]): string {
  const replacements = skeleton.valueLiterals.map((literal, index) =>
    skeleton.items[index]?.value === ""
      ? JSON.stringify(values[index])
      : skeleton.text.slice(literal.start, literal.end),
  );
  return replaceLiterals(skeleton.text, skeleton.valueLiterals, replacements);
}

function replaceLiterals(text: string, literals: readonly StringLiteral[], replacements: readonly string[]): string {
  let result = "";
  let position = 0;
  for (const [index, literal] of literals.entries()) {
    result += text.slice(position, literal.start) + (replacements[index] ?? "");
    position = literal.end;
  }
  return result + text.slice(position);
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function toItem(entry: unknown): (BatchItem & { readonly valueFirst: boolean }) | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return undefined;
  const [first, second, ...others] = Object.entries(entry);
  if (first === undefined || second === undefined || others.length > 0) return undefined;
  const valueFirst = first[0].toLowerCase() === "value";
  const [key, value] = valueFirst ? [second, first] : [first, second];
  if (key[0].toLowerCase() !== "key" || value[0].toLowerCase() !== "value") return undefined;
  if (!isText(key[1]) || !isText(value[1])) return undefined;
  return { key: key[1], value: value[1], valueFirst };
}

function isText(part: unknown): part is string {
  return typeof part === "string" && part.isWellFormed();
}

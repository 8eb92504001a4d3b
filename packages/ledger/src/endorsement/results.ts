import { EncodingInvalidError } from "../encoding/errors.ts";
import { compareKeys } from "../encoding/names.ts";
import { WireWriter } from "../encoding/wire-writer.ts";
import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import type { MetadataWrite, NamespaceResults, RangeQuery, ReadItem, WriteItem } from "./ports.ts";

const writer = new WireWriter(16_384);

/**
 * A serialized `ledger.rwset.TxReadWriteSet` in one form: namespaces ascending, reads, writes and metadata writes ascending by the UTF-8 bytes
 * of the key, range queries in the order given.
 * @throws EncodingInvalidError when a namespace, or a key in one list, occurs twice, or a text holds a lone surrogate
 * @source fabric-protos ledger/rwset/rwset.proto, ledger/rwset/kvrwset/kv_rwset.proto
 */
export function encodeResults(namespaces: readonly NamespaceResults[]): Uint8Array {
  writer.reset();
  const names = sorted(namespaces, (entry) => entry.namespace);
  for (const entry of names.toReversed()) {
    const mark = writer.length;
    writeSet(entry);
    writer.closeUnlessEmpty(2, mark); // NsReadWriteSet.rwset
    writer.stringField(1, entry.namespace);
    writer.close(2, mark); // TxReadWriteSet.ns_rwset
  }
  return writer.copySince(0).slice();
}

function writeSet(entry: NamespaceResults): void {
  for (const item of sorted(entry.metadataWrites, keyOf).toReversed()) writeMetadata(item);
  for (const item of sorted(entry.writes, keyOf).toReversed()) writeWrite(item);
  for (const item of entry.rangeQueries.toReversed()) writeRangeQuery(item);
  for (const item of sorted(entry.reads, keyOf).toReversed()) writeRead(item);
}

function writeRead({ key, version }: ReadItem): void {
  const mark = writer.length;
  if (version !== undefined) {
    writer.varintField(2, version.index);
    writer.varintField(1, version.block);
    writer.close(2, mark);
  }
  writer.stringField(1, key);
  writer.close(1, mark);
}

function writeRangeQuery(query: RangeQuery): void {
  const mark = writer.length;
  for (const read of query.reads.toReversed()) writeRead(read);
  writer.close(4, mark); // RangeQueryInfo.raw_reads: a choice, so written even when it is empty
  writer.booleanField(3, query.exhausted);
  writer.stringField(2, query.end);
  writer.stringField(1, query.start);
  writer.close(2, mark);
}

function writeWrite({ key, value }: WriteItem): void {
  const mark = writer.length;
  if (value === undefined) writer.booleanField(2, true);
  else writer.bytesField(3, value);
  writer.stringField(1, key);
  writer.close(3, mark);
}

function writeMetadata({ key, entries }: MetadataWrite): void {
  const mark = writer.length;
  for (const { name, value } of sorted(entries, (entry) => entry.name).toReversed()) {
    const entryMark = writer.length;
    writer.bytesField(2, value);
    writer.stringField(1, name);
    writer.close(2, entryMark);
  }
  writer.stringField(1, key);
  writer.close(4, mark);
}

function keyOf(item: { readonly key: string }): string {
  return item.key;
}

function sorted<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  if (items.length < 2) return items;
  const result = items.toSorted((a, b) => compareKeys(nameOf(a), nameOf(b)));
  for (let index = 1; index < result.length; index++) {
    const [before, item] = [result[index - 1], result[index]];
    if (before !== undefined && item !== undefined && nameOf(before) === nameOf(item))
      throw new EncodingInvalidError("A read-write set names a namespace or key twice.");
  }
  return result;
}

/** A read-write set as somebody wrote it, with what this ledger does not take named. */
export interface ReadResults {
  readonly namespaces: readonly NamespaceResults[];
  /** Private data: not supported. */
  readonly hasCollections: boolean;
}

/**
 * Reads a `TxReadWriteSet` leniently: order and repetition are the caller's to judge. Undefined when it is malformed, of another data model than
 * key and value, or says only by a hash what a range query has read.
 */
export function decodeResults(bytes: Uint8Array): readonly NamespaceResults[] | undefined {
  const results = readResults(bytes);
  return results === undefined || results.hasCollections ? undefined : results.namespaces;
}

export function readResults(bytes: Uint8Array): ReadResults | undefined {
  return readOrUndefined(() => {
    const reader = FieldReader.of(bytes, singular(1));
    const namespaces: NamespaceResults[] = [];
    let hasCollections = false;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1 && reader.int32() !== 0) return undefined;
      if (field === 2) {
        const entry = readNamespace(reader.message(singular(1, 2)));
        namespaces.push(entry.results);
        hasCollections ||= entry.hasCollections;
      }
    }
    return { namespaces, hasCollections };
  });
}

function readNamespace(reader: FieldReader) {
  const reads: ReadItem[] = [];
  const rangeQueries: RangeQuery[] = [];
  const writes: WriteItem[] = [];
  const metadataWrites: MetadataWrite[] = [];
  let namespace = "";
  let hasCollections = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) namespace = reader.string();
    else if (field === 3) hasCollections = true;
    else if (field === 2) {
      const set = reader.message(0);
      for (let part = set.next(); part !== 0; part = set.next()) {
        if (part === 1) reads.push(readRead(set.message(singular(1, 2))));
        else if (part === 2) rangeQueries.push(readRangeQuery(set.message(singular(1, 2, 3, 4, 5))));
        else if (part === 3) writes.push(readWrite(set.message(singular(1, 2, 3))));
        else if (part === 4) metadataWrites.push(readMetadata(set.message(singular(1))));
      }
    }
  }
  return { results: { namespace, reads, rangeQueries, writes, metadataWrites }, hasCollections };
}

function readRead(reader: FieldReader): ReadItem {
  let key = "";
  let version: ReadItem["version"];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.string();
    else if (field === 2) version = readVersion(reader.message(singular(1, 2)));
  }
  return version === undefined ? { key } : { key, version };
}

function readVersion(reader: FieldReader): { block: number; index: number } {
  const version = { block: 0, index: 0 };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) version.block = reader.uint();
    else if (field === 2) version.index = reader.uint();
  }
  return version;
}

function readRangeQuery(reader: FieldReader): RangeQuery {
  const reads: ReadItem[] = [];
  let [start, end, exhausted] = ["", "", false];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) start = reader.string();
    else if (field === 2) end = reader.string();
    else if (field === 3) exhausted = reader.boolean();
    else if (field === 4) {
      const rows = reader.message(0);
      for (let part = rows.next(); part !== 0; part = rows.next()) {
        if (part === 1) reads.push(readRead(rows.message(singular(1, 2))));
      }
    } else if (field === 5) throw new EncodingInvalidError("A range query is given by the hash of its reads.");
  }
  return { start, end, exhausted, reads };
}

const NOTHING = new Uint8Array(0);

function readWrite(reader: FieldReader): WriteItem {
  let key = "";
  let isDelete = false;
  let value: Uint8Array = NOTHING;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.string();
    else if (field === 2) isDelete = reader.boolean();
    else if (field === 3) value = reader.view();
  }
  return { key, value: isDelete ? undefined : value };
}

function readMetadata(reader: FieldReader): MetadataWrite {
  const entries: { name: string; value: Uint8Array }[] = [];
  let key = "";
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.string();
    else if (field === 2) entries.push(readEntry(reader.message(singular(1, 2))));
  }
  return { key, entries };
}

function readEntry(reader: FieldReader): { name: string; value: Uint8Array } {
  const entry = { name: "", value: NOTHING as Uint8Array };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) entry.name = reader.string();
    else if (field === 2) entry.value = reader.view();
  }
  return entry;
}

import { Fault, faultUnless } from "../../core/fault.ts";
import { ForeignMessage, type Span } from "../../core/foreign-message.ts";
import { type KeyMetadata, readMetadata } from "./policy-rows.ts";

export interface ResultRead {
  readonly key: Span;
  /** -1 for a key read as absent. */
  readonly block: number;
  readonly index: number;
}

export interface ResultWrite {
  readonly key: string;
  readonly span: Span;
  /** Undefined: a deletion. */
  readonly value: Uint8Array | undefined;
}

/** What a transaction read and wrote in one namespace. Spans are of the bytes that were read. */
export interface NamespaceResults {
  readonly name: string;
  readonly span: Span;
  /** Raw reads of range queries stand behind the others. */
  readonly reads: readonly ResultRead[];
  readonly writes: readonly ResultWrite[];
  readonly metadata: readonly KeyMetadata[];
}

/**
 * Reads a TxReadWriteSet and checks what it must be in itself.
 * @throws Fault
 * @source docs/reference/ledger-format.md section 10; Fabric's rwset.proto, kv_rwset.proto
 */
export function readResults(bytes: Uint8Array, span: Span): readonly NamespaceResults[] {
  const results = new ForeignMessage(bytes, { 1: "number", 2: "many" }, span);
  faultUnless(results.int32(1) === 0, "its read-write set has another data model");
  const names = new Set<string>();
  return results.messages(2, { 1: "bytes", 2: "bytes", 3: "many" }).map((entry) => {
    const name = entry.text(1);
    once(names, name, "its read-write set has a namespace twice");
    faultUnless(name !== "" && !name.includes("$"), "its read-write set has an impossible namespace");
    faultUnless(!entry.has(3), "its read-write set has a collection, which this ledger does not take");
    return readNamespace(name, entry);
  });
}

function readNamespace(name: string, entry: ForeignMessage): NamespaceResults {
  const set = entry.message(2, { 1: "many", 2: "many", 3: "many", 4: "many" });
  const keysRead = new Set<string>();
  const reads = set.messages(1, READ_FIELDS).map((read) => {
    once(keysRead, read.text(1), "its read-write set reads a key twice");
    return readRead(read);
  });
  const raw = set.messages(2, { 1: "bytes", 2: "bytes", 3: "number", 4: "bytes", 5: "bytes" }).flatMap((query) => {
    faultUnless(!query.has(5), "its read-write set gives a range query by hashes, which this ledger does not take");
    query.text(1);
    query.text(2);
    return query.message(4, { 1: "many" }).messages(1, READ_FIELDS).map(readRead);
  });
  const keysWritten = new Set<string>();
  const writes = set.messages(3, { 1: "bytes", 2: "number", 3: "bytes" }).map((write) => {
    const key = write.text(1);
    once(keysWritten, key, "its read-write set writes a key twice");
    return { key, span: write.span(1), value: write.isZero(2) ? write.value(3) : undefined };
  });
  const keysMarked = new Set<string>();
  const metadata = set.messages(4, { 1: "bytes", 2: "many" }).map((write) => {
    const read = readMetadata(write);
    once(keysMarked, read.key, "its read-write set writes the metadata of a key twice");
    faultUnless(keysWritten.has(read.key), "its read-write set has metadata of a key that it does not write");
    return read;
  });
  return { name, span: entry.span(1), reads: [...reads, ...raw], writes, metadata };
}

const READ_FIELDS = { 1: "bytes", 2: "bytes" } as const;

function readRead(read: ForeignMessage): ResultRead {
  read.text(1);
  const key = read.span(1);
  if (!read.has(2)) return { key, block: -1, index: -1 };
  const version = read.message(2, { 1: "number", 2: "number" });
  return { key, block: version.uint(1), index: version.uint(2) };
}

function once(seen: Set<string>, value: string, message: string): void {
  if (seen.has(value)) throw new Fault(message);
  seen.add(value);
}

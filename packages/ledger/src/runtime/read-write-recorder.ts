import type { NamespaceResults, RangeQuery, ReadItem } from "../endorsement/ports.ts";
import { ledgerErrors } from "../errors.ts";
import type { Version } from "../state/ports.ts";

/** Keys that one simulation may read and write: more fit in no envelope. */
const ITEMS_MAX = 250_000;
/** Bytes of values, keys and metadata that one simulation may write. */
const WRITTEN_BYTES_MAX = 10 * 2 ** 20;

/** A range query under way: what it has read so far. */
export interface RecordedRange {
  /** The next row in order. */
  read(key: string, version: Version): void;
  /** There is nothing more up to the end that was asked for. */
  exhausted(): void;
}

interface Recorded {
  readonly reads: Map<string, ReadItem>;
  readonly ranges: MutableRange[];
  readonly writes: Map<string, Uint8Array | undefined>;
  readonly metadata: Map<string, readonly { readonly name: string; readonly value: Uint8Array }[]>;
}

type MutableRange = { -readonly [Name in keyof RangeQuery]: RangeQuery[Name] } & { reads: ReadItem[] };

/**
 * The read-write set of a simulation while it grows. Of several writes of a key the last counts; a range query that is not read to its end ends, as
 * on Fabric, with the last key that it gave.
 */
export class ReadWriteRecorder {
  readonly #namespaces = new Map<string, Recorded>();
  #items = 0;
  #writtenBytes = 0;

  read(namespace: string, key: string, version: Version | undefined): void {
    const { reads } = this.#of(namespace);
    if (!reads.has(key)) this.#count();
    reads.set(key, version === undefined ? { key } : { key, version });
  }

  range(namespace: string, start: string, end: string): RecordedRange {
    const { ranges } = this.#of(namespace);
    const range: MutableRange = { start, end: "", exhausted: false, reads: [] };
    let isListed = false;
    const list = () => {
      if (!isListed) ranges.push(range);
      isListed = true;
    };
    return {
      read: (key, version) => {
        this.#count();
        list();
        range.reads.push({ key, version });
        range.end = key;
      },
      exhausted: () => {
        list();
        range.exhausted = true;
        range.end = end;
      },
    };
  }

  write(namespace: string, key: string, value: Uint8Array | undefined): void {
    this.#countWritten(key, value?.length ?? 0);
    this.#of(namespace).writes.set(key, value);
  }

  writeMetadata(
    namespace: string,
    key: string,
    entries: readonly { readonly name: string; readonly value: Uint8Array }[],
  ): void {
    this.#countWritten(
      key,
      entries.reduce((sum, { name, value }) => sum + name.length + value.length, 0),
    );
    this.#of(namespace).metadata.set(key, entries);
  }

  /** Writes so far, of all namespaces. */
  *writes(): Generator<{ readonly namespace: string; readonly key: string; readonly value: Uint8Array | undefined }> {
    for (const [namespace, { writes }] of this.#namespaces) {
      for (const [key, value] of writes) yield { namespace, key, value };
    }
  }

  /** Keys whose metadata is written. */
  *metadataKeys(): Generator<{ readonly namespace: string; readonly key: string }> {
    for (const [namespace, { metadata }] of this.#namespaces) {
      for (const key of metadata.keys()) yield { namespace, key };
    }
  }

  hasWrite(namespace: string, key: string): boolean {
    return this.#namespaces.get(namespace)?.writes.has(key) === true;
  }

  dropMetadata(namespace: string, key: string): void {
    this.#namespaces.get(namespace)?.metadata.delete(key);
  }

  /** Namespaces in which something was read or written. */
  results(): readonly NamespaceResults[] {
    const all: NamespaceResults[] = [];
    for (const [namespace, { reads, ranges, writes, metadata }] of this.#namespaces) {
      if (reads.size + ranges.length + writes.size === 0) continue;
      all.push({
        namespace,
        reads: [...reads.values()],
        rangeQueries: distinct(ranges),
        writes: [...writes].map(([key, value]) => ({ key, value })),
        metadataWrites: [...metadata].map(([key, entries]) => ({ key, entries })),
      });
    }
    return all;
  }

  #of(namespace: string): Recorded {
    let recorded = this.#namespaces.get(namespace);
    if (recorded === undefined) {
      recorded = { reads: new Map(), ranges: [], writes: new Map(), metadata: new Map() };
      this.#namespaces.set(namespace, recorded);
    }
    return recorded;
  }

  #count(): void {
    this.#items += 1;
    if (this.#items > ITEMS_MAX) {
      throw ledgerErrors.simulationRefused(`A simulation reads and writes ${ITEMS_MAX} keys at most.`);
    }
  }

  #countWritten(key: string, bytes: number): void {
    this.#count();
    this.#writtenBytes += key.length + bytes;
    if (this.#writtenBytes > WRITTEN_BYTES_MAX) {
      throw ledgerErrors.transactionTooLarge(this.#writtenBytes, WRITTEN_BYTES_MAX);
    }
  }
}

/** The same query made twice is checked once. */
function distinct(ranges: readonly RangeQuery[]): readonly RangeQuery[] {
  return [
    ...new Map(ranges.map((range) => [JSON.stringify([range.start, range.end, range.exhausted]), range])).values(),
  ];
}

import { compareKeys } from "../encoding/names.ts";
import { WireReader } from "../encoding/wire-reader.ts";
import { WireWriter } from "../encoding/wire-writer.ts";
import type { MetadataWrite } from "../endorsement/ports.ts";

/** Where the metadata of a namespace's keys stands. No contract's name has a `$`. */
export function metadataNamespace(namespace: string): string {
  return `${namespace}$meta`;
}

/**
 * The value of a key's row in {@link metadataNamespace}: a serialized `KVMetadataWrite`, entries ascending by name. Undefined when there are none: no
 * metadata has no row.
 * @source docs/reference/ledger-format.md section 10
 */
export function encodeMetadataRow({ key, entries }: MetadataWrite): Uint8Array | undefined {
  if (entries.length === 0) return undefined;
  const writer = new WireWriter(256);
  for (const { name, value } of entries.toSorted((a, b) => compareKeys(b.name, a.name))) {
    const mark = writer.length;
    writer.bytesField(2, value);
    writer.stringField(1, name);
    writer.close(2, mark);
  }
  writer.stringField(1, key);
  return writer.detach();
}

/** Reads what {@link encodeMetadataRow} wrote. @throws EncodingInvalidError */
export function decodeMetadataRow(row: Uint8Array): MetadataWrite {
  const reader = new WireReader(row);
  const key = reader.string(1);
  const entries: { name: string; value: Uint8Array }[] = [];
  while (reader.accept(2)) {
    const outer = reader.enterAccepted();
    entries.push({ name: reader.string(1), value: reader.bytes(2) });
    reader.leave(outer);
  }
  reader.end();
  return { key, entries };
}

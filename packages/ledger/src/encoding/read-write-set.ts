import type { KeyRead, KeyVersion, KeyWrite } from "./envelope.ts";
import type { WireReader } from "./wire-reader.ts";

/**
 * Reads `ChaincodeAction.results`: a `TxReadWriteSet` with exactly one namespace. Without `withReads` the reads are passed
 * over and the answer's list is empty.
 * @source fabric-protos ledger/rwset/rwset.proto, ledger/rwset/kvrwset/kv_rwset.proto
 */
export function readReadWriteSet(
  reader: WireReader,
  withReads: boolean,
): { readonly namespace: string; readonly reads: readonly KeyRead[]; readonly writes: readonly KeyWrite[] } {
  const outer = reader.enter(1);
  const outerSet = reader.enter(2);
  const namespace = reader.string(1);
  const reads: KeyRead[] = [];
  const writes: KeyWrite[] = [];
  if (reader.accept(2)) {
    const outerKeys = reader.enterAccepted();
    if (withReads) while (reader.accept(1)) reads.push(readRead(reader));
    else while (reader.accept(1)) reader.skipAccepted();
    while (reader.accept(3)) writes.push(readWrite(reader));
    reader.leave(outerKeys);
  }
  reader.leave(outerSet);
  reader.leave(outer);
  return { namespace, reads, writes };
}

function readRead(reader: WireReader): KeyRead {
  const outer = reader.enterAccepted();
  const key = reader.string(1);
  const version = reader.accept(2) ? readVersion(reader) : undefined;
  reader.leave(outer);
  return version === undefined ? { key } : { key, version };
}

function readVersion(reader: WireReader): KeyVersion {
  const outer = reader.enterAccepted();
  const block = reader.varint(1);
  const index = reader.varint(2);
  reader.leave(outer);
  return { block, index };
}

function readWrite(reader: WireReader): KeyWrite {
  const outer = reader.enterAccepted();
  const key = reader.string(1);
  const isDelete = reader.boolean(2);
  const value = isDelete ? undefined : reader.bytes(3);
  reader.leave(outer);
  return { key, value };
}

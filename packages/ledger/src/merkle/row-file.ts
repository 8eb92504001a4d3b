import { type FileHandle, InvariantError } from "@concordat/base";
import { MerkleLogDamagedError } from "./errors.ts";
import { HASH_BYTES } from "./hash.ts";

/** Rows of 32 bytes in a flat file; those not written yet are held in memory and read from there. */
export interface RowFile {
  push(row: Uint8Array): void;
  /** @throws MerkleLogDamagedError when the file ends before the row */
  read(row: number): Uint8Array;
  flush(): Promise<void>;
  /** Drops the rows from `count` on, written or not. */
  truncate(count: number): Promise<void>;
  damaged(row: number): MerkleLogDamagedError;
  close(): Promise<void>;
}

/** `firstRow` is the number of the row at offset 0; `endRow` is one past the last row that counts as written. */
export function createRowFile(path: string, handle: FileHandle, firstRow: number, endRow: number): RowFile {
  let pending = Buffer.alloc(HASH_BYTES * 1024);
  let pendingRows = 0;
  let writtenEnd = endRow;
  let lastWrite: Promise<void> = Promise.resolve();
  const damaged = (row: number) => new MerkleLogDamagedError({ path, row });
  const offsetOf = (row: number) => (row - firstRow) * HASH_BYTES;

  async function writePending(): Promise<void> {
    const count = pendingRows;
    if (count === 0) return;
    await handle.write(pending.subarray(0, count * HASH_BYTES), offsetOf(writtenEnd));
    // Rows pushed during the write stand behind those just written, perhaps in a larger buffer.
    pending.copyWithin(0, count * HASH_BYTES, pendingRows * HASH_BYTES);
    pendingRows -= count;
    writtenEnd += count;
  }

  /** One write at a time: a failed one leaves its rows pending and does not poison the next. */
  function queue(work: () => Promise<void>): Promise<void> {
    const result = lastWrite.then(work);
    lastWrite = result.catch(() => undefined);
    return result;
  }

  return {
    push(row) {
      if (row.length !== HASH_BYTES) throw new InvariantError("A tree hash has 32 bytes.");
      if ((pendingRows + 1) * HASH_BYTES > pending.length) {
        const larger = Buffer.alloc(pending.length * 2);
        larger.set(pending);
        pending = larger;
      }
      pending.set(row, pendingRows * HASH_BYTES);
      pendingRows += 1;
    },
    read(row) {
      const bytes = new Uint8Array(HASH_BYTES);
      if (row < firstRow || row >= writtenEnd + pendingRows) throw damaged(row);
      if (row >= writtenEnd) {
        const at = (row - writtenEnd) * HASH_BYTES;
        bytes.set(pending.subarray(at, at + HASH_BYTES));
      } else if (handle.readSync(bytes, offsetOf(row)) !== HASH_BYTES) {
        throw damaged(row);
      }
      return bytes;
    },
    flush: () => queue(writePending),
    truncate: (count) =>
      queue(async () => {
        if (count < firstRow) throw new InvariantError("Rows before the file's first cannot be dropped.");
        if (count >= writtenEnd) {
          pendingRows = Math.min(pendingRows, count - writtenEnd);
          return;
        }
        pendingRows = 0;
        await handle.truncate(offsetOf(count));
        writtenEnd = count;
      }),
    damaged,
    close: () => queue(() => handle.close()),
  };
}

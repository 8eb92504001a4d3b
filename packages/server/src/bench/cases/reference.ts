import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import { type Measured, measureCalls } from "../measure.ts";

/** What an envelope of the evidence contract takes on disk, besides its value, which stands in it twice. */
const ENVELOPE_BYTES = 2_100;
const BLOCK_TRANSACTIONS_MAX = 500;

/**
 * What the disk alone would allow: calls in flight are gathered into blocks of as many bytes as the engine writes, and each block is
 * one append and one fdatasync. Nothing is executed, hashed, signed or indexed.
 */
export async function measureAppendAndSync(
  options: { readonly directory: string; readonly valueBytes: number },
  load: { readonly concurrency: number; readonly durationMs: number },
): Promise<Measured> {
  const path = join(options.directory, "reference");
  const file = await nodeFileSystem.open(path, { create: true });
  const transaction = Buffer.alloc(ENVELOPE_BYTES + 2 * options.valueBytes, "x");
  const whole = Buffer.concat(Array.from({ length: BLOCK_TRANSACTIONS_MAX }, () => transaction));
  let waiting: (() => void)[] = [];
  let position = 0;
  let writing = false;
  const write = async () => {
    writing = true;
    // Calls of one turn go into one block, as in the engine.
    await Promise.resolve();
    while (waiting.length > 0) {
      const block = waiting.splice(0, BLOCK_TRANSACTIONS_MAX);
      const bytes = whole.subarray(0, block.length * transaction.length);
      await file.write(bytes, position);
      await file.sync("bench");
      position += bytes.length;
      for (const resolve of block) resolve();
    }
    writing = false;
  };
  try {
    return await measureCalls(load, () => {
      const done = new Promise<void>((resolve) => waiting.push(resolve));
      if (!writing) void write();
      return done;
    });
  } finally {
    waiting = [];
    await file.close();
    await nodeFileSystem.remove(path);
  }
}

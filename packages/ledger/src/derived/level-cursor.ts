import type { KeyRange, Level } from "./level-types.ts";

const ROWS_FIRST = 32;
const ROWS_MAX = 1000;
const READ_AHEAD_BYTES = 1 << 18;

/**
 * Rows of a range as they are at the call: LevelDB takes the snapshot when its iterator is made. A hand-written
 * iterator, because an async generator that was never started would not release the snapshot on `return()`.
 */
export function levelCursor<Row>(
  database: Level,
  range: KeyRange,
  decode: (key: Uint8Array, value: Uint8Array) => Row | undefined,
): AsyncIterableIterator<Row> {
  const iterator = database.iterator({
    gte: range.start,
    lt: range.end,
    reverse: range.reverse === true,
    highWaterMarkBytes: READ_AHEAD_BYTES,
  });
  let page: [Uint8Array, Uint8Array][] = [];
  let position = 0;
  let pageRows = ROWS_FIRST;
  let ended = false;
  const finish = async () => {
    if (!ended) {
      ended = true;
      await iterator.close();
    }
    return { value: undefined, done: true } as const;
  };
  return {
    async next() {
      for (;;) {
        const entry = page[position];
        if (entry !== undefined && !ended) {
          position++;
          const row = decode(entry[0], entry[1]);
          if (row !== undefined) return { value: row, done: false };
          continue;
        }
        if (ended) return finish();
        page = await iterator.nextv(pageRows);
        position = 0;
        pageRows = ROWS_MAX;
        if (page.length === 0) return finish();
      }
    },
    return: finish,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

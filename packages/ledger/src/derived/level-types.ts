import type { ClassicLevel } from "classic-level";

export type Level = ClassicLevel<Uint8Array, Uint8Array>;

export type BatchOperation =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

/** Row keys from `start` (inclusive) to `end` (exclusive). */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly reverse?: boolean;
}

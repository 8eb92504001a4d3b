import { ConcordatError } from "@concordat/base";

/** Where damage was found. `block` is the first block that cannot be read; `offset` is in bytes from the start of the segment. */
export interface SegmentDamage {
  readonly block: number;
  /** File name of the segment. */
  readonly segment: string;
  readonly offset: number;
}

/** Files that hold acknowledged data are damaged or missing. Nothing was changed on disk. */
export class StoreDamagedError extends ConcordatError<"STORE_DAMAGED"> {
  constructor(summary: string, facts: SegmentDamage | { readonly file: string }, cause?: unknown) {
    super({
      code: "STORE_DAMAGED",
      summary,
      remedy: "Restore the channel's folder from a backup or a snapshot; do not edit it.",
      facts: { ...facts },
      cause,
    });
  }
}

export function damagedSegment(what: string, damage: SegmentDamage, cause?: unknown): StoreDamagedError {
  const place = `segment ${damage.segment}, offset ${damage.offset}`;
  return new StoreDamagedError(`Block ${damage.block}: ${what} (${place}).`, damage, cause);
}

/**
 * A write or sync failed. What it was to make durable may or may not be on disk, and a repeated sync could answer
 * success without having written: so the store takes nothing more until it is opened anew.
 */
export function storeFailed(file: string, cause: unknown): ConcordatError<"CHANNEL_FAILED"> {
  return new ConcordatError({
    code: "CHANNEL_FAILED",
    summary: `Writing to ${file} failed; it takes no more writes.`,
    remedy: "Check the disk, then open the channel again.",
    cause,
  });
}

export function storeClosed(): ConcordatError<"CLOSED"> {
  return new ConcordatError({ code: "CLOSED", summary: "The block store is closed." });
}

export function blockUnknown(number: number, firstBlock: number, height: number): ConcordatError<"BLOCK_UNKNOWN"> {
  return new ConcordatError({
    code: "BLOCK_UNKNOWN",
    summary: `Block ${number} is not stored; this store has blocks ${firstBlock} up to, not including, ${height}.`,
    facts: { block: number, firstBlock, height },
  });
}

/**
 * Every sync of the block store, the anchor and the channel folder, with what is lost without it.
 * A test drops each one in turn and shows the loss, so none may be added that protects nothing.
 */
export const SYNC_SITES = [
  /** A group of records (and, in a new segment, its header) before the group is acknowledged. */
  "segment-data",
  /** The name of a new segment before a block in it is acknowledged. */
  "segment-directory",
  /** At opening: blocks that a killed process left in the page cache only, and the cut of a torn tail, before anything is built on them. */
  "segment-recovery",
  /** At opening: the name of a last segment that no acknowledgement has covered yet. */
  "segment-directory-recovery",
  /** The name `segments` in the channel's folder before its first block. */
  "segments-folder",
  /** A slot written in place, before the height it names is acknowledged. */
  "anchor-data",
  /** The content of a whole new anchor file before it takes the name `anchor`. */
  "anchor-create",
  /** The name `anchor` before the height in it is acknowledged. */
  "anchor-directory",
  /** The name of a finished channel folder before its creation is acknowledged. */
  "channel-directory",
  /** At start: names of channel folders that a killed process had given but not synced. */
  "channel-recovery",
  /** The folder that holds the channel folders, and each missing folder above it. */
  "parent-directory",
] as const;

export type SyncSite = (typeof SYNC_SITES)[number];

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, parseCheckpoint } from "../core/checkpoint.ts";
import { parseTrustBundle, type TrustBundle } from "../core/trust.ts";
import { type ChannelReport, type LedgerProgress, verifyChannel } from "./channel.ts";

export interface VerifyLedgerOptions {
  /** The folder of an installation (with `channels/`), or that of one channel (with `segments/`). */
  readonly directory: string;
  /** A checkpoint held elsewhere, as text: the ledger must be an extension of it. */
  readonly since?: string;
  /** Parsed JSON of a trust bundle: its keys must have signed every block. */
  readonly trust?: unknown;
  readonly onProgress?: (progress: LedgerProgress) => void;
}

export interface LedgerReport {
  /** True when no channel has a fault and the given checkpoint was found. */
  readonly valid: boolean;
  readonly channels: readonly ChannelReport[];
  /** Faults of the whole rather than of one channel. */
  readonly faults: readonly string[];
  /** What the reader should know although it is no fault. */
  readonly notes: readonly string[];
}

/**
 * Checks a ledger from its segments and anchors alone, stopping each channel at its first fault. A server may be
 * writing to it at the same time.
 * @throws Fault when `since` or `trust` is malformed
 * @throws Error of node:fs when the folder is not there or holds no ledger (code ENOENT)
 * @source docs/reference/ledger-format.md sections 2 to 6
 */
export async function verifyLedger(options: VerifyLedgerOptions): Promise<LedgerReport> {
  const since = options.since === undefined ? undefined : parseCheckpoint(options.since);
  const trust = options.trust === undefined ? undefined : parseTrustBundle(options.trust);
  const channels: ChannelReport[] = [];
  for (const { directory, channelId } of channelFolders(options.directory)) {
    channels.push(await verifyChannel({ directory, channelId, since, trust, onProgress: options.onProgress }));
  }
  const faults =
    since === undefined || channels.some(({ origin }) => origin === since.origin) ? [] : [noSuchLog(since)];
  const valid = faults.length === 0 && channels.every((channel) => channel.faults.length === 0);
  return { valid, channels, faults, notes: [...notesOf(channels, since, trust)] };
}

interface ChannelFolder {
  readonly directory: string;
  readonly channelId: string | undefined;
}

function channelFolders(directory: string): ChannelFolder[] {
  if (existsSync(join(directory, "segments"))) return [{ directory, channelId: undefined }];
  const parent = join(directory, "channels");
  const folders = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => ({ directory: join(parent, name), channelId: name }))
    .sort((a, b) => (a.directory < b.directory ? -1 : 1));
}

function noSuchLog(since: Checkpoint): string {
  return `the given checkpoint is that of ${since.origin}, which is not here`;
}

function* notesOf(
  channels: readonly ChannelReport[],
  since: Checkpoint | undefined,
  trust: TrustBundle | undefined,
): Generator<string> {
  if (channels.length === 0) yield "There is no channel in this folder.";
  for (const { origin, height, firstBlock, authenticated, extendsSince, uncheckedPolicies, faults } of channels) {
    if (faults.length > 0) continue;
    if (uncheckedPolicies > 0)
      yield `${origin}: the snapshot's state is not here, so the endorsement policies of ${uncheckedPolicies} transactions were not checked; their signatures were.`;
    if (firstBlock > 0) yield `${origin}: imported from a snapshot, verified from block ${firstBlock} on.`;
    if (trust !== undefined && !authenticated) yield `${origin}: the trust bundle does not hold a key for every block.`;
    if (!extendsSince)
      yield `${origin}: without a checkpoint held elsewhere nothing can tell whether blocks from ${height} on ever existed.`;
    else
      yield `${origin}: holds the given checkpoint of block ${since?.block}; of later blocks than ${height - 1} nothing is known.`;
  }
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bytesToBase64 } from "../core/bytes.ts";
import { type Checkpoint, channelIdOf, hasSigned, isOrigin } from "../core/checkpoint.ts";
import { Fault, faultUnless } from "../core/fault.ts";
import { type TrustBundle, trustedKeys } from "../core/trust.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type Anchor, parseAnchor } from "./anchor.ts";
import { type LedgerBase, parseBase } from "./base.ts";
import { BlockVerifier } from "./block-verifier.ts";
import { SegmentReader } from "./segment-reader.ts";
import { loadPolicyRows } from "./snapshot-state.ts";

export interface LedgerFault {
  readonly block: number;
  readonly message: string;
}

export interface ChannelReport {
  /** Undefined when not even the first segment's header can be read. */
  readonly origin: string | undefined;
  readonly directory: string;
  /** Number of the block after the last one that was found good. */
  readonly height: number;
  /** Number of the first block that was checked: more than 0 for a channel imported from a snapshot. */
  readonly firstBlock: number;
  readonly transactions: number;
  /** How many of them were checked as which kind; those before a snapshot are in none. */
  readonly kinds: { readonly configuration: number; readonly serial: number; readonly optimistic: number };
  /** Optimistic ones whose endorsement policy may stand in a state before the snapshot that is not at hand. */
  readonly uncheckedPolicies: number;
  /** Base64. */
  readonly root: string;
  /** The note of the last good block; undefined when there is none. */
  readonly checkpoint: string | undefined;
  /** Every block is signed by a key of the trust bundle. */
  readonly authenticated: boolean;
  /** The ledger holds the checkpoint given as `since`. */
  readonly extendsSince: boolean;
  /** Empty, or the first fault: what stands behind it was not looked at. */
  readonly faults: readonly LedgerFault[];
}

export interface ChannelOptions {
  readonly directory: string;
  /** The name that the channel must have; undefined for a folder that may have any. */
  readonly channelId: string | undefined;
  readonly since: Checkpoint | undefined;
  readonly trust: TrustBundle | undefined;
  readonly onProgress: ((progress: LedgerProgress) => void) | undefined;
}

export interface LedgerProgress {
  readonly origin: string;
  /** Blocks checked so far, and the number that the anchor promises. */
  readonly height: number;
  readonly heightExpected: number;
  readonly transactions: number;
}

const SEGMENT_NAME = /^([0-9]{12})\.segment$/;
const PROGRESS_INTERVAL_BYTES = 16 * 2 ** 20;

/** Checks one channel's folder: `segments/` and `anchor`, and `snapshot/` where there is one. Never throws for what the files hold. */
export async function verifyChannel(options: ChannelOptions): Promise<ChannelReport> {
  const run = new ChannelRun(options);
  let fault: LedgerFault | undefined;
  try {
    await run.verify();
  } catch (error) {
    fault = { block: run.block, message: messageOf(error) };
  }
  await run.verifier?.signatures.drain(true);
  const signatureFault = run.verifier?.signatures.fault;
  if (signatureFault !== undefined && (fault === undefined || signatureFault.block < fault.block))
    fault = signatureFault;
  return run.report(fault);
}

class ChannelRun {
  verifier: BlockVerifier | undefined;
  readonly #options: ChannelOptions;
  #base: LedgerBase | undefined;
  #extendsSince = false;
  #origin: string | undefined;
  /** Set while a block that is good in itself is compared with what is known of it from elsewhere. */
  #comparedBlock: number | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** The block at which the checks stand. */
  get block(): number {
    return this.#comparedBlock ?? this.verifier?.height ?? this.#base?.height ?? 0;
  }

  /** The anchor is read first: a server that goes on writing only adds blocks to those it names. */
  async verify(): Promise<void> {
    const { directory } = this.#options;
    this.#base = readBase(join(directory, "snapshot"));
    const anchorBytes = readIfThere(join(directory, "anchor"));
    faultUnless(anchorBytes !== undefined, "there is no anchor, so lost blocks could not be noticed");
    const anchor = parseAnchor(anchorBytes);
    const names = segmentNames(join(directory, "segments"));
    faultUnless(names.length > 0 || this.#base !== undefined, "there are no segments");
    if (this.#base !== undefined) this.#beginAtBase(this.#base, anchor);
    for (const [at, name] of names.entries()) await this.#verifySegment(name, at === names.length - 1, anchor);
    this.#checkEnd(anchor);
  }

  report(fault: LedgerFault | undefined): ChannelReport {
    const { verifier } = this;
    return {
      origin: this.#origin,
      directory: this.#options.directory,
      height: fault?.block ?? this.block,
      firstBlock: this.#base?.height ?? 0,
      transactions: verifier?.transactions ?? 0,
      kinds: kindsOf(verifier?.kinds ?? []),
      uncheckedPolicies: verifier?.uncheckedPolicies ?? 0,
      root: bytesToBase64(verifier?.root() ?? new Uint8Array(0)),
      checkpoint: verifier?.checkpointText,
      authenticated: fault === undefined && verifier?.authenticated === true,
      extendsSince: fault === undefined && this.#extendsSince,
      faults: fault === undefined ? [] : [fault],
    };
  }

  async #verifySegment(name: string, isLast: boolean, anchor: Anchor): Promise<void> {
    const reader = new SegmentReader(join(this.#options.directory, "segments", name));
    try {
      const header = reader.readHeader();
      if (header === undefined && isLast && this.block >= anchor.height) return;
      faultUnless(header !== undefined, `segment ${name} ends inside its header`);
      const verifier = this.#verifierFor(header.origin, anchor);
      const named = Number(SEGMENT_NAME.exec(name)?.[1]);
      faultUnless(
        header.firstBlock === verifier.height && named === verifier.height,
        `segment ${name} does not begin with this block`,
      );
      await this.#verifyRecords(reader, verifier, isLast, anchor);
    } finally {
      reader.close();
    }
  }

  async #verifyRecords(reader: SegmentReader, verifier: BlockVerifier, isLast: boolean, anchor: Anchor): Promise<void> {
    let reported = reader.position;
    for (;;) {
      const state = reader.next();
      if (state !== "record") {
        if (state === "end") return;
        // Only what was never acknowledged may be torn, and only at the very end.
        const torn = isLast && verifier.height >= anchor.height && !reader.hasRecordBehind();
        faultUnless(torn, `the record is ${state}`);
        return;
      }
      verifier.verify(reader.bytes, reader.start, reader.end);
      this.#compare(verifier, anchor);
      if (verifier.signatures.isFull) await verifier.signatures.drain(false);
      if (verifier.signatures.fault !== undefined) return;
      if (reader.position - reported < PROGRESS_INTERVAL_BYTES) continue;
      reported = reader.position;
      this.#tell(verifier, anchor);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Compares the block just checked with the anchor and with the checkpoint given as `since`. */
  #compare({ checkpoint, checkpointText, height }: BlockVerifier, anchor: Anchor): void {
    const { since } = this.#options;
    this.#comparedBlock = height - 1;
    faultUnless(
      height !== anchor.height || checkpointText === anchor.checkpointText,
      "the anchor holds another checkpoint of this block",
    );
    if (since !== undefined && checkpoint?.block === since.block && since.origin === checkpoint.origin) {
      faultUnless(
        since.body === checkpoint.body,
        "the ledger does not extend the given checkpoint: it differs at this block",
      );
      this.#extendsSince = true;
    }
    this.#comparedBlock = undefined;
  }

  #checkEnd(anchor: Anchor): void {
    const { verifier } = this;
    const { since } = this.#options;
    if (verifier === undefined || verifier.signatures.fault !== undefined) return;
    faultUnless(
      verifier.height >= anchor.height,
      `blocks are lost: the anchor promises ${anchor.height} and the segments hold ${verifier.height}`,
    );
    if (since?.origin !== verifier.origin || this.#extendsSince) return;
    faultUnless(since.block < verifier.height, `blocks are lost: the given checkpoint is that of block ${since.block}`);
    throw new Fault(`the given checkpoint is that of block ${since.block}, which is before the first one held here`);
  }

  /** The snapshot's own block is compared as the blocks behind it are. */
  #beginAtBase(base: LedgerBase, anchor: Anchor): void {
    const verifier = this.#verifierFor(base.origin, anchor);
    const trusted = (this.#options.trust && trustedKeys(this.#options.trust, base.origin, base.height - 1)) ?? [];
    for (const key of trusted) {
      faultUnless(
        hasSigned(base.checkpoint, key, nodeCrypto),
        `the trust bundle's key of ${key.mspId} has not signed the snapshot's checkpoint`,
      );
    }
    this.#compare(verifier, anchor);
  }

  #verifierFor(origin: string, anchor: Anchor): BlockVerifier {
    const { channelId, trust } = this.#options;
    if (this.verifier !== undefined) {
      faultUnless(origin === this.verifier.origin, "the segment belongs to another log");
      return this.verifier;
    }
    faultUnless(isOrigin(origin), "the segment's origin is malformed");
    this.#origin = origin;
    faultUnless(channelId === undefined || channelIdOf(origin) === channelId, `the folder holds the log ${origin}`);
    faultUnless(anchor.checkpoint.origin === origin, "the anchor is that of another log");
    this.verifier = new BlockVerifier(origin, this.#base, trust);
    return this.verifier;
  }

  #tell(verifier: BlockVerifier, anchor: Anchor): void {
    const { origin, height, transactions } = verifier;
    this.#options.onProgress?.({ origin, height, heightExpected: anchor.height, transactions });
  }
}

function kindsOf([configuration = 0, serial = 0, optimistic = 0]: readonly number[]): ChannelReport["kinds"] {
  return { configuration, serial, optimistic };
}

function readBase(directory: string): LedgerBase | undefined {
  const base = readIfThere(join(directory, "base.json"));
  if (base === undefined) return undefined;
  const configs = readIfThere(join(directory, "configs.ndjson"));
  const parsed = parseBase(base.toString("utf8"), configs?.toString("utf8") ?? "");
  const state = join(directory, "state.ndjson");
  if (!existsSync(state)) return parsed;
  const manifest = readIfThere(join(directory, "manifest.json"))?.toString("utf8");
  return { ...parsed, loadPolicyRows: (rows) => loadPolicyRows(state, manifest, rows) };
}

function segmentNames(directory: string): string[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith(".segment"))
    .sort();
  for (const name of names)
    faultUnless(SEGMENT_NAME.test(name), `${basename(directory)}/${name} is not the name of a segment`);
  return names;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Fault) return error.message;
  return error instanceof Error ? `the files cannot be read: ${error.message}` : String(error);
}

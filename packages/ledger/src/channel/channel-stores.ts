import { bytesToHex, type FileSystem, type Logger, nodeFileSystem } from "@concordat/base";
import { type Anchor, openAnchor } from "../block-store/anchor.ts";
import { type BlockStore, openBlockStore } from "../block-store/block-store.ts";
import { type Checkpoint, parseCheckpoint } from "../checkpoint/note.ts";
import type { Contract } from "../contract-api/index.ts";
import { type Derived, openDerived } from "../derived/open-derived.ts";
import { headerHash } from "../encoding/block.ts";
import { ledgerErrors } from "../errors.ts";
import type { LedgerIndex } from "../history/ports.ts";
import { SM3_TREE } from "../merkle/hash.ts";
import { type MerkleLog, openMerkleLog } from "../merkle/log.ts";
import type { ChannelConfig } from "../ports.ts";
import { snapshotDirectory } from "../snapshot/files.ts";
import type { SnapshotBase } from "../snapshot/manifest.ts";
import type { StateDatabase } from "../state/ports.ts";
import { ReadBlock } from "./block-reader.ts";
import type { ChannelStart } from "./channel.ts";
import { CONFIG_KEY, CONFIG_NAMESPACE } from "./effects.ts";
import type { ConfigInForce } from "./organizations.ts";
import { readStoredBlock, recoverTree, replay } from "./replay.ts";

export interface ChannelStoreOptions {
  /** The channel's folder: the truth. */
  readonly directory: string;
  /** What can be rebuilt from it. */
  readonly derivedDirectory: string;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly segmentBytesMax?: number;
}

export interface ChannelStoreDependencies {
  /** Of segments, anchor and snapshot. Derived data always lies on the operating system's files, where its databases can reach it. */
  readonly fileSystem: FileSystem;
  readonly log: Logger;
}

/** Everything a channel keeps on disk: the truth (segments, anchor) and what is derived from it. */
export interface ChannelStores {
  readonly blocks: BlockStore;
  readonly anchor: Anchor;
  readonly state: StateDatabase;
  readonly index: LedgerIndex;
  readonly merkle: MerkleLog;
  /** The tree of the same leaves under SM3, in SM channels only. */
  readonly sm3: MerkleLog | undefined;
  /** Leaves that lie before the first stored block. */
  readonly baseSize: number;
  /** Configurations from before the snapshot that the channel was imported from. */
  readonly baseConfigs: readonly ConfigInForce[];
  close(): Promise<void>;
}

export interface OpenedChannel {
  readonly stores: ChannelStores;
  readonly start: ChannelStart;
}

/**
 * Opens a channel's stores and recovers them: torn tails are cut, derived stores are brought up to date or rebuilt.
 * @throws LedgerError STORE_DAMAGED
 */
export async function openChannelStores(
  options: ChannelStoreOptions,
  dependencies: ChannelStoreDependencies,
): Promise<OpenedChannel> {
  const base = await findBase(options.directory, dependencies.fileSystem);
  const truth = await openTruth(options, base, dependencies);
  await acceptUnacknowledged(truth, base);
  const baseConfigs = base?.configs ?? [];
  const first = baseConfigs.at(-1)?.config ?? (await readBlock(truth.blocks, 0)).config().config;
  const derived = await openDerivedStores(options, truth.blocks, base, first, dependencies);
  for (const tree of treesOf(derived)) await recoverTree(truth.blocks, tree, base?.frontier.size ?? 0);
  await replay(truth.blocks, derived, options.contracts);
  return {
    stores: {
      ...truth,
      ...derived,
      baseConfigs,
      baseSize: base?.frontier.size ?? 0,
      close: () => closeAll(truth, derived),
    },
    start: await startOf(truth.blocks, derived.index, base, baseConfigs),
  };
}

type Truth = Pick<ChannelStores, "blocks" | "anchor">;
type DerivedStores = Pick<ChannelStores, "state" | "index" | "merkle" | "sm3"> & { readonly derived: Derived };
type LocatedBase = SnapshotBase & {
  readonly proof: Checkpoint;
  readonly directory: string;
  readonly configs: readonly ConfigInForce[];
};

async function findBase(directory: string, fileSystem: FileSystem): Promise<LocatedBase | undefined> {
  const snapshot = snapshotDirectory(directory);
  if (!(await fileSystem.exists(snapshot))) return undefined;
  // Few channels are imported: the others do not load what reads snapshots.
  const [{ readBase }, { readConfigs }] = await Promise.all([
    import("../snapshot/manifest.ts"),
    import("../snapshot/load.ts"),
  ]);
  const configs = await readConfigs(fileSystem, snapshot);
  return { ...(await readBase(fileSystem, snapshot)), directory: snapshot, configs };
}

async function openTruth(
  options: ChannelStoreOptions,
  base: SnapshotBase | undefined,
  dependencies: ChannelStoreDependencies,
): Promise<Truth> {
  const { directory, segmentBytesMax } = options;
  const anchor = await openAnchor({ directory, mustExist: true }, dependencies);
  const { origin } = parseCheckpoint(anchor.current?.checkpoint ?? "");
  const blocks = await openBlockStore(
    {
      directory,
      origin,
      acknowledgedHeight: anchor.current?.height ?? base?.height ?? 0,
      ...(base === undefined ? {} : { firstBlock: base.height }),
      ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
    },
    dependencies,
  );
  return { blocks, anchor };
}

/**
 * Blocks above the anchor were written whole but never acknowledged. They stay: their writers may have been about to be told. The chain
 * up to them is checked, and the anchor is brought up to date before anything new is ordered.
 */
async function acceptUnacknowledged({ blocks, anchor }: Truth, base: LocatedBase | undefined): Promise<void> {
  const acknowledged = anchor.current?.height ?? base?.height ?? 0;
  let previous = base !== undefined && acknowledged === base.height ? base.proof.headerHash : new Uint8Array(0);
  if (anchor.current !== undefined && anchor.current.height > (base?.height ?? 0)) {
    const last = await readBlock(blocks, anchor.current.height - 1);
    if (last.stored.checkpoint !== anchor.current.checkpoint) {
      throw ledgerErrors.storeDamaged("The last acknowledged block is not the one that the anchor names.", {
        block: anchor.current.height - 1,
      });
    }
    previous = headerHash(last.stored);
  }
  for (let number = acknowledged; number < blocks.height; number += 1) {
    const { stored } = await readBlock(blocks, number);
    const own = headerHash(stored);
    if (
      bytesToHex(stored.previousHash) !== bytesToHex(previous) ||
      bytesToHex(stored.proof.headerHash) !== bytesToHex(own)
    ) {
      throw ledgerErrors.storeDamaged(`Block ${number} does not continue the chain.`, { block: number });
    }
    previous = own;
  }
  if (blocks.height > acknowledged) {
    const { stored } = await readBlock(blocks, blocks.height - 1);
    await anchor.write(blocks.height, stored.checkpoint);
  }
}

async function openDerivedStores(
  options: ChannelStoreOptions,
  blocks: BlockStore,
  base: LocatedBase | undefined,
  { stateDatabase, cryptography }: ChannelConfig,
  dependencies: ChannelStoreDependencies,
): Promise<DerivedStores> {
  const directory = options.derivedDirectory;
  const derived = await openDerived({ directory, stateDatabase, height: blocks.height });
  // A channel that has only just been made has no derived data yet, which is nothing to warn of.
  if (blocks.height > (base?.height ?? 0) + 1) {
    for (const reason of derived.rebuilt) dependencies.log.warn("derived store is rebuilt", { directory, reason });
  }
  const files = { fileSystem: nodeFileSystem };
  const merkle = await openMerkleLog(
    { path: derived.treePath, ...(base === undefined ? {} : { base: base.frontier }) },
    files,
  );
  const sm3Base = base?.sm3Frontier;
  const sm3 =
    cryptography === "sm"
      ? await openMerkleLog(
          { path: derived.sm3TreePath, hash: SM3_TREE, ...(sm3Base === undefined ? {} : { base: sm3Base }) },
          files,
        )
      : undefined;
  if (base !== undefined) {
    const { seedFromSnapshot } = await import("../snapshot/seed.ts");
    await seedFromSnapshot(base, derived, dependencies.fileSystem);
  }
  return { state: derived.state, index: derived.index, merkle, sm3, derived };
}

async function startOf(
  blocks: BlockStore,
  index: LedgerIndex,
  base: LocatedBase | undefined,
  baseConfigs: readonly ConfigInForce[],
): Promise<ChannelStart> {
  let latest = baseConfigs.at(-1);
  for await (const { block } of index.history(CONFIG_NAMESPACE, CONFIG_KEY)) {
    if (block >= blocks.firstBlock) latest = { block, ...(await readBlock(blocks, block)).config() };
    break;
  }
  if (latest === undefined) throw ledgerErrors.storeDamaged("The channel has no configuration.", { block: 0 });
  const start = {
    config: latest.config,
    configSequence: latest.sequence,
    configBlock: latest.block,
    // The last block may hold times of clients alone.
    lastTimestampMs: index.lastTimestampMs,
  };
  if (base !== undefined && blocks.height === base.height) {
    return { ...start, last: { proof: base.proof, note: base.checkpoint } };
  }
  const { stored } = await readBlock(blocks, blocks.height - 1);
  return { ...start, last: { proof: stored.proof, note: stored.checkpoint } };
}

async function readBlock(blocks: BlockStore, number: number): Promise<ReadBlock> {
  return new ReadBlock(readStoredBlock(number, await blocks.read(number)));
}

/** Every tree that the channel keeps. */
export function treesOf({ merkle, sm3 }: Pick<ChannelStores, "merkle" | "sm3">): readonly MerkleLog[] {
  return sm3 === undefined ? [merkle] : [merkle, sm3];
}

async function closeAll(truth: Truth, stores: DerivedStores): Promise<void> {
  const { derived } = stores;
  for (const tree of treesOf(stores)) {
    await tree.flush();
    await tree.close();
  }
  await derived.close();
  await truth.blocks.close();
  await truth.anchor.close();
}

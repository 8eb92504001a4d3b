import { equalBytes, type FileHandle, type FileSystem, InvariantError } from "@concordat/base";
import { MerkleLogDamagedError, ProofBelowBaseError } from "./errors.ts";
import { HASH_BYTES, SHA256_TREE, type TreeHash } from "./hash.ts";
import {
  consistencyRanges,
  inclusionRanges,
  type NodePosition,
  rowCount,
  rowOf,
  sizeOfRows,
  subtreesOf,
} from "./positions.ts";
import { createRowFile, type RowFile } from "./row-file.ts";
import { isConsistent, rootOfInclusion } from "./verify.ts";

/** The complete subtrees of a log of `size` leaves, largest (oldest) first: all that further appending needs. */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export interface MerkleLogOptions {
  /** The file of rows; created when missing. */
  readonly path: string;
  /** Where the log starts on this machine, for a channel that was imported from a snapshot. */
  readonly base?: Frontier;
  /** SHA-256 by default. The leaf hashes that are appended must be of the same function. */
  readonly hash?: TreeHash;
}

/**
 * The RFC 6962 tree of one channel. Invariants:
 * - Row r of the file holds the r-th hash of the append-only order: each leaf, then the inner nodes it completes.
 * - Rows are derived data. Nothing is synced: after a crash the file may be short, or hold anything. The owner asks
 *   {@link MerkleLog.checkRoot} against the last checkpoint, truncates, and appends again from the segments.
 * - Appended rows are answered from memory until `flush` has written them.
 */
export interface MerkleLog {
  readonly hash: TreeHash;
  /** Number of leaves, flushed or not. */
  readonly size: number;
  append(leafHashes: readonly Uint8Array[]): void;
  /** Writes the rows appended so far, without a sync. Calls may overlap; they write one after the other. */
  flush(): Promise<void>;
  root(): Uint8Array;
  /** @throws ProofBelowBaseError when `size` is below the base */
  rootAt(size: number): Uint8Array;
  /** True when the rows up to `size` are there and give `expected`; false for a short, damaged or foreign file. */
  checkRoot(size: number, expected: Uint8Array): boolean;
  /**
   * The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards, checked before it is answered: against `root`, which
   * should be the signed one, since damaged rows can agree with each other.
   * @throws ProofBelowBaseError    `index` is below the base
   * @throws MerkleLogDamagedError  the rows contradict each other
   */
  inclusionPath(index: number, size: number, root?: Uint8Array): Uint8Array[];
  /**
   * RFC 6962 section 2.1.2; empty when m = 0 or m = n. Checked against both roots like an audit path.
   * @throws ProofBelowBaseError    0 < m < base
   * @throws MerkleLogDamagedError  the rows contradict each other
   */
  consistencyPath(m: number, n: number, roots?: { readonly m: Uint8Array; readonly n: Uint8Array }): Uint8Array[];
  /** Forgets the leaves from `size` on. */
  truncate(size: number): Promise<void>;
  /** The complete subtrees at the present size, or at an earlier one not below the base. */
  frontier(size?: number): Frontier;
  /** Does not flush. */
  close(): Promise<void>;
}

/** Opens the log, taking as many leaves as the file has whole rows for. Whether they are the right ones, `checkRoot` says. */
export async function openMerkleLog(
  options: MerkleLogOptions,
  { fileSystem }: { readonly fileSystem: FileSystem },
): Promise<MerkleLog> {
  const base = options.base ?? { size: 0, hashes: [] };
  if (subtreesOf(0, base.size).length !== base.hashes.length) {
    throw new InvariantError("The frontier does not have one hash for each complete subtree.");
  }
  const handle: FileHandle = await fileSystem.open(options.path, { create: true });
  const baseRows = rowCount(base.size);
  const fileRows = Math.floor((await handle.size()) / HASH_BYTES);
  const size = Math.max(base.size, sizeOfRows(baseRows + fileRows));
  const rows = createRowFile(options.path, handle, baseRows, rowCount(size));
  return new FileMerkleLog(options.hash ?? SHA256_TREE, base, rows, size);
}

/** A log in `path` that starts from a snapshot's frontier; whatever the file held before is dropped. */
export async function createMerkleLogFromFrontier(
  options: { readonly path: string; readonly base: Frontier },
  dependencies: { readonly fileSystem: FileSystem },
): Promise<MerkleLog> {
  const log = await openMerkleLog(options, dependencies);
  await log.truncate(options.base.size);
  return log;
}

class FileMerkleLog implements MerkleLog {
  readonly hash: TreeHash;
  readonly #base: Frontier;
  readonly #baseNodes: ReadonlyMap<string, Uint8Array>;
  readonly #rows: RowFile;
  #size: number;
  /** The hash of the last complete subtree of each level; filled at the first append. */
  #edge: Uint8Array[] | undefined;

  constructor(hash: TreeHash, base: Frontier, rows: RowFile, size: number) {
    this.hash = hash;
    this.#base = base;
    this.#baseNodes = new Map(
      subtreesOf(0, base.size).map((node, at) => [nodeName(node), base.hashes[at] ?? new Uint8Array(HASH_BYTES)]),
    );
    this.#rows = rows;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  append(leafHashes: readonly Uint8Array[]): void {
    this.#edge ??= this.#readEdge();
    const edge = this.#edge;
    const { node: nodeHash } = this.hash;
    for (const leaf of leafHashes) {
      this.#rows.push(leaf);
      let node = leaf;
      let level = 0;
      for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
        node = nodeHash(edge[level] ?? missingEdge(level), node);
        this.#rows.push(node);
        level += 1;
      }
      edge[level] = node;
      this.#size += 1;
    }
  }

  flush(): Promise<void> {
    return this.#rows.flush();
  }

  root(): Uint8Array {
    return this.rootAt(this.#size);
  }

  rootAt(size: number): Uint8Array {
    this.#checkSize(size);
    return size === 0 ? this.hash.digest(new Uint8Array(0)) : this.#rangeRoot(0, size);
  }

  checkRoot(size: number, expected: Uint8Array): boolean {
    if (size > this.#size || size < this.#base.size) return false;
    try {
      return equalBytes(this.rootAt(size), expected);
    } catch (error) {
      if (error instanceof MerkleLogDamagedError) return false;
      throw error;
    }
  }

  inclusionPath(index: number, size: number, root = this.rootAt(size)): Uint8Array[] {
    this.#checkSize(size);
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) {
      throw new InvariantError(`Leaf ${index} is not in a tree of ${size} leaves.`);
    }
    if (index < this.#base.size) throw new ProofBelowBaseError({ base: this.#base.size, leaf: index });
    const path = inclusionRanges(index, size).map(({ start, end }) => this.#rangeRoot(start, end));
    const leaf = this.#node({ level: 0, number: index });
    const reached = rootOfInclusion(index, size, leaf, path, this.hash);
    if (reached === undefined || !equalBytes(reached, root))
      throw this.#rows.damaged(rowOf({ level: 0, number: index }));
    return path;
  }

  consistencyPath(m: number, n: number, roots = { m: this.rootAt(m), n: this.rootAt(n) }): Uint8Array[] {
    this.#checkSize(n);
    if (!(Number.isSafeInteger(m) && m >= 0 && m <= n))
      throw new InvariantError(`${m} leaves are not a prefix of ${n}.`);
    if (m === 0 || m === n) return [];
    this.#checkSize(m);
    const path = consistencyRanges(m, n).map(({ start, end }) => this.#rangeRoot(start, end));
    if (!isConsistent({ m, n }, roots, path, this.hash)) {
      throw this.#rows.damaged(rowOf({ level: 0, number: m - 1 }));
    }
    return path;
  }

  async truncate(size: number): Promise<void> {
    this.#checkSize(size);
    await this.#rows.truncate(rowCount(size));
    this.#size = size;
    this.#edge = undefined;
  }

  frontier(size: number = this.#size): Frontier {
    this.#checkSize(size);
    return { size, hashes: subtreesOf(0, size).map((node) => this.#node(node)) };
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  #checkSize(size: number): void {
    if (!(Number.isSafeInteger(size) && size >= 0 && size <= this.#size)) {
      throw new InvariantError(`The log has ${this.#size} leaves, not ${size}.`);
    }
    if (size < this.#base.size) throw new ProofBelowBaseError({ base: this.#base.size, leaf: size });
  }

  #readEdge(): Uint8Array[] {
    const edge: Uint8Array[] = [];
    for (const node of subtreesOf(0, this.#size)) edge[node.level] = this.#node(node);
    return edge;
  }

  /** The root over a range of leaves that starts at a multiple of its largest subtree. */
  #rangeRoot(start: number, end: number): Uint8Array {
    const hashes = subtreesOf(start, end).map((node) => this.#node(node));
    return hashes.reduceRight((right, left) => this.hash.node(left, right));
  }

  #node(node: NodePosition): Uint8Array {
    if ((node.number + 1) * 2 ** node.level > this.#base.size) return this.#rows.read(rowOf(node));
    const hash = this.#baseNodes.get(nodeName(node));
    if (hash === undefined)
      throw new ProofBelowBaseError({ base: this.#base.size, leaf: node.number * 2 ** node.level });
    return hash;
  }
}

function nodeName({ level, number }: NodePosition): string {
  return `${level}/${number}`;
}

function missingEdge(level: number): never {
  throw new InvariantError(`The log's right edge has no node of level ${level}.`);
}

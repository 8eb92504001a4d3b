import { concatBytes, equalBytes } from "./bytes.ts";
import type { VerifierCrypto } from "./crypto.ts";

/** SHA-256, or SM3 for the second tree of an SM channel. */
type Digest = VerifierCrypto["sha256"];

const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

export function leafHash(record: Uint8Array, digest: Digest): Uint8Array {
  return digest(concatBytes(LEAF_PREFIX, record));
}

export function nodeHash(left: Uint8Array, right: Uint8Array, digest: Digest): Uint8Array {
  return digest(concatBytes(NODE_PREFIX, left, right));
}

/**
 * The root to which a leaf hash leads along its audit path; undefined when the path has the wrong length for leaf
 * `index` of a tree of `size` leaves.
 * @source RFC 6962 section 2.1.1, checked as in RFC 9162 section 2.1.3.2
 */
export function rootOfInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  digest: Digest,
): Uint8Array | undefined {
  if (index >= size) return undefined;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash, digest);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling, digest);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

/** One tree head: its number of leaves and its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether the tree `to` begins with the whole tree `from`, both roots being given.
 * @source RFC 6962 section 2.1.2, checked as in RFC 9162 section 2.1.4.2
 */
export function isConsistent(from: TreeHead, to: TreeHead, path: readonly Uint8Array[], digest: Digest): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && equalBytes(from.root, to.root);
  if (from.size === 0) return path.length === 0 && equalBytes(from.root, digest(new Uint8Array(0)));
  const hashes = isPowerOfTwo(from.size) ? [from.root, ...path] : path;
  const [first, ...rest] = hashes;
  if (first === undefined) return false;
  let position = from.size - 1;
  let last = to.size - 1;
  while (position % 2 === 1) {
    position = (position - 1) / 2;
    last = Math.floor(last / 2);
  }
  let fromRoot = first;
  let toRoot = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      fromRoot = nodeHash(hash, fromRoot, digest);
      toRoot = nodeHash(hash, toRoot, digest);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      toRoot = nodeHash(toRoot, hash, digest);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(fromRoot, from.root) && equalBytes(toRoot, to.root);
}

function isPowerOfTwo(size: number): boolean {
  let power = 1;
  while (power < size) power *= 2;
  return power === size;
}

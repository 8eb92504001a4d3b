import { equalBytes } from "@concordat/base";
import { SHA256_TREE, type TreeHash } from "./hash.ts";

/**
 * The root to which a leaf hash and its audit path lead, or undefined when the path has the wrong length.
 * @source RFC 9162 section 2.1.3.2 (the check of an RFC 6962 audit path, without recursion)
 */
export function rootOfInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  { node: nodeHash }: TreeHash = SHA256_TREE,
): Uint8Array | undefined {
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

/**
 * Whether a consistency path leads from the root of the first `m` leaves to that of `n`, 0 < m < n.
 * @source RFC 9162 section 2.1.4.2
 */
export function isConsistent(
  sizes: { readonly m: number; readonly n: number },
  roots: { readonly m: Uint8Array; readonly n: Uint8Array },
  path: readonly Uint8Array[],
  { node: nodeHash }: TreeHash = SHA256_TREE,
): boolean {
  let position = sizes.m - 1;
  let last = sizes.n - 1;
  while (position % 2 === 1) {
    position = (position - 1) / 2;
    last = Math.floor(last / 2);
  }
  // A whole subtree of m leaves is its own first node, and the path leaves it out.
  const [first, ...rest] = position === 0 ? [roots.m, ...path] : path;
  if (first === undefined) return false;
  let old = first;
  let whole = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      old = nodeHash(sibling, old);
      whole = nodeHash(sibling, whole);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      whole = nodeHash(whole, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(old, roots.m) && equalBytes(whole, roots.n);
}

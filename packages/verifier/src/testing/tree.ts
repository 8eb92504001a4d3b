import { sha256 } from "./envelopes.ts";

/** RFC 6962 section 2.1, as it is written there. */
export function treeRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return sha256(Buffer.from([1]), treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/** RFC 6962 section 2.1.1. */
export function auditPath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...auditPath(index, leaves.slice(0, split)), treeRoot(leaves.slice(split))]
    : [...auditPath(index - split, leaves.slice(split)), treeRoot(leaves.slice(0, split))];
}

/** RFC 6962 section 2.1.2. */
export function consistencyPath(m: number, leaves: readonly Buffer[], known: boolean): Buffer[] {
  if (m === leaves.length) return known ? [] : [treeRoot(leaves)];
  const split = splitOf(leaves.length);
  return m <= split
    ? [...consistencyPath(m, leaves.slice(0, split), known), treeRoot(leaves.slice(split))]
    : [...consistencyPath(m - split, leaves.slice(split), false), treeRoot(leaves.slice(0, split))];
}

function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The complete subtrees of a tree, largest first. */
export function frontierOf(leaves: readonly Buffer[]): Buffer[] {
  const hashes: Buffer[] = [];
  let start = 0;
  for (let span = 2 ** 20; span >= 1; span /= 2) {
    if (start + span > leaves.length) continue;
    hashes.push(treeRoot(leaves.slice(start, start + span)));
    start += span;
  }
  return hashes;
}

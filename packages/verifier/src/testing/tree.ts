import { sha256 } from "./envelopes.ts";

type Digest = typeof sha256;

/** RFC 6962 section 2.1, as it is written there. */
export function treeRoot(leaves: readonly Buffer[], digest: Digest = sha256): Buffer {
  const [first] = leaves;
  if (first === undefined) return digest();
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return digest(Buffer.from([1]), treeRoot(leaves.slice(0, split), digest), treeRoot(leaves.slice(split), digest));
}

/** RFC 6962 section 2.1.1. */
export function auditPath(index: number, leaves: readonly Buffer[], digest: Digest = sha256): Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...auditPath(index, leaves.slice(0, split), digest), treeRoot(leaves.slice(split), digest)]
    : [...auditPath(index - split, leaves.slice(split), digest), treeRoot(leaves.slice(0, split), digest)];
}

/** RFC 6962 section 2.1.2. */
export function consistencyPath(
  m: number,
  leaves: readonly Buffer[],
  known: boolean,
  digest: Digest = sha256,
): Buffer[] {
  if (m === leaves.length) return known ? [] : [treeRoot(leaves, digest)];
  const split = splitOf(leaves.length);
  return m <= split
    ? [...consistencyPath(m, leaves.slice(0, split), known, digest), treeRoot(leaves.slice(split), digest)]
    : [...consistencyPath(m - split, leaves.slice(split), false, digest), treeRoot(leaves.slice(0, split), digest)];
}

function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The complete subtrees of a tree, largest first. */
export function frontierOf(leaves: readonly Buffer[], digest: Digest = sha256): Buffer[] {
  const hashes: Buffer[] = [];
  let start = 0;
  for (let span = 2 ** 20; span >= 1; span /= 2) {
    if (start + span > leaves.length) continue;
    hashes.push(treeRoot(leaves.slice(start, start + span), digest));
    start += span;
  }
  return hashes;
}

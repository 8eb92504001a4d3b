import { InvariantError } from "@concordat/base";

/*
 * Where a node's hash stands in the flat file, and which nodes a proof needs. Node (level, number) is the root of
 * the complete subtree over the leaves [number * 2^level, (number + 1) * 2^level). Numbers may pass 2^32, so nothing
 * here uses bit operators on them.
 */

/** A complete subtree: the one over leaves [number * 2^level, (number + 1) * 2^level). */
export interface NodePosition {
  readonly level: number;
  readonly number: number;
}

/** Rows that `size` leaves fill: each leaf, and the inner nodes that it completes right behind it. */
export function rowCount(size: number): number {
  let rows = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) rows += rest;
  return rows;
}

/** The row of a node, counted from the first leaf of the log. */
export function rowOf({ level, number }: NodePosition): number {
  return rowCount((number + 1) * 2 ** level - 1) + level;
}

/** The largest number of leaves whose rows all fit into `rows`. */
export function sizeOfRows(rows: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (rowCount(middle) <= rows) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The complete subtrees that make up the leaves [start, end), from left to right; `start` is a multiple of the largest of them. */
export function subtreesOf(start: number, end: number): NodePosition[] {
  const nodes: NodePosition[] = [];
  let at = start;
  while (at < end) {
    let level = Math.floor(Math.log2(end - at));
    if (2 ** level > end - at) level -= 1;
    nodes.push({ level, number: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree. */
export function splitOf(size: number): number {
  if (size < 2) throw new InvariantError("A tree of fewer than two leaves has no split.");
  let split = 2 ** Math.floor(Math.log2(size));
  while (split >= size) split /= 2;
  while (split * 2 < size) split *= 2;
  return split;
}

/** A range of leaves whose root is one entry of a proof. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** RFC 6962 section 2.1.1, PATH(index, D[size]): the ranges whose roots are the audit path, from the leaf upwards. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** RFC 6962 section 2.1.2, PROOF(m, D[n]), for 0 < m <= n. */
export function consistencyRanges(m: number, n: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = n;
  let known = true;
  while (end !== m) {
    const middle = start + splitOf(end - start);
    if (m <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
      known = false;
    }
  }
  if (!known) ranges.push({ start, end });
  return ranges.reverse();
}

import type { WireField } from "./operation.ts";

/** Parameters that stand for one field together, by what follows `NAME.` in their names. */
export class SpreadParameter {
  readonly parts: ReadonlyMap<string, string>;

  constructor(parts: ReadonlyMap<string, string>) {
    this.parts = parts;
  }
}

/**
 * Reads a field from all parameters of a request: its text, or a SpreadParameter when its form allows one and it is there. A field that comes
 * both ways has a part without a name, which no form takes.
 */
export function readParameter(
  values: ReadonlyMap<string, string>,
  { name, codec }: WireField,
): string | SpreadParameter | undefined {
  const whole = values.get(name);
  if (codec?.decodeSpread === undefined) return whole;
  const prefix = `${name}.`;
  const parts = new Map<string, string>();
  for (const [other, value] of values) {
    if (other.startsWith(prefix)) parts.set(other.slice(prefix.length), value);
  }
  if (parts.size === 0) return whole;
  if (whole !== undefined) parts.set("", whole);
  return new SpreadParameter(parts);
}

export type Tree = Map<string, Tree | string>;

/** The parts by the pieces of their names, or undefined when one is deeper than allowed or text and branch at the same time. */
export function treeOf(parts: ReadonlyMap<string, string>, depthMax: number): Tree | undefined {
  const root: Tree = new Map();
  for (const [name, text] of parts) {
    const pieces = name.split(".", depthMax + 1);
    const last = pieces.pop();
    if (last === undefined || pieces.length >= depthMax) return undefined;
    const branch = branchOf(root, pieces);
    if (branch === undefined || branch.has(last)) return undefined;
    branch.set(last, text);
  }
  return root;
}

function branchOf(root: Tree, pieces: readonly string[]): Tree | undefined {
  let branch = root;
  for (const piece of pieces) {
    const next = branch.get(piece) ?? new Map();
    if (typeof next === "string") return undefined;
    branch.set(piece, next);
    branch = next;
  }
  return branch;
}

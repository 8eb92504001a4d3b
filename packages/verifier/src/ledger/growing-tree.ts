import { hash } from "node:crypto";
import { Fault } from "../core/fault.ts";

/** The hash function of a tree, as node:crypto names it. */
export type TreeAlgorithm = "sha256" | "sm3";

/**
 * The root of an RFC 6962 tree that only grows: of each level it keeps the last complete subtree. Hashes travel
 * as Latin-1 strings of 32 characters, node:crypto's fastest form.
 */
export class GrowingTree {
  readonly #algorithm: TreeAlgorithm;
  readonly #edge: string[] = [];
  readonly #input = Buffer.alloc(65, 0x01);
  #size = 0;

  constructor(algorithm: TreeAlgorithm = "sha256") {
    this.#algorithm = algorithm;
  }

  /** Continues from the complete subtrees of an earlier tree, largest first. */
  static fromFrontier(size: number, hashes: readonly Uint8Array[], algorithm: TreeAlgorithm = "sha256"): GrowingTree {
    const tree = new GrowingTree(algorithm);
    tree.#size = size;
    let at = hashes.length;
    for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      at -= 1;
      const node = hashes[at];
      if (node === undefined) throw new Fault("the frontier does not have one hash for each complete subtree");
      tree.#edge[level] = Buffer.from(node).toString("latin1");
    }
    if (at !== 0) throw new Fault("the frontier does not have one hash for each complete subtree");
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  append(leafHash: string): void {
    let node = leafHash;
    let level = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      node = this.#join(this.#edge[level] ?? "", node);
      level += 1;
    }
    this.#edge[level] = node;
    this.#size += 1;
  }

  root(): Uint8Array {
    let root: string | undefined;
    for (let level = 0, rest = this.#size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const node = this.#edge[level] ?? "";
      root = root === undefined ? node : this.#join(node, root);
    }
    return Buffer.from(root ?? hash(this.#algorithm, "", "binary"), "latin1");
  }

  #join(left: string, right: string): string {
    this.#input.write(left, 1, "latin1");
    this.#input.write(right, 33, "latin1");
    return hash(this.#algorithm, this.#input, "binary");
  }
}

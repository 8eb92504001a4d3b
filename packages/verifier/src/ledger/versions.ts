import { hash } from "node:crypto";
import { Fault } from "../core/fault.ts";
import type { ReadWriteVisitor } from "./action.ts";
import { DigestTable } from "./digest-table.ts";

/** Index bits of a packed version: block * 2^21 + index stays below 2^53 for blocks below 2^32. */
const INDEX_SPAN = 2 ** 21;
/** The packed version of a key that was deleted; block 0 holds a configuration and writes no key. */
const DELETED = 0;
const DIGEST_WORDS = 4;

/**
 * The version of every key of a channel: (block, index) of the transaction that wrote it last. Reads of a transaction are checked as
 * they are walked; its writes take effect at `commit`, so that a transaction does not see its own.
 */
export class VersionTable implements ReadWriteVisitor {
  readonly #table = new DigestTable();
  /** Blocks before this one are not at hand: what they wrote is unknown, not absent. */
  readonly #firstBlock: number;
  readonly #digest = Buffer.alloc(32);
  #input = Buffer.alloc(1024);
  /** Writes of the transaction being walked: four digest words and 1 for a deletion each. */
  #pending: number[] = [];
  /** Key ranges and digest words of its reads: most writes go to a key that was read. */
  #readKeys: number[] = [];
  #readWords: number[] = [];

  constructor(firstBlock: number) {
    this.#firstBlock = firstBlock;
  }

  /** Number of keys ever written. */
  get size(): number {
    return this.#table.size;
  }

  read(
    bytes: Buffer,
    namespaceStart: number,
    namespaceEnd: number,
    keyStart: number,
    keyEnd: number,
    block: number,
    index: number,
  ): void {
    this.#digestKey(bytes, namespaceStart, namespaceEnd, keyStart, keyEnd);
    const digest = this.#digest;
    const a = digest.readUInt32BE(0);
    const b = digest.readUInt32BE(4);
    const c = digest.readUInt32BE(8);
    const d = digest.readUInt32BE(12);
    this.#readKeys.push(namespaceStart, namespaceEnd, keyStart, keyEnd);
    this.#readWords.push(a, b, c, d);
    const version = this.#table.get(a, b, c, d);
    if (version < 0 && this.#firstBlock > 0 && block < this.#firstBlock) return;
    const stated = block < 0 ? DELETED : block * INDEX_SPAN + index;
    if (Math.max(version, DELETED) !== stated || index >= INDEX_SPAN || block === 0) {
      throw new Fault(
        `it read key ${JSON.stringify(bytes.toString("utf8", keyStart, keyEnd))} at a version that the key did not have`,
      );
    }
  }

  write(
    bytes: Buffer,
    namespaceStart: number,
    namespaceEnd: number,
    keyStart: number,
    keyEnd: number,
    isDelete: boolean,
  ): void {
    const known = this.#findRead(bytes, namespaceStart, namespaceEnd, keyStart, keyEnd);
    if (known >= 0) {
      for (let word = 0; word < DIGEST_WORDS; word += 1) this.#pending.push(this.#readWords[known + word] ?? 0);
    } else {
      this.#digestKey(bytes, namespaceStart, namespaceEnd, keyStart, keyEnd);
      for (let word = 0; word < DIGEST_WORDS; word += 1) this.#pending.push(this.#digest.readUInt32BE(word * 4));
    }
    this.#pending.push(isDelete ? 1 : 0);
  }

  /** Forgets the reads and writes walked since the last `begin` or `commit`. */
  begin(): void {
    this.#pending.length = 0;
    this.#readKeys.length = 0;
    this.#readWords.length = 0;
  }

  /** Gives the keys written since `begin` the version (block, index). */
  commit(block: number, index: number): void {
    if (index >= INDEX_SPAN)
      throw new Fault(`the block has more than ${INDEX_SPAN} envelopes, which is past this verifier's limit`);
    const version = block * INDEX_SPAN + index;
    const pending = this.#pending;
    for (let at = 0; at < pending.length; at += DIGEST_WORDS + 1) {
      const deleted = pending[at + 4] === 1;
      this.#table.set(
        pending[at] ?? 0,
        pending[at + 1] ?? 0,
        pending[at + 2] ?? 0,
        pending[at + 3] ?? 0,
        deleted ? DELETED : version,
      );
    }
  }

  #findRead(bytes: Buffer, namespaceStart: number, namespaceEnd: number, keyStart: number, keyEnd: number): number {
    const keys = this.#readKeys;
    for (let at = 0; at < keys.length; at += 4) {
      const otherStart = keys[at + 2] ?? 0;
      const otherEnd = keys[at + 3] ?? 0;
      if (keys[at] !== namespaceStart || keys[at + 1] !== namespaceEnd || otherEnd - otherStart !== keyEnd - keyStart)
        continue;
      if (bytes.compare(bytes, otherStart, otherEnd, keyStart, keyEnd) === 0) return at;
    }
    return -1;
  }

  /** SHA-256 over the namespace's length, the namespace and the key, into `#digest`. */
  #digestKey(bytes: Buffer, namespaceStart: number, namespaceEnd: number, keyStart: number, keyEnd: number): void {
    const namespaceLength = namespaceEnd - namespaceStart;
    const length = 4 + namespaceLength + keyEnd - keyStart;
    if (length > this.#input.length) this.#input = Buffer.alloc(2 * length);
    this.#input.writeUInt32BE(namespaceLength, 0);
    bytes.copy(this.#input, 4, namespaceStart, namespaceEnd);
    bytes.copy(this.#input, 4 + namespaceLength, keyStart, keyEnd);
    this.#digest.write(hash("sha256", this.#input.subarray(0, length), "binary"), 0, "latin1");
  }
}

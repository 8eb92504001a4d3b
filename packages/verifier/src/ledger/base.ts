import { bytesToHex, equalBytes } from "../core/bytes.ts";
import { type Checkpoint, hasSigned, parseCheckpoint } from "../core/checkpoint.ts";
import { faultUnless } from "../core/fault.ts";
import { readArray, readBase64, readCount, readHex, readText } from "../core/json.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type ChannelConfiguration, parseConfiguration } from "./config.ts";
import { GrowingTree } from "./growing-tree.ts";

/** Where a channel that was imported from a snapshot begins on this machine: the checks start there, the part before is taken on trust. */
export interface LedgerBase {
  /** Number of the first block that the segments hold. */
  readonly height: number;
  /** Header hash of block height - 1. */
  readonly headerHash: Uint8Array;
  readonly tree: GrowingTree;
  /** The note of block height - 1. */
  readonly checkpoint: Checkpoint;
  readonly configuration: ChannelConfiguration;
}

/**
 * Reads `base.json`: `format`, `height`, `headerHash` (hex), `frontier` (`size`, `hashes` in base64, largest subtree first), `config`
 * (base64 of the ConfigEnvelope in force) and `checkpoint` (the note of the last block before). Further fields are for the engine. The checkpoint must agree with all of it and
 * be signed by the configuration's keys.
 * @throws Fault
 */
export function parseBase(text: string): LedgerBase {
  const json: unknown = JSON.parse(text);
  faultUnless(typeof json === "object" && json !== null, "base.json is not an object");
  const base = json as Readonly<Record<string, unknown>>;
  faultUnless(base["format"] === "concordat-base/1", "base.json has an unknown format");
  const height = readCount(base["height"], '"height" of base.json');
  const headerHash = readHex(base["headerHash"], '"headerHash" of base.json', 32);
  const { size, hashes } = (base["frontier"] ?? {}) as Readonly<Record<string, unknown>>;
  const tree = GrowingTree.fromFrontier(
    readCount(size, '"size" of the frontier'),
    readArray(hashes, '"hashes" of the frontier').map((hash) => readBase64(hash, "a hash of the frontier", 32)),
  );
  const configuration = parseConfiguration(readBase64(base["config"], '"config" of base.json'));
  const checkpoint = parseCheckpoint(readText(base["checkpoint"], '"checkpoint" of base.json'));
  faultUnless(height > 0 && checkpoint.block === height - 1, "base.json holds the checkpoint of another block");
  faultUnless(checkpoint.origin === configuration.origin, "base.json holds the checkpoint of another log");
  faultUnless(
    bytesToHex(headerHash) === bytesToHex(checkpoint.headerHash),
    "base.json and its checkpoint name different header hashes",
  );
  faultUnless(
    checkpoint.size === tree.size && equalBytes(checkpoint.root, tree.root()),
    "the frontier of base.json does not give its checkpoint's root",
  );
  for (const key of configuration.keys) {
    faultUnless(hasSigned(checkpoint, key, nodeCrypto), `the checkpoint of base.json is not signed by ${key.mspId}`);
  }
  return { height, headerHash, tree, checkpoint, configuration };
}

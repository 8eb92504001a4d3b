import { equalBytes } from "../core/bytes.ts";
import { type Checkpoint, hasSigned, parseCheckpoint } from "../core/checkpoint.ts";
import { Fault, faultUnless } from "../core/fault.ts";
import { readArray, readBase64, readCount, readHex, readObject, readText } from "../core/json.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type ChannelConfiguration, parseConfiguration } from "./config.ts";
import { GrowingTree, type TreeAlgorithm } from "./growing-tree.ts";
import type { PolicyRows } from "./outside/policy-rows.ts";

/** Where a channel that was imported from a snapshot begins on this machine: the checks start there, the part before is taken on trust. */
export interface LedgerBase {
  readonly origin: string;
  /** Number of the first block that the segments hold. */
  readonly height: number;
  /** Header hash of block height - 1. */
  readonly headerHash: Uint8Array;
  /** Time of the last transaction before, milliseconds since the epoch. */
  readonly lastTimestampMs: number;
  readonly tree: GrowingTree;
  /** SM channels only: the tree of the same leaves under SM3. */
  readonly sm3Tree: GrowingTree | undefined;
  /** The note of block height - 1. */
  readonly checkpoint: Checkpoint;
  readonly checkpointText: string;
  readonly configuration: ChannelConfiguration;
  /** Brings in the endorsement policies that the snapshot's state holds; undefined when the state is not at hand. */
  readonly loadPolicyRows?: (rows: PolicyRows) => void;
}

/**
 * Reads a snapshot's `base.json` and the last configuration of its `configs.ndjson`. The checkpoint must agree with both and be signed by
 * the configuration's keys.
 * @throws Fault
 * @source docs/reference/ledger-format.md section 9
 */
export function parseBase(baseText: string, configsText: string): LedgerBase {
  const names = ["format", "origin", "height", "headerHash", "lastTimestampMs", "frontier", "checkpoint"];
  const base = readObject(parseJson(baseText, "base.json"), "base.json", names, ["sm3Frontier"]);
  faultUnless(base["format"] === "concordat-base/1", "base.json has an unknown format");
  const height = readCount(base["height"], '"height" of base.json');
  const headerHash = readHex(base["headerHash"], '"headerHash" of base.json', 32);
  const tree = readFrontier(base["frontier"], "sha256");
  const sm3Tree = Object.hasOwn(base, "sm3Frontier") ? readFrontier(base["sm3Frontier"], "sm3") : undefined;
  const configuration = lastConfiguration(configsText, height);
  const checkpointText = readText(base["checkpoint"], '"checkpoint" of base.json');
  const checkpoint = parseCheckpoint(checkpointText);
  const { origin } = checkpoint;
  faultUnless(height > 0 && checkpoint.block === height - 1, "base.json holds the checkpoint of another block");
  faultUnless(
    base["origin"] === origin && configuration.origin === origin,
    "base.json holds the checkpoint of another log",
  );
  faultUnless(
    equalBytes(headerHash, checkpoint.headerHash),
    "base.json and its checkpoint name different header hashes",
  );
  const agrees = checkpoint.size === tree.size && equalBytes(checkpoint.root, tree.root());
  faultUnless(agrees, "the frontier of base.json does not give its checkpoint's root");
  checkSm3(checkpoint, configuration, sm3Tree);
  for (const key of configuration.keys) {
    faultUnless(hasSigned(checkpoint, key, nodeCrypto), `the checkpoint of base.json is not signed by ${key.mspId}`);
  }
  const lastTimestampMs = readCount(base["lastTimestampMs"], '"lastTimestampMs" of base.json');
  return { origin, height, headerHash, lastTimestampMs, tree, sm3Tree, checkpoint, checkpointText, configuration };
}

function readFrontier(json: unknown, algorithm: TreeAlgorithm): GrowingTree {
  const frontier = readObject(json, "the frontier", ["size", "hashes"]);
  const hashes = readArray(frontier["hashes"], '"hashes" of the frontier');
  return GrowingTree.fromFrontier(
    readCount(frontier["size"], '"size" of the frontier'),
    hashes.map((hash) => readBase64(hash, "a hash of the frontier", 32)),
    algorithm,
  );
}

/** An SM channel has an SM3 root and the frontier that gives it; another has neither. */
function checkSm3(
  { size, sm3Root }: Checkpoint,
  { isSm }: ChannelConfiguration,
  sm3Tree: GrowingTree | undefined,
): void {
  const agrees =
    sm3Tree === undefined || sm3Root === undefined
      ? !isSm && sm3Tree === undefined && sm3Root === undefined
      : isSm && sm3Tree.size === size && equalBytes(sm3Tree.root(), sm3Root);
  faultUnless(agrees, "the SM3 frontier of base.json does not give its checkpoint's SM3 root");
}

function lastConfiguration(text: string, height: number): ChannelConfiguration {
  const line = text.trimEnd().split("\n").at(-1) ?? "";
  const entry = readObject(parseJson(line, "configs.ndjson"), "a line of configs.ndjson", ["block", "configEnvelope"]);
  const block = readCount(entry["block"], "a block of configs.ndjson");
  faultUnless(block < height, "configs.ndjson holds a configuration of a later block");
  return parseConfiguration(readBase64(entry["configEnvelope"], "a configuration of configs.ndjson"));
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault(`${where} is not JSON`);
  }
}

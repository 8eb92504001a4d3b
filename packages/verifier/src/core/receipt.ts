import { type Checkpoint, isOrigin, parseCheckpoint } from "./checkpoint.ts";
import { faultUnless } from "./fault.ts";
import { readArray, readBase64, readCount, readHex, readObject, readText } from "./json.ts";
import type { Leaf } from "./leaf.ts";

/** A receipt whose form is right; whether it proves anything is not said yet. */
export interface ParsedReceipt {
  readonly origin: string;
  readonly leaf: Leaf;
  readonly leafIndex: number;
  readonly inclusionPath: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
  readonly envelope: Uint8Array | undefined;
}

/** A tree that numbers of JavaScript can count has at most this many levels. */
const PATH_LENGTH_MAX = 53;
const ASCII_PRINTABLE = /^[\x21-\x7e]{0,255}$/;

/**
 * @throws Fault naming the field that is wrong
 * @source docs/reference/ledger-format.md section 7
 */
export function parseReceipt(json: unknown): ParsedReceipt {
  const names = ["format", "origin", "leaf", "leafIndex", "inclusionPath", "checkpoint"];
  const receipt = readObject(json, "the receipt", names, ["envelope"]);
  faultUnless(receipt["format"] === "concordat-receipt/1", "the receipt's format is unknown");
  const origin = readText(receipt["origin"], "the origin");
  faultUnless(isOrigin(origin), "the origin is malformed");
  const path = readArray(receipt["inclusionPath"], "the inclusion path");
  faultUnless(path.length <= PATH_LENGTH_MAX, "the inclusion path is too long");
  return {
    origin,
    leaf: parseLeaf(receipt["leaf"]),
    leafIndex: readCount(receipt["leafIndex"], "the leaf index"),
    inclusionPath: path.map((hash) => readBase64(hash, "a hash of the inclusion path", 32)),
    checkpoint: parseCheckpoint(readText(receipt["checkpoint"], "the checkpoint")),
    envelope: Object.hasOwn(receipt, "envelope") ? readBase64(receipt["envelope"], "the envelope") : undefined,
  };
}

function parseLeaf(json: unknown): Leaf {
  const leaf = readObject(json, "the leaf", ["kind", "validationCode", "block", "index", "envelopeSha256", "txId"]);
  const txId = readText(leaf["txId"], "the transaction id");
  faultUnless(ASCII_PRINTABLE.test(txId), "the transaction id is malformed");
  return {
    kind: readCount(leaf["kind"], "the transaction kind", 2),
    validationCode: readCount(leaf["validationCode"], "the validation code", 255),
    block: readCount(leaf["block"], "the block number"),
    index: readCount(leaf["index"], "the index in the block", 0xffff_ffff),
    envelopeSha256: readHex(leaf["envelopeSha256"], "the envelope's digest", 32),
    txId,
  };
}

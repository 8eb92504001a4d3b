import { utf8ToBytes } from "./bytes.ts";
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
  /** SM channels only. */
  readonly sm3InclusionPath: readonly Uint8Array[] | undefined;
  readonly checkpoint: Checkpoint;
  readonly envelope: Uint8Array | undefined;
}

/** A tree that numbers of JavaScript can count has at most this many levels. */
const PATH_LENGTH_MAX = 53;
const TX_ID_BYTES_MAX = 255;

/**
 * @throws Fault naming the field that is wrong
 * @source docs/reference/ledger-format.md section 7
 */
export function parseReceipt(json: unknown): ParsedReceipt {
  const names = ["format", "origin", "leaf", "leafIndex", "inclusionPath", "checkpoint"];
  const receipt = readObject(json, "the receipt", names, ["envelope", "sm3InclusionPath"]);
  faultUnless(receipt["format"] === "concordat-receipt/1", "the receipt's format is unknown");
  const origin = readText(receipt["origin"], "the origin");
  faultUnless(isOrigin(origin), "the origin is malformed");
  return {
    origin,
    leaf: parseLeaf(receipt["leaf"]),
    leafIndex: readCount(receipt["leafIndex"], "the leaf index"),
    inclusionPath: parsePath(receipt["inclusionPath"], "the inclusion path"),
    sm3InclusionPath: Object.hasOwn(receipt, "sm3InclusionPath")
      ? parsePath(receipt["sm3InclusionPath"], "the SM3 inclusion path")
      : undefined,
    checkpoint: parseCheckpoint(readText(receipt["checkpoint"], "the checkpoint")),
    envelope: Object.hasOwn(receipt, "envelope") ? readBase64(receipt["envelope"], "the envelope") : undefined,
  };
}

function parsePath(json: unknown, where: string): Uint8Array[] {
  const path = readArray(json, where);
  faultUnless(path.length <= PATH_LENGTH_MAX, `${where} is too long`);
  return path.map((hash) => readBase64(hash, `a hash of ${where}`, 32));
}

function parseLeaf(json: unknown): Leaf {
  const leaf = readObject(json, "the leaf", ["kind", "validationCode", "block", "index", "envelopeSha256", "txId"]);
  const txId = readText(leaf["txId"], "the transaction id");
  // Whoever made an optimistic transaction may have put any ASCII into it.
  const isAscii = txId.length <= TX_ID_BYTES_MAX && utf8ToBytes(txId).every((byte) => byte < 0x80);
  faultUnless(isAscii, "the transaction id is malformed");
  return {
    kind: readCount(leaf["kind"], "the transaction kind", 2),
    validationCode: readCount(leaf["validationCode"], "the validation code", 255),
    block: readCount(leaf["block"], "the block number"),
    index: readCount(leaf["index"], "the index in the block", 0xffff_ffff),
    envelopeSha256: readHex(leaf["envelopeSha256"], "the envelope's digest", 32),
    txId,
  };
}

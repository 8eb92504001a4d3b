import { createHash } from "node:crypto";

/**
 * A block's header hash from its three parts, written from docs/reference/ledger-format.md section 3 alone: SHA-256 of DER
 * SEQUENCE { INTEGER number, OCTET STRING previous_hash, OCTET STRING data_hash }. All hashes hex.
 */
export function headerHash(number: number, previousHash: string, dataHash: string): string {
  const digits = number.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  // A DER integer is signed: a leading bit that is set needs a zero byte before it.
  const integer = Number.parseInt(even.slice(0, 2), 16) < 0x80 ? even : `00${even}`;
  const parts = element("02", integer) + element("04", previousHash) + element("04", dataHash);
  return createHash("sha256")
    .update(Buffer.from(element("30", parts), "hex"))
    .digest("hex");
}

/** Tag, length (all are below 128 bytes here) and contents, hex. */
function element(tag: string, contents: string): string {
  return tag + (contents.length / 2).toString(16).padStart(2, "0") + contents;
}

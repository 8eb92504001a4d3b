import { createHash } from "node:crypto";
import { concatBytes, utf8ToBytes } from "@concordat/base";
import type { Creator } from "@concordat/ledger";

/**
 * The id that a transaction of this creator with this nonce has: Fabric's, hex of SHA-256 over the nonce and the serialized identity.
 * @source docs/reference/ledger-format.md section 1; fabric-protos msp/identities.proto (mspid 1, id_bytes 2)
 */
export function transactionIdOf(creator: Creator, nonce: Uint8Array): string {
  return createHash("sha256").update(nonce).update(serializeCreator(creator)).digest("hex");
}

export function serializeCreator(creator: Creator): Uint8Array {
  return concatBytes(textField(1, creator.mspId), textField(2, creator.certificatePem));
}

function textField(number: number, text: string): Uint8Array {
  const bytes = utf8ToBytes(text);
  return concatBytes(Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.from([...bytes, rest]);
}

import { hash } from "node:crypto";

const FIXED_BYTES = 48;
const TX_ID_BYTES_MAX = 255;

/** The bytes `0x00 || leaf record`, kept in one place and overwritten for each leaf. @source docs/reference/ledger-format.md section 5 */
export class LeafInput {
  readonly #input = Buffer.alloc(1 + FIXED_BYTES + TX_ID_BYTES_MAX);
  #length = 0;

  /** The leaf hash, and `envelopeDigest`, are Latin-1 strings of 32 characters; the transaction id is a range of `bytes`. */
  hash(
    kind: number,
    code: number,
    block: number,
    index: number,
    envelopeDigest: string,
    bytes: Buffer,
    txIdStart: number,
    txIdEnd: number,
  ): string {
    const input = this.#input;
    input[1] = 0x01;
    input[2] = kind;
    input[3] = code;
    input.writeUInt32BE(Math.floor(block / 2 ** 32), 4);
    input.writeUInt32BE(block % 2 ** 32, 8);
    input.writeUInt32BE(index, 12);
    input.write(envelopeDigest, 16, "latin1");
    input[48] = txIdEnd - txIdStart;
    bytes.copy(input, 1 + FIXED_BYTES, txIdStart, txIdEnd);
    this.#length = 1 + FIXED_BYTES + txIdEnd - txIdStart;
    return hash("sha256", input.subarray(0, this.#length), "binary");
  }

  /** The leaf hash under SM3 of the record that was hashed last. */
  sm3OfLast(): string {
    return hash("sm3", this.#input.subarray(0, this.#length), "binary");
  }
}

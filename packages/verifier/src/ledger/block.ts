import { createHash, hash } from "node:crypto";
import { bytesToUtf8 } from "../core/bytes.ts";
import { Fault, faultUnless } from "../core/fault.ts";
import { FieldReader, WIRE_BYTES, WIRE_VARINT } from "../core/protobuf.ts";

const SCRATCH_BYTES = 256 * 1024;

/**
 * One stored block, read in place. Reading is canonical: the bytes must be exactly those that encoding the fields again would give, so that no byte
 * of a block is outside the checks. One object serves all blocks of a ledger.
 * @source docs/reference/ledger-format.md section 3
 */
export class BlockView {
  bytes: Buffer = Buffer.alloc(0);
  number = 0;
  previousHash: Uint8Array = new Uint8Array(0);
  dataHash: Uint8Array = new Uint8Array(0);
  /** Number of envelopes; envelope i is [envelopeStarts[i], envelopeEnds[i]) of `bytes`. */
  count = 0;
  readonly envelopeStarts: number[] = [];
  readonly envelopeEnds: number[] = [];
  /** One byte for each envelope. */
  codes: Uint8Array = new Uint8Array(0);
  kinds: Uint8Array = new Uint8Array(0);
  checkpoint = "";
  readonly #outer = new FieldReader();
  readonly #inner = new FieldReader();
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

  /** @throws Fault */
  read(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    const block = this.#outer.open(bytes, start, end);
    block.take(1, missing("header"));
    this.#readHeader(block.start, block.end);
    block.take(2, missing("data"));
    this.#readData(block.start, block.end);
    block.take(3, missing("metadata"));
    this.#readMetadata(block.start, block.end);
    block.finish("the block has a field too many");
  }

  /** `H(DER SEQUENCE { INTEGER number, OCTET STRING previous_hash, OCTET STRING data_hash })`. */
  headerHash(): Uint8Array {
    const digits = this.number.toString(16);
    const magnitude = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
    const sign = (magnitude[0] ?? 0) >= 0x80 ? [0x00] : [];
    const integer = Buffer.from([0x02, sign.length + magnitude.length, ...sign, ...magnitude]);
    const body = [integer, octets(this.previousHash), octets(this.dataHash)];
    const length = body.reduce((sum, part) => sum + part.length, 0);
    return hash("sha256", Buffer.concat([Buffer.from([0x30, length]), ...body]), "buffer");
  }

  /** `H(data[0] || data[1] || ...)`, by way of a buffer: one hash call costs as much as hashing a kilobyte. */
  computeDataHash(): Uint8Array {
    const hasher = createHash("sha256");
    let filled = 0;
    for (let index = 0; index < this.count; index += 1) {
      const start = this.envelopeStarts[index] ?? 0;
      const end = this.envelopeEnds[index] ?? 0;
      if (filled + end - start > SCRATCH_BYTES) {
        hasher.update(this.#scratch.subarray(0, filled));
        filled = 0;
      }
      if (end - start > SCRATCH_BYTES) hasher.update(this.bytes.subarray(start, end));
      else filled += this.bytes.copy(this.#scratch, filled, start, end);
    }
    return hasher.update(this.#scratch.subarray(0, filled)).digest();
  }

  #readHeader(start: number, end: number): void {
    const header = this.#inner.open(this.bytes, start, end);
    this.number = 0;
    this.previousHash = new Uint8Array(0);
    this.dataHash = new Uint8Array(0);
    while (header.nextAscending(0)) {
      if (header.field === 1) {
        header.expect(WIRE_VARINT);
        faultUnless(header.value > 0, "the block number 0 is written out");
        this.number = header.value;
      } else if (header.field === 2) {
        this.previousHash = Uint8Array.from(header.bytes());
        faultUnless(this.previousHash.length === 32, "the previous hash does not have 32 bytes");
      } else {
        faultUnless(header.field === 3, "the block header has an unknown field");
        this.dataHash = Uint8Array.from(header.bytes());
      }
    }
    faultUnless(this.dataHash.length === 32, "the data hash does not have 32 bytes");
  }

  #readData(start: number, end: number): void {
    const data = this.#inner.open(this.bytes, start, end);
    let count = 0;
    while (data.next()) {
      if (data.field !== 1 || data.wire !== WIRE_BYTES) throw new Fault("the block's data has an unknown field");
      this.envelopeStarts[count] = data.start;
      this.envelopeEnds[count] = data.end;
      count += 1;
    }
    faultUnless(count > 0, "the block holds no envelope");
    this.count = count;
  }

  #readMetadata(start: number, end: number): void {
    const metadata = this.#inner.open(this.bytes, start, end);
    const entries: Uint8Array[] = [];
    while (metadata.next()) {
      faultUnless(metadata.field === 1 && entries.length < 6, "the block's metadata does not have exactly six entries");
      entries.push(metadata.bytes());
    }
    const [signatures, lastConfig, codes, orderer, commitHash, proof] = entries;
    faultUnless(codes !== undefined && proof !== undefined, "the block's metadata does not have exactly six entries");
    for (const entry of [signatures, lastConfig, orderer, commitHash]) {
      faultUnless(entry?.length === 0, "a metadata entry that must be empty is not");
    }
    faultUnless(codes.length === this.count, "the block does not have one validation code for each envelope");
    this.codes = codes;
    this.#readProof(proof);
  }

  #readProof(bytes: Uint8Array): void {
    const proof = this.#inner.open(bytes);
    const versioned = proof.next() && proof.field === 1 && proof.wire === WIRE_VARINT && proof.value === 1;
    faultUnless(versioned, "the block proof has an unknown version");
    proof.take(2, missing("transaction kinds"));
    this.kinds = proof.bytes();
    faultUnless(this.kinds.length === this.count, "the block does not have one kind for each envelope");
    proof.take(3, missing("checkpoint"));
    const checkpoint = bytesToUtf8(proof.bytes());
    faultUnless(checkpoint !== undefined, "the checkpoint is not valid UTF-8");
    this.checkpoint = checkpoint;
    proof.finish("the block proof has a field too many");
  }
}

function octets(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x04, bytes.length]), bytes]);
}

function missing(name: string): string {
  return `the block's ${name} is missing or not in its place`;
}

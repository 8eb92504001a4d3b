import { createHash, hash } from "node:crypto";
import { InvariantError } from "@concordat/base";
import { EncodingInvalidError } from "./errors.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

const HASH_LENGTH = 32;
const PROOF_VERSION = 1;
const EMPTY = new Uint8Array(0);

export interface BlockHeader {
  readonly number: number;
  /** Header hash of the block before; empty in block 0. */
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
}

/** A `common.Block` with the metadata of docs/reference/ledger-format.md section 3. */
export interface DecodedBlock extends BlockHeader {
  /** Serialized `common.Envelope`s, at least one. */
  readonly envelopes: readonly Uint8Array[];
  /** One TxValidationCode for each envelope. */
  readonly validationCodes: Uint8Array;
  /** One transaction kind for each envelope. */
  readonly kinds: Uint8Array;
  /** The signed note. */
  readonly checkpoint: string;
}

/**
 * The block's one encoding. It does not check hashes: it writes those it is given.
 * @throws InvariantError when the parts do not fit together
 */
export function encodeBlock(block: DecodedBlock): Uint8Array {
  const fault = shapeFault(block);
  if (fault !== undefined) throw new InvariantError(fault);
  const size = block.envelopes.reduce((sum, envelope) => sum + envelope.length + 6, 0);
  const writer = new WireWriter(size + block.envelopes.length * 2 + block.checkpoint.length * 3 + 256);
  writer.stringField(3, block.checkpoint);
  writer.bytesField(2, block.kinds);
  writer.varintField(1, PROOF_VERSION);
  writer.close(1, 0); // metadata 5
  writer.bytesElement(1, EMPTY);
  writer.bytesElement(1, EMPTY);
  writer.bytesElement(1, block.validationCodes); // metadata 2
  writer.bytesElement(1, EMPTY);
  writer.bytesElement(1, EMPTY);
  writer.close(3, 0);
  const data = writer.length;
  for (let index = block.envelopes.length - 1; index >= 0; index--) {
    const envelope = block.envelopes[index];
    if (envelope !== undefined) writer.bytesElement(1, envelope);
  }
  writer.close(2, data);
  const header = writer.length;
  writer.bytesField(3, block.dataHash);
  writer.bytesField(2, block.previousHash);
  writer.varintField(1, block.number);
  writer.close(1, header);
  return writer.detach();
}

/**
 * Reads what {@link encodeBlock} writes, and nothing else: equal content means equal bytes, although header and data hash leave the metadata
 * uncovered. Envelopes are views. Hashes are not checked here.
 * @throws EncodingInvalidError
 */
export function decodeBlock(bytes: Uint8Array): DecodedBlock {
  const reader = new WireReader(bytes);
  const outerHeader = reader.enter(1);
  const number = reader.varint(1);
  const previousHash = reader.bytes(2);
  const dataHashStated = reader.bytes(3);
  reader.leave(outerHeader);
  const outerData = reader.enter(2);
  const envelopes: Uint8Array[] = [];
  while (reader.accept(1)) envelopes.push(reader.view());
  reader.leave(outerData);
  const outerMetadata = reader.enter(3);
  readEmptySlot(reader);
  readEmptySlot(reader);
  const validationCodes = reader.required(1);
  readEmptySlot(reader);
  readEmptySlot(reader);
  const outerProof = reader.enter(1);
  const version = reader.varint(1);
  const kinds = reader.bytes(2);
  const checkpoint = reader.string(3);
  reader.leave(outerProof);
  reader.leave(outerMetadata);
  reader.end();
  if (version !== PROOF_VERSION)
    throw new EncodingInvalidError(`The block's proof has version ${version}, not ${PROOF_VERSION}.`);
  const block = { number, previousHash, dataHash: dataHashStated, envelopes, validationCodes, kinds, checkpoint };
  const fault = shapeFault(block);
  if (fault !== undefined) throw new EncodingInvalidError(fault);
  return block;
}

/** Fabric's header hash: SHA-256 of the DER SEQUENCE { INTEGER number, OCTET STRING previousHash, OCTET STRING dataHash }. */
export function headerHash(header: BlockHeader): Uint8Array {
  const { previousHash, dataHash } = header;
  const number = derInteger(header.number);
  const length = number.length + 4 + previousHash.length + dataHash.length;
  const der = new Uint8Array(2 + length);
  der.set([0x30, length]);
  der.set(number, 2);
  der.set([0x04, previousHash.length], 2 + number.length);
  der.set(previousHash, 4 + number.length);
  der.set([0x04, dataHash.length], 4 + number.length + previousHash.length);
  der.set(dataHash, 6 + number.length + previousHash.length);
  return new Uint8Array(hash("sha256", der, "buffer"));
}

/** Fabric's data hash: SHA-256 of the envelopes, one after the other. */
export function dataHash(envelopes: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const envelope of envelopes) digest.update(envelope);
  return new Uint8Array(digest.digest());
}

/** Tag, length and the shortest big-endian form with a clear sign bit. */
function derInteger(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvariantError("A block number is an integer from 0 to 2^53 - 1.");
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest % 0x100);
    rest = Math.floor(rest / 0x100);
  } while (rest > 0);
  if ((bytes[0] ?? 0) >= 0x80) bytes.unshift(0);
  return Uint8Array.of(0x02, bytes.length, ...bytes);
}

function readEmptySlot(reader: WireReader): void {
  if (reader.required(1).length > 0)
    throw new EncodingInvalidError("A metadata entry that has no meaning is not empty.");
}

function shapeFault(block: DecodedBlock): string | undefined {
  const count = block.envelopes.length;
  if (count === 0) return "The block holds no envelope.";
  if (block.envelopes.some((envelope) => envelope.length === 0)) return "An envelope is empty.";
  if (block.validationCodes.length !== count) return "The block has not one validation code for each envelope.";
  if (block.kinds.length !== count) return "The block has not one transaction kind for each envelope.";
  if (block.dataHash.length !== HASH_LENGTH) return "The data hash has not 32 bytes.";
  if (block.previousHash.length !== (block.number === 0 ? 0 : HASH_LENGTH))
    return "The previous hash has a wrong length.";
  return undefined;
}

import { hash } from "node:crypto";
import { Fault } from "../core/fault.ts";
import { FieldReader, WIRE_BYTES, WIRE_VARINT } from "../core/protobuf.ts";

export const HEADER_CONFIG = 1;
export const HEADER_ENDORSER_TRANSACTION = 3;

/**
 * The outer layers of one envelope of our own making (kinds 0 and 1), read in place: no object is made for a field. Fields must stand in ascending order, none twice and
 * none unknown, so that every decoder sees the same message. One object serves all envelopes of a ledger.
 * @source docs/reference/ledger-format.md section 3; Fabric's common.proto
 */
export class EnvelopeView {
  bytes: Buffer = Buffer.alloc(0);
  type = 0;
  seconds = 0;
  nanos = 0;
  channelHeaderStart = 0;
  channelHeaderEnd = 0;
  signatureHeaderStart = 0;
  signatureHeaderEnd = 0;
  channelIdStart = 0;
  channelIdEnd = 0;
  txIdStart = 0;
  txIdEnd = 0;
  /** The payload's data: a Transaction or a ConfigEnvelope. */
  dataStart = 0;
  dataEnd = 0;
  #creatorStart = 0;
  #creatorEnd = 0;
  #nonceStart = 0;
  #nonceEnd = 0;
  readonly #reader = new FieldReader();
  readonly #nested = new FieldReader();
  #scratch = Buffer.allocUnsafe(16 * 1024);

  /** @throws Fault */
  read(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    const reader = this.#reader.open(bytes, start, end);
    reader.take(1, "an envelope has no payload");
    const payloadStart = reader.start;
    const payloadEnd = reader.end;
    reader.finish("an envelope carries a signature or an unknown field");
    this.#readPayload(payloadStart, payloadEnd);
  }

  /** The transaction id that nonce and creator yield, as hex. */
  computeTxId(): string {
    const nonceLength = this.#nonceEnd - this.#nonceStart;
    const length = nonceLength + this.#creatorEnd - this.#creatorStart;
    const scratch = this.#scratchOf(length);
    this.bytes.copy(scratch, 0, this.#nonceStart, this.#nonceEnd);
    this.bytes.copy(scratch, nonceLength, this.#creatorStart, this.#creatorEnd);
    return hash("sha256", scratch.subarray(0, length), "hex");
  }

  /** `H(channel header || signature header || chaincode_proposal_payload)`, as a Latin-1 string of 32 characters. */
  computeProposalHash(proposalStart: number, proposalEnd: number): string {
    const { channelHeaderStart, channelHeaderEnd, signatureHeaderStart, signatureHeaderEnd } = this;
    const channelHeader = channelHeaderEnd - channelHeaderStart;
    const headers = channelHeader + signatureHeaderEnd - signatureHeaderStart;
    const length = headers + proposalEnd - proposalStart;
    const scratch = this.#scratchOf(length);
    this.bytes.copy(scratch, 0, channelHeaderStart, channelHeaderEnd);
    this.bytes.copy(scratch, channelHeader, signatureHeaderStart, signatureHeaderEnd);
    this.bytes.copy(scratch, headers, proposalStart, proposalEnd);
    return hash("sha256", scratch.subarray(0, length), "binary");
  }

  #readPayload(start: number, end: number): void {
    const reader = this.#reader.open(this.bytes, start, end);
    reader.take(1, "a payload has no header");
    const headerStart = reader.start;
    const headerEnd = reader.end;
    reader.take(2, "a payload has no data");
    this.dataStart = reader.start;
    this.dataEnd = reader.end;
    reader.finish("a payload has an unknown field");
    const header = reader.open(this.bytes, headerStart, headerEnd);
    header.take(1, "a header has no channel header");
    this.channelHeaderStart = header.start;
    this.channelHeaderEnd = header.end;
    header.take(2, "a header has no signature header");
    this.signatureHeaderStart = header.start;
    this.signatureHeaderEnd = header.end;
    header.finish("a header has an unknown field");
    this.#readChannelHeader();
    this.#readSignatureHeader();
  }

  #readChannelHeader(): void {
    const reader = this.#reader.open(this.bytes, this.channelHeaderStart, this.channelHeaderEnd);
    this.type = 0;
    this.seconds = 0;
    this.nanos = 0;
    this.channelIdStart = this.channelIdEnd = 0;
    this.txIdStart = this.txIdEnd = 0;
    while (reader.nextAscending(0)) {
      const { field } = reader;
      reader.expect(field === 1 || field === 2 || field === 6 ? WIRE_VARINT : WIRE_BYTES);
      switch (field) {
        case 1:
          this.type = reader.value;
          break;
        case 3:
          this.#readTimestamp(reader.start, reader.end);
          break;
        case 4:
          this.channelIdStart = reader.start;
          this.channelIdEnd = reader.end;
          break;
        case 5:
          this.txIdStart = reader.start;
          this.txIdEnd = reader.end;
          break;
        // version, epoch, extension (the chaincode id) and the hash of a TLS certificate decide nothing here.
        case 2:
        case 6:
        case 7:
        case 8:
          break;
        default:
          throw new Fault("a channel header has an unknown field");
      }
    }
  }

  #readTimestamp(start: number, end: number): void {
    const reader = this.#nested.open(this.bytes, start, end);
    while (reader.nextAscending(0)) {
      reader.expect(WIRE_VARINT);
      if (reader.field === 1) this.seconds = reader.value;
      else if (reader.field === 2 && reader.value < 1_000_000_000) this.nanos = reader.value;
      else throw new Fault("a timestamp is malformed");
    }
  }

  #readSignatureHeader(): void {
    const reader = this.#reader.open(this.bytes, this.signatureHeaderStart, this.signatureHeaderEnd);
    this.#creatorStart = this.#creatorEnd = 0;
    this.#nonceStart = this.#nonceEnd = 0;
    while (reader.nextAscending(0)) {
      reader.expect(WIRE_BYTES);
      if (reader.field === 1) {
        this.#creatorStart = reader.start;
        this.#creatorEnd = reader.end;
      } else if (reader.field === 2) {
        this.#nonceStart = reader.start;
        this.#nonceEnd = reader.end;
      } else {
        throw new Fault("a signature header has an unknown field");
      }
    }
  }

  #scratchOf(length: number): Buffer {
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(2 * length);
    return this.#scratch;
  }
}

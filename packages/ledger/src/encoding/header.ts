import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

/** `common.HeaderType`, as far as this ledger writes it. */
export const HEADER_TYPE_CONFIG = 1;
export const HEADER_TYPE_ENDORSER_TRANSACTION = 3;

/** A point in time; `nanos` from 0 to 999,999,999. */
export interface EnvelopeTimestamp {
  readonly seconds: number;
  readonly nanos: number;
}

export interface ChannelHeader {
  /** `common.HeaderType`. */
  readonly type: number;
  readonly channelId: string;
  readonly txId: string;
  readonly timestamp: EnvelopeTimestamp;
}

export interface SignatureHeader {
  /** A serialized identity; empty where nobody submitted, as in block 0. */
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
}

export function writeTimestamp(writer: WireWriter, field: number, timestamp: EnvelopeTimestamp): void {
  const mark = writer.length;
  writer.varintField(2, timestamp.nanos);
  writer.varintField(1, timestamp.seconds);
  writer.close(field, mark);
}

export function readTimestamp(reader: WireReader, field: number): EnvelopeTimestamp {
  const outer = reader.enter(field);
  const seconds = reader.varint(1);
  const nanos = reader.varint(2);
  reader.leave(outer);
  return { seconds, nanos };
}

export function timestampToMs({ seconds, nanos }: EnvelopeTimestamp): number {
  return seconds * 1000 + Math.floor(nanos / 1_000_000);
}

export function readSignatureHeader(reader: WireReader): SignatureHeader {
  const creator = reader.bytes(1);
  const nonce = reader.bytes(2);
  return { creator, nonce };
}

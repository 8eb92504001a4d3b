import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import type { EnvelopeHeaders } from "./ports.ts";

const NOTHING = new Uint8Array(0);
const TX_ID_LENGTH_MAX = 255;
const ASCII = /^[\0-\x7f]*$/;
/** Protobuf's timestamps end with the year 9999. */
const SECONDS_MAX = 253_402_300_799n;
const SECONDS_MIN = -62_135_596_800n;
const NANOS_MAX = 999_999_999;

/**
 * Reads what a `common.Envelope` must have to be ordered at all, whatever else is wrong with it. Undefined when it has no readable payload with a
 * channel header and a signature header, or no transaction id of 1 to 255 ASCII characters. Nothing is copied.
 * @source fabric-protos common/common.proto
 */
export function readEnvelopeHeaders(envelope: Uint8Array): EnvelopeHeaders | undefined {
  return readOrUndefined(() => {
    const reader = FieldReader.of(envelope, singular(1, 2));
    let payload: Uint8Array | undefined;
    let content: PayloadParts | undefined;
    let signature: Uint8Array = NOTHING;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) {
        payload = reader.view();
        content = readPayload(reader.message(singular(1, 2)));
      } else if (field === 2) signature = reader.view();
    }
    return payload === undefined || content === undefined ? undefined : { payload, signature, ...content };
  });
}

type PayloadParts = Omit<EnvelopeHeaders, "payload" | "signature">;

function readPayload(reader: FieldReader): PayloadParts | undefined {
  let headers: Omit<PayloadParts, "data"> | undefined;
  let data: Uint8Array = NOTHING;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) headers = readHeader(reader.message(singular(1, 2)));
    else if (field === 2) data = reader.view();
  }
  return headers === undefined ? undefined : { ...headers, data };
}

function readHeader(reader: FieldReader): Omit<PayloadParts, "data"> | undefined {
  let channelHeader: Uint8Array | undefined;
  let signatureHeader: Uint8Array | undefined;
  let channel: ChannelParts | undefined;
  let signer: { creator: Uint8Array; nonce: Uint8Array } | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) {
      channelHeader = reader.view();
      channel = readChannelHeader(reader.message(CHANNEL_HEADER_FIELDS));
    } else if (field === 2) {
      signatureHeader = reader.view();
      signer = readSignatureHeader(reader.message(singular(1, 2)));
    }
  }
  if (channelHeader === undefined || signatureHeader === undefined) return undefined;
  if (channel === undefined || signer === undefined) return undefined;
  return { ...channel, ...signer, channelHeader, signatureHeader };
}

type ChannelParts = Pick<
  EnvelopeHeaders,
  "type" | "channelId" | "txId" | "timestampMs" | "timestamp" | "epoch" | "extension"
>;

const CHANNEL_HEADER_FIELDS = singular(1, 2, 3, 4, 5, 6, 7, 8);

function readChannelHeader(reader: FieldReader): ChannelParts | undefined {
  const timestamp = { seconds: 0, nanos: 0 };
  const parts = {
    type: 0,
    channelId: "",
    txId: "",
    timestampMs: 0,
    timestamp,
    epoch: 0n,
    extension: NOTHING as Uint8Array,
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) parts.type = reader.int32();
    else if (field === 3) {
      const stated = readTimestamp(reader.message(singular(1, 2)));
      if (stated === undefined) return undefined;
      parts.timestamp = stated;
      parts.timestampMs = stated.seconds * 1000 + Math.floor(stated.nanos / 1_000_000);
    } else if (field === 4) parts.channelId = reader.string();
    else if (field === 5) parts.txId = reader.string();
    else if (field === 6) parts.epoch = reader.uint64();
    else if (field === 7) parts.extension = reader.view();
  }
  const { txId } = parts;
  return txId.length === 0 || txId.length > TX_ID_LENGTH_MAX || !ASCII.test(txId) ? undefined : parts;
}

function readTimestamp(reader: FieldReader): EnvelopeHeaders["timestamp"] | undefined {
  let seconds = 0n;
  let nanos = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) seconds = reader.int64();
    else if (field === 2) nanos = reader.int32();
  }
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0 || nanos > NANOS_MAX) return undefined;
  return { seconds: Number(seconds), nanos };
}

function readSignatureHeader(reader: FieldReader): { readonly creator: Uint8Array; readonly nonce: Uint8Array } {
  let creator: Uint8Array = NOTHING;
  let nonce: Uint8Array = NOTHING;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) creator = reader.view();
    else if (field === 2) nonce = reader.view();
  }
  return { creator, nonce };
}

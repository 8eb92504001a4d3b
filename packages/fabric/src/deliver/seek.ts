import { WireError, WireMessage } from "../wire/read.ts";

export type SeekPosition =
  | { readonly kind: "newest" | "oldest" | "next-commit"; readonly number?: undefined }
  | { readonly kind: "specified"; readonly number: number };

/** What a reader of blocks asks for, and who it is. */
export interface SeekRequest {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly creator: Uint8Array;
  readonly channelId: string;
  /** Undefined when the header has none. */
  readonly timestampMs: number | undefined;
  readonly tlsCertHash: Uint8Array;
  readonly seekInfo: Uint8Array;
}

export interface SeekInfo {
  readonly start: SeekPosition | undefined;
  readonly stop: SeekPosition | undefined;
  readonly failIfNotReady: boolean;
  readonly headersOnly: boolean;
}

/** @param envelope a serialized Envelope @throws WireError */
export function readSeekRequest(envelope: Uint8Array): SeekRequest {
  const outer = new WireMessage(envelope);
  const payload = outer.bytes(1);
  const fields = new WireMessage(payload);
  if (!fields.has(1)) throw new WireError("envelope has no header");
  const header = fields.message(1);
  const channelHeader = header.message(1);
  const timestamp = channelHeader.has(3) ? channelHeader.message(3) : undefined;
  return {
    payload,
    signature: outer.bytes(2),
    creator: header.message(2).bytes(1),
    channelId: channelHeader.text(4),
    timestampMs: timestamp && timestamp.number(1) * 1_000 + timestamp.number(2) / 1_000_000,
    tlsCertHash: channelHeader.bytes(8),
    seekInfo: fields.bytes(2),
  };
}

/** @source orderer.SeekInfo: start 1, stop 2, behavior 3, error_response 4, content_type 5 @throws WireError */
export function readSeekInfo(bytes: Uint8Array): SeekInfo {
  const message = new WireMessage(bytes);
  return {
    start: message.has(1) ? readPosition(message.message(1)) : undefined,
    stop: message.has(2) ? readPosition(message.message(2)) : undefined,
    failIfNotReady: message.integer(3) === 1n,
    headersOnly: message.integer(5) === 1n,
  };
}

/** Numbers beyond what a chain can reach, as clients give to read for ever, are taken as the largest safe one. */
function readPosition(message: WireMessage): SeekPosition | undefined {
  if (message.has(1)) return { kind: "newest" };
  if (message.has(2)) return { kind: "oldest" };
  if (message.has(4)) return { kind: "next-commit" };
  if (!message.has(3)) return undefined;
  const number = message.message(3).integer(1);
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  return { kind: "specified", number: Number(number > largest ? largest : number) };
}

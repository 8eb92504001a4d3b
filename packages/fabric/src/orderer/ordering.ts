import { isConcordatError, type Logger } from "@concordat/base";
import type { BroadcastStatus, Ledger, OrderResult } from "@concordat/ledger/client";
import { WireError, WireMessage } from "../wire/read.ts";

/** `common.Status` by name, as far as an orderer answers them. @source fabric-protos common/common.proto */
export const COMMON_STATUS = {
  SUCCESS: 200,
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  REQUEST_ENTITY_TOO_LARGE: 413,
  INTERNAL_SERVER_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  SERVICE_UNAVAILABLE: 503,
} as const;

export type CommonStatus = keyof typeof COMMON_STATUS;

export type OrderAnswer =
  | { readonly status: "SUCCESS"; readonly result: OrderResult }
  | { readonly status: Exclude<CommonStatus, "SUCCESS">; readonly info: string };

type Refusal = OrderAnswer & { readonly status: Exclude<CommonStatus, "SUCCESS"> };

interface Channels {
  has(channelId: string): boolean;
}

/** Which of the orderer's channels an envelope is for; or why it has none. */
export function channelOf(envelope: Uint8Array, channels: Channels): { readonly channelId: string } | Refusal {
  const header = readChannelId(envelope);
  if ("fault" in header) return { status: "BAD_REQUEST", info: `could not determine channel ID: ${header.fault}` };
  const { channelId } = header;
  return channels.has(channelId) ? header : { status: "NOT_FOUND", info: `channel ${channelId} doesn't exist` };
}

/**
 * Has an envelope ordered. Success is answered when its block is on disk, whatever the verdict.
 * @param stream of a client's stream of envelopes: behind a refused one the ledger orders no other
 */
export async function orderEnvelope(
  envelope: Uint8Array,
  channels: Channels,
  { ledger, log }: { readonly ledger: Ledger; readonly log: Logger },
  stream?: number,
): Promise<OrderAnswer> {
  const channel = channelOf(envelope, channels);
  if ("status" in channel) return channel;
  const { channelId } = channel;
  try {
    const request = { channelId, envelope, ...(stream === undefined ? {} : { stream }) };
    return { status: "SUCCESS", result: await ledger.order(request) };
  } catch (error) {
    if (!isConcordatError(error)) {
      log.error("Ordering broke off", { channelId, error: String(error) });
      return { status: "INTERNAL_SERVER_ERROR", info: "internal error" };
    }
    return { status: statusOf(error.code, error.facts["status"]), info: error.message };
  }
}

const REFUSALS: Readonly<Record<BroadcastStatus, true>> = {
  BAD_REQUEST: true,
  FORBIDDEN: true,
  REQUEST_ENTITY_TOO_LARGE: true,
  NOT_IMPLEMENTED: true,
};

function statusOf(code: string, refusal: unknown): Exclude<CommonStatus, "SUCCESS"> {
  if (code === "ENVELOPE_REFUSED") return isRefusal(refusal) ? refusal : "BAD_REQUEST";
  if (code === "CHANNEL_UNKNOWN") return "NOT_FOUND";
  // Whether it is on disk nobody knows: the client must ask for its status, not send it again.
  if (code === "OUTCOME_UNKNOWN") return "INTERNAL_SERVER_ERROR";
  return "SERVICE_UNAVAILABLE";
}

function isRefusal(text: unknown): text is BroadcastStatus {
  return typeof text === "string" && Object.hasOwn(REFUSALS, text);
}

function readChannelId(envelope: Uint8Array): { readonly channelId: string } | { readonly fault: string } {
  try {
    const header = new WireMessage(envelope).message(1).message(1);
    if (!header.has(1)) return { fault: "missing channel header" };
    return { channelId: header.message(1).text(4) };
  } catch (error) {
    if (error instanceof WireError) return { fault: `error unmarshaling envelope: proto: ${error.message}` };
    throw error;
  }
}

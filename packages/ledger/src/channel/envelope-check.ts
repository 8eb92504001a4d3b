import type { ConcordatError } from "@concordat/base";
import type { ChannelMsps, EnvelopeHeaders, MemberFault } from "../endorsement/ports.ts";
import { readEnvelopeHeaders } from "../endorsement/read-envelope.ts";
import { CLIENT_CLOCK_SKEW_MAX_MS } from "../endorsement/shared-rules.ts";
import { checkCreator } from "../endorsement/validate-transaction.ts";
import { ledgerErrors } from "../errors.ts";
import { ENVELOPE_BYTES_MAX } from "./executor.ts";

/** `common.HeaderType`s that no client sends to be ordered as they are. */
const CONFIG = 1;
const CONFIG_UPDATE = 2;
const ORDERER_TRANSACTION = 4;

/**
 * What an orderer asks of an envelope before it takes it: whatever fails here leaves no trace in the log. Everything else about it is judged when it
 * gets its place, and is on record.
 * @throws LedgerError ENVELOPE_REFUSED
 * @source fabric orderer/common/broadcast/broadcast.go, orderer/common/msgprocessor
 */
export function checkEnvelope(
  envelope: Uint8Array,
  channel: { readonly msps: ChannelMsps; readonly nowMs: number },
): EnvelopeHeaders {
  if (envelope.length > ENVELOPE_BYTES_MAX) {
    const reason = `The envelope has ${envelope.length} bytes; the channel takes ${ENVELOPE_BYTES_MAX}.`;
    throw ledgerErrors.envelopeRefused("REQUEST_ENTITY_TOO_LARGE", reason);
  }
  const headers = readEnvelopeHeaders(envelope);
  if (headers === undefined) throw badRequest("The envelope's headers cannot be read.");
  const { channelId } = channel.msps.config;
  if (headers.channelId !== channelId) throw badRequest(`The envelope is not for channel "${channelId}".`);
  const fault = typeFault(headers.type);
  if (fault !== undefined) throw fault;
  if (Math.abs(headers.timestampMs - channel.nowMs) > CLIENT_CLOCK_SKEW_MAX_MS) {
    throw badRequest(`The envelope's time is more than ${CLIENT_CLOCK_SKEW_MAX_MS / 1000} s off the channel's.`);
  }
  const creator = checkCreator(headers, channel.msps, headers.timestampMs);
  if (creator.member === undefined) throw creatorRefused(creator.fault);
  return headers;
}

function typeFault(type: number): ConcordatError | undefined {
  if (type === CONFIG_UPDATE) {
    const reason = "Channels are configured through the platform; configuration updates are not taken here.";
    return ledgerErrors.envelopeRefused("NOT_IMPLEMENTED", reason);
  }
  if (type !== CONFIG && type !== ORDERER_TRANSACTION) return undefined;
  return badRequest("The envelope is of a type that only an orderer makes.");
}

function badRequest(reason: string): ConcordatError {
  return ledgerErrors.envelopeRefused("BAD_REQUEST", reason);
}

function creatorRefused(fault: MemberFault | "wrong-signature"): ConcordatError {
  const reason =
    fault === "wrong-signature"
      ? "The envelope is not signed by its creator."
      : "The envelope's creator is no member of the channel.";
  return ledgerErrors.envelopeRefused("FORBIDDEN", reason, { fault });
}

import { decodeConfigTransaction } from "../encoding/config.ts";
import { decodeWrites } from "../encoding/decode.ts";
import { EncodingInvalidError } from "../encoding/errors.ts";
import type { EndorsedTransaction, EnvelopeHeaders, NamespaceResults } from "../endorsement/ports.ts";
import { readEndorsedTransaction } from "../endorsement/read-endorsed-transaction.ts";
import { readEnvelopeHeaders } from "../endorsement/read-envelope.ts";
import { encodeMetadataRow, metadataNamespace } from "../state/metadata-rows.ts";
import type { StateWrite } from "../state/ports.ts";
import { CONFIG_KEY, CONFIG_NAMESPACE } from "./effects.ts";

/** A write before it has its place. */
export type PlainWrite = Omit<StateWrite, "version">;

/** A transaction as a block holds it, whatever its kind. */
export interface StoredTransaction {
  readonly txId: string;
  /** Milliseconds since the epoch; of kind 2 the client's. */
  readonly timestampMs: number;
  /** The same, whole: clients' times have nanoseconds. Left out where there is nothing behind the milliseconds. */
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

/** What a valid transaction does. Values are views of the envelope. */
export interface StoredEffects extends StoredTransaction {
  /** In the order in which they take effect. */
  readonly writes: readonly PlainWrite[];
  readonly event: { readonly contract: string; readonly name: string; readonly payload: Uint8Array } | undefined;
}

/** Its id and time: every stored envelope has them, also a refused one. @throws EncodingInvalidError */
export function readStoredTransaction(kind: number | undefined, envelope: Uint8Array): StoredTransaction {
  if (kind === 0) return decodeConfigTransaction(envelope);
  return kind === 2 ? outsideHeaders(envelope) : decodeWrites(envelope);
}

/** Of valid transactions only. @throws EncodingInvalidError */
export function readStoredEffects(kind: number | undefined, envelope: Uint8Array): StoredEffects {
  if (kind === 0) {
    const { txId, timestampMs, configEnvelope } = decodeConfigTransaction(envelope);
    const writes = [{ namespace: CONFIG_NAMESPACE, key: CONFIG_KEY, value: configEnvelope }];
    return { txId, timestampMs, writes, event: undefined };
  }
  if (kind === 2) return outsideEffects(outsideHeaders(envelope));
  const { txId, timestampMs, namespace, writes, event } = decodeWrites(envelope);
  return {
    txId,
    timestampMs,
    writes: writes.map(({ key, value }) => ({ namespace, key, value })),
    event: event === undefined ? undefined : { contract: namespace, ...event },
  };
}

/**
 * The writes of an endorsed transaction: in the order of its set, in each namespace values before metadata. A metadata write is one to the row that
 * holds the key's metadata.
 */
export function plainWrites(namespaces: readonly NamespaceResults[]): readonly PlainWrite[] {
  return namespaces.flatMap(({ namespace, writes, metadataWrites }) => [
    ...writes.map(({ key, value }) => ({ namespace, key, value })),
    ...metadataWrites.map((write) => ({
      namespace: metadataNamespace(namespace),
      key: write.key,
      value: encodeMetadataRow(write),
    })),
  ]);
}

function outsideHeaders(envelope: Uint8Array): EnvelopeHeaders {
  const headers = readEnvelopeHeaders(envelope);
  if (headers === undefined) throw new EncodingInvalidError("The envelope has no readable headers.");
  return headers;
}

function outsideEffects(headers: EnvelopeHeaders): StoredEffects {
  const transaction = readEndorsedTransaction(headers);
  if (!isReadable(transaction)) throw new EncodingInvalidError("A valid transaction cannot be read.");
  const { event, namespaces } = transaction;
  return {
    txId: headers.txId,
    timestampMs: headers.timestampMs,
    timestamp: headers.timestamp,
    writes: plainWrites(namespaces),
    event: event === undefined ? undefined : { contract: event.contract, name: event.name, payload: event.payload },
  };
}

function isReadable(read: EndorsedTransaction | { readonly fault: number }): read is EndorsedTransaction {
  return !("fault" in read);
}

import { ConcordatError, type ErrorFacts } from "@concordat/base";
import type { BroadcastStatus, LedgerErrorCode } from "./ports.ts";

/** A refusal by the ledger engine. Except for OUTCOME_UNKNOWN, the refused call had no effect. */
export class LedgerError extends ConcordatError<LedgerErrorCode> {
  constructor(
    code: LedgerErrorCode,
    summary: string,
    details: { readonly remedy?: string; readonly facts?: ErrorFacts; readonly cause?: unknown } = {},
  ) {
    super({ code, summary, ...details });
  }
}

/** The engine's parts throw errors with codes of the port; this gives one the class that the port promises. */
export function toLedgerError(error: ConcordatError): LedgerError {
  if (error instanceof LedgerError) return error;
  const { remedy, facts } = error;
  return new LedgerError(error.code as LedgerErrorCode, error.message, {
    facts,
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export const ledgerErrors = {
  channelUnknown: (channelId: string) =>
    new LedgerError("CHANNEL_UNKNOWN", `Channel "${channelId}" does not exist.`, { facts: { channelId } }),
  channelExists: (channelId: string) =>
    new LedgerError("CHANNEL_EXISTS", `Channel "${channelId}" exists already.`, { facts: { channelId } }),
  channelReadOnly: (channelId: string) =>
    new LedgerError("CHANNEL_READ_ONLY", `Channel "${channelId}" has no checkpoint signing keys in this process.`, {
      remedy: "Unlock it with the key of each of its organizations.",
      facts: { channelId },
    }),
  channelFailed: (channelId: string, cause: unknown) =>
    new LedgerError("CHANNEL_FAILED", `Channel "${channelId}" stopped after a storage failure.`, {
      remedy: "Mend the disk and restart; nothing that was acknowledged is lost.",
      facts: { channelId },
      cause,
    }),
  argumentInvalid: (reason: string) => new LedgerError("ARGUMENT_INVALID", reason),
  contractUnknown: (contract: string) =>
    new LedgerError("CONTRACT_UNKNOWN", `The channel runs no contract "${contract}".`, { facts: { contract } }),
  functionUnknown: (contract: string, fn: string) =>
    new LedgerError("FUNCTION_UNKNOWN", `Contract "${contract}" has no function "${fn}".`, { facts: { contract, fn } }),
  contractRefused: (contract: string, refusal: string, message: string) =>
    new LedgerError("CONTRACT_REFUSED", message, { facts: { contract, refusal } }),
  contractFailed: (contract: string, fn: string, cause: unknown) =>
    new LedgerError("CONTRACT_FAILED", `Function "${fn}" of contract "${contract}" broke off.`, {
      facts: { contract, fn },
      cause,
    }),
  duplicateTransaction: (txId: string) =>
    new LedgerError("DUPLICATE_TRANSACTION", `Transaction ${txId} is in the log already.`, { facts: { txId } }),
  writeInFlight: (key: string) =>
    new LedgerError("WRITE_IN_FLIGHT", "A write of this key is not on disk yet.", {
      remedy: "Ask again in a moment.",
      facts: { key },
    }),
  transactionUnknown: (txId: string) =>
    new LedgerError("TRANSACTION_UNKNOWN", `The channel has no transaction ${txId}.`, { facts: { txId } }),
  blockUnknown: (block: number, height: number) =>
    new LedgerError("BLOCK_UNKNOWN", `Block ${block} is not stored here.`, { facts: { block, height } }),
  transactionTooLarge: (bytes: number, bytesMax: number) =>
    new LedgerError("TRANSACTION_TOO_LARGE", `The transaction has ${bytes} bytes; the channel takes ${bytesMax}.`, {
      facts: { bytes, bytesMax },
    }),
  blockHashUnknown: (headerHash: string) =>
    new LedgerError("BLOCK_UNKNOWN", "No block with this header hash is stored here.", { facts: { headerHash } }),
  envelopeRefused: (status: BroadcastStatus, reason: string, facts: ErrorFacts = {}) =>
    new LedgerError("ENVELOPE_REFUSED", reason, { facts: { ...facts, status } }),
  simulationUnknown: (simulationId: number) =>
    new LedgerError("SIMULATION_UNKNOWN", `Simulation ${simulationId} is not open.`, {
      remedy: "It was ended, not used for too long, or held too much: simulate the proposal again.",
      facts: { simulationId },
    }),
  simulationRefused: (reason: string) => new LedgerError("SIMULATION_REFUSED", reason),
  configInvalid: (reason: string) => new LedgerError("CONFIG_INVALID", reason),
  outcomeUnknown: (cause: unknown) =>
    new LedgerError("OUTCOME_UNKNOWN", "The disk failed while the transaction was being written.", {
      remedy: "After the restart, look the transaction up before sending it again.",
      cause,
    }),
  overloaded: (waiting: number) =>
    new LedgerError("OVERLOADED", `${waiting} transactions are waiting already.`, { remedy: "Slow down and retry." }),
  storeDamaged: (summary: string, facts: ErrorFacts, cause?: unknown) =>
    new LedgerError("STORE_DAMAGED", summary, {
      remedy: "Restore the channel's segments from a backup or a peer; derived data is rebuilt by itself.",
      facts,
      cause,
    }),
  snapshotInvalid: (reason: string, cause?: unknown) => new LedgerError("SNAPSHOT_INVALID", reason, { cause }),
  closed: () => new LedgerError("CLOSED", "The ledger is closed."),
};

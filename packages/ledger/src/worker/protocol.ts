import { ConcordatError, type ErrorFacts } from "@concordat/base";
import { LedgerError } from "../errors.ts";
import type { Ledger, LedgerErrorCode } from "../ports.ts";

/** What the worker is started with; contracts are code, so they cross by the module that exports them. */
export interface LedgerWorkerData {
  readonly directory: string;
  readonly installationId: string;
  /** URL of a module that exports `contracts: readonly Contract[]`. */
  readonly contractsModule: string;
  readonly segmentBytesMax?: number;
}

export type LedgerMethod = keyof Ledger;

/** Calls of one tick travel together: one message for a batch costs far less than one for each. */
export interface WorkerCall {
  readonly id: number;
  readonly method: LedgerMethod;
  readonly args: readonly unknown[];
}

export type WorkerAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WireError };

export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly error: WireError }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: ErrorFacts;
    }
  | { readonly type: "answers"; readonly answers: readonly WorkerAnswer[] };

export interface WireError {
  /** Undefined for a broken invariant. */
  readonly code: LedgerErrorCode | undefined;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly facts: ErrorFacts;
}

export function errorToWire(error: unknown): WireError {
  if (error instanceof ConcordatError) {
    // The engine's parts give their refusals the codes of the port.
    return { code: error.code as LedgerErrorCode, message: error.message, remedy: error.remedy, facts: error.facts };
  }
  return {
    code: undefined,
    message: error instanceof Error ? error.message : String(error),
    remedy: undefined,
    facts: {},
  };
}

export function errorFromWire({ code, message, remedy, facts }: WireError): Error {
  if (code === undefined) return new Error(message);
  return new LedgerError(code, message, { facts, ...(remedy === undefined ? {} : { remedy }) });
}

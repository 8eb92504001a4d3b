/**
 * The entry for a thread that only talks to the ledger's own: it loads none of the engine.
 */
export { LedgerError } from "./errors.ts";
export { originOf } from "./origin.ts";
export type * from "./ports.ts";
export type { LedgerWorkerData } from "./worker/protocol.ts";
export { startLedgerWorker } from "./worker/start-ledger-worker.ts";

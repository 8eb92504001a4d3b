export * from "./contract-api/index.ts";
export { type LedgerDependencies, type LedgerOptions, openLedger, originOf } from "./engine/ledger.ts";
export { LedgerError } from "./errors.ts";
export type * from "./ports.ts";
export type { LedgerWorkerData } from "./worker/protocol.ts";
export { startLedgerWorker } from "./worker/start-ledger-worker.ts";

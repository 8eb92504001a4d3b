export * from "./client.ts";
export * from "./contract-api/index.ts";
export { type LedgerDependencies, type LedgerOptions, openLedger } from "./engine/ledger.ts";

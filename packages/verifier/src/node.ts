export { type CommandIo, runVerifyLedger, runVerifyReceipt } from "./cli/commands.ts";
export * from "./index.ts";
export type { ChannelReport, LedgerFault, LedgerProgress } from "./ledger/channel.ts";
export { type LedgerReport, type VerifyLedgerOptions, verifyLedger } from "./ledger/verify-ledger.ts";
export { nodeCrypto } from "./node-crypto.ts";
export { buildPage } from "./page/build.ts";

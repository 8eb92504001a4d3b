export { auditContract } from "./audit/contract.ts";
export { type AuditEntryJson, auditEntryToText, auditLimits, parseAuditEntry } from "./audit/entry.ts";
export type { AuditRefusalCode } from "./audit/refusals.ts";
export * from "./collaboration/answers.ts";
export { collaborationContract } from "./collaboration/contract.ts";
export { phaseDataRowKey } from "./collaboration/data.ts";
export { type DataKind, findItemFault, type ItemFault, isDataKey } from "./collaboration/items.ts";
export { collaborationLimits } from "./collaboration/limits.ts";
export { type CollaborationRefusalCode, collaborationRefusals } from "./collaboration/refusals.ts";
export * from "./devices/answers.ts";
export { type DeviceRefusalCode, deviceRefusals } from "./devices/refusals.ts";
export {
  type Batch,
  type BatchFault,
  type BatchItem,
  findBatchFault,
  isValueTooLong,
  parseBatch,
} from "./evidence/batch.ts";
export { evidenceContract } from "./evidence/contract.ts";
export * from "./evidence/key.ts";
export type { EvidenceRecordJson } from "./evidence/read.ts";
export { type EvidenceRefusalCode, evidenceRefusals } from "./evidence/refusals.ts";
export * from "./fabric-shim-adapter.ts";
export * from "./token/answers.ts";
export { tokenContract } from "./token/contract.ts";
export { tokenLimits } from "./token/limits.ts";
export { type TokenRefusalCode, tokenRefusals } from "./token/refusals.ts";

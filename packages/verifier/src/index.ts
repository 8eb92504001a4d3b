export type { CertificateFacts } from "./core/certificate.ts";
export { portableCrypto, type VerifierCrypto } from "./core/crypto.ts";
export type { Content, CreatorFacts, ReadFacts, TransactionFacts, WriteFacts } from "./core/transaction-facts.ts";
export {
  parseTrustBundle,
  type TrustBundle,
  type TrustedChannel,
  type TrustedKey,
  type TrustedOrganization,
} from "./core/trust.ts";
export { type ConsistencyVerdict, verifyConsistency } from "./core/verify-consistency.ts";
export { type ReceiptFacts, type ReceiptStatus, type ReceiptVerdict, verifyReceipt } from "./core/verify-receipt.ts";

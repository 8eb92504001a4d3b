/** What endorsers and orderers share with the validator: members, policies, and the encodings between them. Pure; usable from any thread. */
export * from "./definitions.ts";
export { isPolicySatisfied } from "./evaluate-policy.ts";
export { type ChannelMspsOptions, createChannelMsps, deserializeMember } from "./msps.ts";
export {
  decodeApplicationPolicy,
  decodeSignaturePolicy,
  encodeApplicationPolicy,
  encodeSignaturePolicy,
} from "./policy-codec.ts";
export { parsePolicyText, policyToText } from "./policy-text.ts";
export type * from "./ports.ts";
export { readEndorsedTransaction } from "./read-endorsed-transaction.ts";
export { readEnvelopeHeaders } from "./read-envelope.ts";
export { decodeResults, encodeResults } from "./results.ts";
export { CLIENT_CLOCK_SKEW_MAX_MS, VALIDATION_PARAMETER } from "./shared-rules.ts";
export {
  type CreatorVerdict,
  checkCreator,
  type ValidationContext,
  validateEndorsed,
} from "./validate-transaction.ts";
export { TX_VALIDATION_CODE, type TxValidationCode, validationCodeName } from "./validation-code.ts";
export {
  encodeProposalResponsePayload,
  encodeTransactionPayload,
  type ProposalResponseInput,
  proposalHashOf,
  type TransactionPayloadInput,
  withoutTransient,
} from "./write-transaction.ts";

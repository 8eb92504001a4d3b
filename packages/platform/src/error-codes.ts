/** Refusals of the services that vendors' data calls use. */
export type PlatformErrorCode =
  | "ACCESS_DENIED"
  | "ACCOUNT_UNKNOWN"
  | "ACCESS_KEY_UNKNOWN"
  | "ACCOUNT_KIND_REFUSED" // -104: a member must be a RAM user
  | "SERVICE_NOT_OPENED" // -339
  | "CHAIN_UNKNOWN"
  | "CHAIN_NAME_INVALID"
  | "REMARK_INVALID"
  | "VALIDITY_INVALID"
  | "BLOCK_CUTTING_INVALID"
  | "CHAIN_CODE_MALFORMED" // -101
  | "CHAIN_CODE_MISMATCH" // -105
  | "EVIDENCE_KEY_MALFORMED" // -102
  | "VALUE_EMPTY" // -103
  | "VALUE_MALFORMED" // text that UTF-8 cannot hold
  | "DATA_TYPE_FOREIGN" // -115
  | "DATA_TYPE_UNKNOWN" // -305
  | "BATCH_MIXED" // -218
  | "BATCH_KEY_REPEATED" // -219
  | "VALUE_TOO_LONG" // -220
  | "BATCH_TOO_LARGE" // -221
  | "BATCH_VALUE_TOO_LONG" // -222
  | "KEY_EXISTS" // -317
  | "BATCH_KEY_EXISTS" // -318
  | "EVIDENCE_IN_FLIGHT" // -320
  | "BUSINESS_ID_MALFORMED"
  | "BUSINESS_ID_EXISTS" // -317: the key has a record with this business id
  | "EVIDENCE_UNKNOWN"
  | "WINDOW_INVALID" // end before start, or more than 30 days
  | "WINDOW_NEEDED" // more than 500 rows and no times
  | "PAGE_INVALID" // pages count from 1, 1 to 100 rows each
  | "DIGEST_MALFORMED"
  | "CHAIN_EXPIRED" // nothing can be written to it any more
  | "QUOTA_EXCEEDED" // the chain's number of records or bytes
  | "MEMBER_EXISTS"
  | "MEMBER_UNKNOWN"
  | "MEMBER_CONTACT_INVALID"
  | "MEMBER_PHONE_INVALID"
  | "PRODUCT_UNKNOWN"
  | "DEVICE_GROUP_EXISTS" // the chain has a group of this product
  | "DEVICE_GROUP_UNKNOWN"
  | "DEVICE_UNKNOWN" // no such device has uploaded to the group
  | "DEVICE_UNAUTHORIZED" // the group or the device may not upload
  | "DEVICE_FIELD_EMPTY" // -106
  | "DEVICE_SIGNATURE_REFUSED" // -106: malformed, wrong, too old, used before, or of a device that is not known
  | "DEVICE_AUTH_TYPE_UNSUPPORTED" // -107
  | "DEVICE_DIGEST_MALFORMED" // -110
  | "DEVICE_DIGEST_WRONG" // -111
  | "DEVICE_SOURCE_UNSUPPORTED" // -118
  | "PHASE_GROUP_UNKNOWN"
  | "PHASE_UNKNOWN"
  | "PHASE_LIST_INVALID" // a phase to be authorized is not of the group, or named twice
  | "PHASE_DATA_KEY_MALFORMED"
  | "PHASE_DATA_SEQUENCE_MALFORMED"
  | "PHASE_DATA_UNKNOWN"
  | "PHASE_DIGEST_MALFORMED"
  | "PHASE_DATA_LIST_INVALID" // no list of items, or an empty one
  | "RELATED_DATA_REFUSED" // what an upload refers to is not on chain, or is other data
  | "NAME_INVALID"
  | "NAME_EXISTS"
  | "TRANSACTION_UNKNOWN"
  | "CHANNEL_UNKNOWN"
  | "BLOCK_UNKNOWN"
  | "CALL_REPLAYED"
  | "IDEMPOTENCY_CONFLICT"
  | "IDEMPOTENCY_KEY_MALFORMED"
  | "LEDGER_UNAVAILABLE" // stopped, damaged or locked; nothing was written
  | "OUTCOME_UNKNOWN" // the disk failed during the write: it may or may not have happened
  | "LEDGER_FAULT" // a defect of ours: the ledger refused what only our own code can send
  | "OVERLOADED"
  | "CERTIFICATE_NOT_USABLE" // of the caller: frozen, revoked or expired; facts.status says which
  | "HOME_ELSEWHERE" // facts.url names it
  | "STORE_UNAVAILABLE";

/** Refusals of the administrative services, which vendors' data calls never use. */
export type AdministrationErrorCode =
  | "CREDENTIALS_WRONG"
  | "CREDENTIALS_SLOWED" // facts.retryAfterMs
  | "PRINCIPAL_DISABLED"
  | "TENANT_UNKNOWN"
  | "PROJECT_UNKNOWN"
  | "ENTERPRISE_PROJECT_UNKNOWN"
  | "USER_UNKNOWN"
  | "GROUP_UNKNOWN"
  | "POLICY_UNKNOWN"
  | "POLICY_INVALID"
  | "GRANT_UNKNOWN"
  | "QUOTA_INVALID"
  | "DEVICE_IDENTITY_UNKNOWN"
  | "DEVICE_IDENTITY_EXPORTED" // its key was handed out before
  | "DEVICE_LIMIT_REACHED"
  | "DESCRIPTION_INVALID"
  | "PASSWORD_INVALID"
  | "KEY_LIMIT_REACHED"
  | "CREDENTIAL_UNKNOWN"
  | "CREDENTIAL_INVALID"
  | "RESOURCE_IN_USE"
  | "ORGANIZATION_UNKNOWN"
  | "CERTIFICATE_UNKNOWN"
  | "CERTIFICATE_STATE_REFUSED"
  | "CERTIFICATE_REQUEST_INVALID"
  | "JOB_UNKNOWN"
  | "JOB_ENDED"
  | "JOB_RUNNING"
  | "AUDIT_ENTRY_UNKNOWN"
  | "AUDIT_ENTRY_PENDING" // it will be within moments
  | "ALARM_UNKNOWN"
  | "ROTATION_REFUSED"
  | "NETWORK_UNKNOWN"
  | "NETWORK_NOT_READY"
  | "NETWORK_LIMIT_REACHED"
  | "NODE_UNKNOWN"
  | "NODE_NOT_STARTED" // facts.reason
  | "CONTRACT_UNKNOWN"
  | "CONTRACT_DEFINITION_INVALID"
  | "CONTRACT_PACKAGE_INVALID"
  | "CONTRACT_PACKAGE_UNKNOWN"
  | "CONTRACT_NOT_RUNNING" // facts.reason
  | "CONTRACT_CALL_INVALID"
  | "CONTRACT_CALL_REFUSED" // facts.grpcCode and facts.details
  | "FABRIC_UNAVAILABLE";

import { ConcordatError } from "@concordat/base";

export type IdentityErrorCode =
  | "KEY_INVALID"
  | "CERTIFICATE_INVALID"
  | "CERTIFICATE_NAME_INVALID"
  | "CERTIFICATE_REQUEST_INVALID"
  | "CERTIFICATE_VALIDITY_INVALID"
  | "AUTHORITY_EXPIRED"
  | "REVOCATION_ENTRY_INVALID"
  | "MASTER_KEY_INVALID"
  | "MASTER_KEY_MISSING"
  | "MASTER_KEY_FILE_EXPOSED"
  | "MASTER_KEY_INSIDE_DATA"
  | "MASTER_KEY_UNREADABLE"
  | "SEALED_VALUE_DAMAGED"
  | "SEALED_WITH_OTHER_KEY"
  | "SEALED_VERSION_UNKNOWN";

export type IdentityFault = ConcordatError<IdentityErrorCode>;

export function identityFault(
  code: IdentityErrorCode,
  summary: string,
  more: { readonly remedy?: string; readonly cause?: unknown } = {},
): IdentityFault {
  return new ConcordatError({ code, summary, ...more });
}

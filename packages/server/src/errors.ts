import { ConcordatError, type ErrorFacts } from "@concordat/base";

export type ServerErrorCode =
  | "OPTION_INVALID"
  | "DATA_FOLDER_LOCKED"
  | "DATA_FOLDER_UNUSABLE"
  | "DATA_FOLDER_MISSING"
  | "PORT_TAKEN"
  | "ADDRESS_UNUSABLE"
  | "ADDRESS_UNSAFE"
  | "TLS_FILES_UNUSABLE"
  | "BOOTSTRAP_MISSING"
  | "BOOTSTRAP_INVALID"
  | "FILE_UNREADABLE"
  | "FILE_UNWRITABLE"
  | "FILE_TOO_LARGE"
  | "JOB_FAILED"
  | "TRANSACTION_REFUSED"
  | "CREDENTIALS_MISSING"
  | "SERVER_UNREACHABLE"
  | "SERVER_REFUSED"
  | "CHECK_FAILED";

export type ServerFault = ConcordatError<ServerErrorCode>;

export function serverFault(
  code: ServerErrorCode,
  summary: string,
  more: { readonly remedy?: string; readonly facts?: ErrorFacts; readonly cause?: unknown } = {},
): ServerFault {
  return new ConcordatError({ code, summary, ...more });
}

/** The operating system's error code, for instance `EADDRINUSE`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

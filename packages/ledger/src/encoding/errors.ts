import { ConcordatError } from "@concordat/base";

/**
 * Bytes that are not the one encoding this ledger writes: truncated, overlong, out of order, with unknown or repeated
 * fields, or with text that is not UTF-8. Callers that read stored blocks turn it into STORE_DAMAGED.
 */
export class EncodingInvalidError extends ConcordatError<"ENCODING_INVALID"> {
  constructor(summary: string, facts: { readonly offset?: number } = {}, cause?: unknown) {
    super({ code: "ENCODING_INVALID", summary, facts, cause });
  }
}

/** A name that the format does not allow (docs/reference/ledger-format.md section 1). */
export class NameInvalidError extends ConcordatError<"NAME_INVALID"> {
  constructor(kind: string, rule: string) {
    super({ code: "NAME_INVALID", summary: `Not a valid ${kind}.`, remedy: `A ${kind} is ${rule}.`, facts: { kind } });
  }
}

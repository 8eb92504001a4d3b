import { ConcordatError } from "@concordat/base";

export function queryInvalid(reason: string): ConcordatError<"QUERY_INVALID"> {
  return new ConcordatError({
    code: "QUERY_INVALID",
    summary: `The query cannot be understood: ${reason}.`,
    remedy: "See the selector syntax of CouchDB's _find.",
    facts: { reason },
  });
}

import { ConcordatError, type ErrorFacts } from "@concordat/base";
import type { LedgerErrorCode } from "@concordat/ledger";

export function ledgerError(
  code: LedgerErrorCode,
  facts: ErrorFacts = {},
  summary = `Fake: ${code}`,
): ConcordatError<LedgerErrorCode> {
  return new ConcordatError({ code, summary, facts });
}

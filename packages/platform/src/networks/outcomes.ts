import { bytesToBase64, bytesToUtf8 } from "@concordat/base";
import type { InvokeResult } from "@concordat/fabric/client";
import { validationCodeName } from "@concordat/ledger/endorsement";
import type { ContractOutcome } from "./ports.ts";

/** Text where it is text. */
export function toResult(bytes: Uint8Array): Pick<ContractOutcome, "result" | "resultIsBase64"> {
  try {
    return { result: bytesToUtf8(bytes), resultIsBase64: false };
  } catch {
    return { result: bytesToBase64(bytes), resultIsBase64: true };
  }
}

export function toOutcome({ txId, block, validationCode, result }: InvokeResult): ContractOutcome {
  return { txId, block, validationCode: validationCodeName(validationCode), ...toResult(result) };
}

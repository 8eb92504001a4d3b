import { ConcordatError } from "@concordat/base";

/** Why a request of a chaincode is refused; the chaincode is told the text. */
export function refusal(text: string): ConcordatError<"REQUEST_REFUSED"> {
  return new ConcordatError({ code: "REQUEST_REFUSED", summary: text });
}

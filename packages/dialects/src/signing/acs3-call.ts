import type { Parameter } from "@concordat/api-kit";
import {
  acs3CanonicalRequest,
  acs3StringToSign,
  bodyHashOf,
  type HeaderReader,
  parseAcs3Authorization,
  unsignedHeader,
} from "./acs3.ts";
import type { SignedCall } from "./authenticate.ts";
import { acs3Hmac, equalInConstantTime } from "./secret-keys.ts";

export interface Acs3Request {
  readonly method: string;
  /** As in the request target, without the query. */
  readonly path: string;
  readonly query: readonly Parameter[];
  /** Lower case. */
  readonly headerNames: readonly string[];
  readonly header: HeaderReader;
  readonly body: Uint8Array;
}

export type Acs3Fault =
  | { readonly kind: "malformed" }
  | { readonly kind: "missing" | "unsigned" | "wrong"; readonly header: string };

export interface Acs3Call extends SignedCall {
  /** What is wrong with the headers' values; looked at after everything is found present. */
  readonly fault: () => Acs3Fault | undefined;
}

/** Reads a call signed by headers: everything is there, or the first fault. Nothing is verified yet. */
export function readAcs3Call(request: Acs3Request): Acs3Call | Acs3Fault {
  const authorization = parseAcs3Authorization(request.header("authorization") ?? "");
  if (authorization === undefined) return { kind: "malformed" };
  const timestamp = request.header("x-acs-date");
  if (!timestamp) return { kind: "missing", header: "x-acs-date" };
  const nonce = request.header("x-acs-signature-nonce");
  if (!nonce) return { kind: "missing", header: "x-acs-signature-nonce" };
  const bodyHash = request.header("x-acs-content-sha256");
  if (!bodyHash) return { kind: "missing", header: "x-acs-content-sha256" };
  const { credential, signedHeaders, signature } = authorization;
  return {
    accessKeyId: credential,
    timestamp,
    nonce,
    signature,
    stringToSign: () => acs3StringToSign(acs3CanonicalRequest({ ...request, signedHeaders, bodyHash })),
    sign: acs3Hmac,
    fault() {
      const unsigned = unsignedHeader(request.headerNames, signedHeaders);
      if (unsigned !== undefined) return { kind: "unsigned", header: unsigned };
      if (equalInConstantTime(bodyHash, bodyHashOf(request.body))) return undefined;
      return { kind: "wrong", header: "x-acs-content-sha256" };
    },
  };
}

export function isAcs3Fault(result: Acs3Call | Acs3Fault): result is Acs3Fault {
  return "kind" in result;
}

import { hash } from "node:crypto";
import type { AccessKey } from "@concordat/platform";
import { equalInConstantTime, plainHmac } from "../../signing/secret-keys.ts";
import { type SigningAlgorithm, UNSIGNED_PAYLOAD } from "./algorithms.ts";
import type { SdkAuthorization } from "./authorization.ts";
import { stringToSign } from "./canonical-request.ts";
import { parseSdkDate, SDK_DATE_WINDOW_MS } from "./sdk-date.ts";
import { type SignedRequest, singleHeader } from "./signed-request.ts";

/** What is wrong with a signed request, before or besides its signature. */
export type SignatureFault =
  | { readonly kind: "incomplete"; readonly detail: string }
  | { readonly kind: "expired"; readonly signatureTime: string };

/** A request whose headers are in order: only the key and the body are needed to judge the signature. */
export interface ReadableSignature extends SdkAuthorization {
  readonly sdkDate: string;
}

/**
 * Headers that the server acts on. Where one is there it must be signed, so that nobody on the way can add or change it. Content-Type is
 * not among them, because the Java SDK never signs it: no operation may read the same bytes differently for another content type.
 */
const HEADERS_ACTED_ON = [
  "host",
  "x-domain-id",
  "x-enterprise-project-id",
  "x-project-id",
  "x-sdk-content-sha256",
  "x-sdk-content-sm3",
  "x-sdk-date",
  "x-security-token",
  "x-subject-token",
];

/** Headers that nobody may send twice, since two readers could each take another one. */
const HEADERS_SENT_ONCE = ["authorization", "content-type", "x-auth-token"];

/** Checks all that can be told without key and body, so that a stranger's body is never read. */
export function readSignature(
  authorization: SdkAuthorization,
  { headers }: Pick<SignedRequest, "headers">,
  nowMs: number,
): ReadableSignature | SignatureFault {
  for (const name of [...HEADERS_SENT_ONCE, ...HEADERS_ACTED_ON, ...authorization.signedHeaders]) {
    if ((headers.get(name)?.length ?? 0) > 1) return incomplete(`the header ${name} is there more than once`);
  }
  for (const name of ["host", "x-sdk-date", ...authorization.signedHeaders]) {
    if (!headers.has(name)) return incomplete(`the header ${name} is missing`);
  }
  const unsigned = HEADERS_ACTED_ON.find((name) => headers.has(name) && !authorization.signedHeaders.includes(name));
  if (unsigned !== undefined) return incomplete(`the header ${unsigned} is not signed`);
  const sdkDate = singleHeader(headers, "x-sdk-date")?.trim() ?? "";
  const timeMs = parseSdkDate(sdkDate);
  if (timeMs === undefined) return incomplete("x-sdk-date must be of the form YYYYMMDDTHHMMSSZ");
  if (Math.abs(nowMs - timeMs) > SDK_DATE_WINDOW_MS) return { kind: "expired", signatureTime: sdkDate };
  return { ...authorization, sdkDate };
}

export function isSignatureFault(read: ReadableSignature | SignatureFault): read is SignatureFault {
  return "kind" in read;
}

/** Whether the operation takes a body that is no JSON text, so that a signature may leave it out. */
export interface PayloadPolicy {
  readonly unsignedPayload: boolean;
}

/**
 * The digest that stands in the canonical request. A client that names one must name the body's own.
 *
 * UNSIGNED-PAYLOAD is what the SDKs write for every body that is no JSON: for them it is the only way to sign a multipart upload, whose
 * bytes they do not have yet. So it counts for operations that take files, and for no other: a JSON body could otherwise be replaced on the
 * way by dropping nothing but its digest. What an operation takes is written in its row and never taken from Content-Type.
 */
export function payloadHashOf(
  algorithm: SigningAlgorithm,
  { headers, body }: Pick<SignedRequest, "headers" | "body">,
  policy: PayloadPolicy,
): string | SignatureFault {
  const named = singleHeader(headers, algorithm.contentHeader)?.trim();
  if (named === UNSIGNED_PAYLOAD) {
    return policy.unsignedPayload ? named : incomplete("the signature must cover the body of this operation");
  }
  const real = hash(algorithm.digest, body, "hex");
  if (named === undefined || equalInConstantTime(named, real)) return real;
  return incomplete(`${algorithm.contentHeader} is not the digest of the body`);
}

export function signatureIsRight(signature: ReadableSignature, canonical: string, accessKey: AccessKey): boolean {
  const text = stringToSign(signature.algorithm, signature.sdkDate, canonical);
  return equalInConstantTime(plainHmac(accessKey, signature.algorithm.digest, text), signature.signature);
}

function incomplete(detail: string): SignatureFault {
  return { kind: "incomplete", detail };
}

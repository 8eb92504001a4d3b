import type { Authenticator } from "@concordat/api-kit";
import { type Clock, isConcordatError } from "@concordat/base";
import type { AccessKey, Caller, Platform } from "@concordat/platform";
import {
  authenticationRefusal,
  authenticationTails,
  credentialRefusal,
  type GatewayRefusal,
} from "../gateway-errors.ts";
import { isSdkAuthorization, parseSdkAuthorization } from "../signing/authorization.ts";
import { canonicalRequest } from "../signing/canonical-request.ts";
import { formatSdkDate } from "../signing/sdk-date.ts";
import type { HeaderLines } from "../signing/signed-request.ts";
import {
  isSignatureFault,
  payloadHashOf,
  type ReadableSignature,
  readSignature,
  type SignatureFault,
  signatureIsRight,
} from "../signing/verify.ts";
import type { HuaweiCaller, HuaweiRequest } from "./huawei-request.ts";
import { narrowed } from "./narrowed.ts";

export interface SignatureSchemeDependencies {
  readonly platform: Pick<Platform, "authentication" | "findAccessKey" | "nonces">;
  readonly clock: Clock;
}

/**
 * Signatures of an access key over the request, as the SDKs make them.
 *
 * The scheme has no nonce and its date counts seconds, so a recorded request could be sent again for 15 minutes. An operation that
 * changes something therefore takes each signature once. Signing again a second later gives another signature, as the SDKs do for each
 * call and each retry; two equal calls of one key within one second are one, and the second is told so.
 * @source BCS document, sections 1.4.2 and 2.4.2; signing rules of the official SDKs
 */
export function signatureScheme(dependencies: SignatureSchemeDependencies): Authenticator<HuaweiCaller, HuaweiRequest> {
  const { platform } = dependencies;
  return {
    scheme: "sdk-signature",
    recognizes: ({ headers }) => authorizationOf(headers) !== undefined,
    async authenticate(request) {
      const { headers, origin } = request;
      const signature = readFrom(headers, dependencies.clock);
      const { accessKeyId } = signature;
      const isUnknown = platform.findAccessKey(accessKeyId) === undefined;
      // Refused like every wrong signature: counted, slowed, audited. The body of a key that nobody has is not read.
      const canonical = isUnknown ? undefined : await canonicalOf(signature, request, dependencies.clock);
      const verify = (key: AccessKey) => canonical !== undefined && signatureIsRight(signature, canonical, key);
      const recognised = await platform.authentication
        .bySignature(accessKeyId, verify, origin)
        .catch((error: unknown) => Promise.reject(credentialRefusal(error, tailOf(error, accessKeyId, canonical))));
      const nonce = { accessKeyId, nonce: signature.signature };
      return {
        caller: reaching(recognised, headers),
        async takeSignature() {
          const { principal } = recognised;
          if (await platform.nonces.take({ ...nonce, mutating: true, principal })) return;
          throw authenticationRefusal(authenticationTails.signatureUsed);
        },
      };
    },
  };
}

function authorizationOf(headers: HeaderLines): string | undefined {
  return headers.get("authorization")?.find(isSdkAuthorization);
}

/** A key reaches its user's whole domain, unless the request's headers name less. */
function reaching(caller: Caller, headers: HeaderLines): Caller {
  return narrowed({ ...caller, scope: { kind: "tenant", tenantId: caller.tenantId } }, headers);
}

function readFrom(headers: HeaderLines, clock: Clock): ReadableSignature {
  const parsed = parseSdkAuthorization(authorizationOf(headers) ?? "");
  if (typeof parsed === "string") throw authenticationRefusal(authenticationTails.signatureIncomplete(parsed));
  const signature = readSignature(parsed, { headers }, clock.nowMs());
  if (isSignatureFault(signature)) throw faultRefusal(signature, clock);
  return signature;
}

async function canonicalOf(signature: ReadableSignature, request: HuaweiRequest, clock: Clock): Promise<string> {
  const { headers } = request;
  const payloadHash = payloadHashOf(signature.algorithm, { headers, body: await request.body() }, request);
  if (typeof payloadHash !== "string") throw faultRefusal(payloadHash, clock);
  const canonical = canonicalRequest(request, signature.signedHeaders, payloadHash);
  if (canonical !== undefined) return canonical;
  const detail = "the path or a signed header has no canonical form";
  throw authenticationRefusal(authenticationTails.signatureIncomplete(detail));
}

/** @param canonical undefined for a key that nobody has */
function tailOf(error: unknown, accessKeyId: string, canonical: string | undefined): string {
  if (canonical === undefined) return authenticationTails.keyUnknown(accessKeyId);
  const isInactive = isConcordatError(error) && error.facts["inactive"] === true;
  if (isInactive) return authenticationTails.keyInactive(accessKeyId);
  return authenticationTails.signatureDiffers(withoutTokens(canonical));
}

/** Tokens among the signed headers are not repeated in an answer. */
function withoutTokens(canonical: string): string {
  return canonical.replaceAll(/^(authorization|x-(?:auth|security|subject)-token):.*$/gm, "$1:******");
}

function faultRefusal(fault: SignatureFault, clock: Clock): GatewayRefusal {
  const { signatureExpired, signatureIncomplete } = authenticationTails;
  return authenticationRefusal(
    fault.kind === "expired"
      ? signatureExpired(fault.signatureTime, formatSdkDate(clock.nowMs()))
      : signatureIncomplete(fault.detail),
  );
}

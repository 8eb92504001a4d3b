import { type Authenticator, type FastifyRequest, parseParameters, queryOf } from "@concordat/api-kit";
import { PlatformError } from "@concordat/platform";
import { ACS3_ALGORITHM } from "../../signing/acs3.ts";
import { type Acs3Fault, isAcs3Fault, readAcs3Call } from "../../signing/acs3-call.ts";
import { authenticateSigned, type SignatureFault } from "../../signing/authenticate.ts";
import { RequestRefusal } from "../errors.ts";
import { type AuthenticationParts, headerOf, type NativeCaller } from "./native-caller.ts";

/** The ACS3 header signature, over the real path. */
export function headerSignatureAuthenticator(parts: AuthenticationParts): Authenticator<NativeCaller> {
  return {
    scheme: "acs3Signature",
    recognizes: (request) => headerOf(request, "authorization")?.startsWith(ACS3_ALGORITHM) === true,
    async authenticate(request, { operation }) {
      const origin = parts.originOf(request);
      const call = readCall(request, parts.bodyOf(request));
      const fault = isAcs3Fault(call) ? call : call.fault();
      if (fault !== undefined || isAcs3Fault(call)) throw acs3Refusal(fault);
      const checked = await authenticateSigned(call, operation.mutating, origin.sourceAddress, parts);
      if (!checked.ok) throw signatureRefusal(checked.fault);
      const credential = { kind: "access-key", id: checked.nonce.accessKeyId } as const;
      const caller = parts.platform.authentication.wholeCallerOf(checked.caller, credential, origin);
      return { caller };
    },
  };
}

function readCall(request: FastifyRequest, body: Uint8Array) {
  const target = request.raw.url ?? "/";
  const [path = "/"] = target.split("?", 1);
  return readAcs3Call({
    method: request.raw.method ?? "",
    path,
    query: parseParameters(queryOf(target)),
    headerNames: Object.keys(request.headers),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(",") : value;
    },
    body,
  });
}

function acs3Refusal(fault: Acs3Fault | undefined): RequestRefusal {
  const detail =
    fault === undefined || fault.kind === "malformed"
      ? "Authorization is malformed"
      : `${fault.header} is ${fault.kind}`;
  return new RequestRefusal("SIGNATURE_INCOMPLETE", `The signature is incomplete: ${detail}.`);
}

function signatureRefusal(fault: SignatureFault): Error {
  switch (fault.kind) {
    case "slowed":
      return new PlatformError("CREDENTIALS_SLOWED", undefined, { facts: { retryAfterMs: fault.retryAfterMs } });
    case "principal-disabled":
      return new PlatformError("PRINCIPAL_DISABLED");
    case "access-key-unknown":
      return new PlatformError("CREDENTIALS_WRONG", "There is no such access key.");
    case "access-key-inactive":
      return new RequestRefusal("ACCESS_KEY_INACTIVE", "The access key is disabled.");
    case "timestamp-malformed":
      return new RequestRefusal("TIMESTAMP_MALFORMED", "x-acs-date must be of the form YYYY-MM-DDThh:mm:ssZ.");
    case "timestamp-expired":
      return new RequestRefusal("TIMESTAMP_EXPIRED", "x-acs-date is more than 15 minutes off.");
    case "nonce-used":
      return new RequestRefusal("NONCE_USED", "x-acs-signature-nonce was used already.");
    case "signature-wrong":
      return new RequestRefusal(
        "SIGNATURE_WRONG",
        `The signature does not match. String to sign: ${fault.stringToSign}`,
      );
  }
}

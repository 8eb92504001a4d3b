import { type FastifyRequest, parseParameters, queryOf } from "@concordat/api-kit";
import { base64ToBytes, bytesToUtf8, type Clock } from "@concordat/base";
import type { Platform, Principal } from "@concordat/platform";
import { ACS3_ALGORITHM } from "../signing/acs3.ts";
import { type Acs3Fault, isAcs3Fault, readAcs3Call } from "../signing/acs3-call.ts";
import { authenticate, type SignatureFault } from "../signing/authenticate.ts";
import { equalSecrets } from "../signing/secret-keys.ts";
import { RequestRefusal } from "./errors.ts";

export interface AuthDependencies {
  readonly platform: Pick<Platform, "findAccessKey" | "nonces">;
  readonly clock: Clock;
}

/**
 * Who calls: HTTP Basic with an access key's id and secret, for loopback or TLS only because it carries the secret, or the ACS3 header
 * signature over the real path.
 * @throws RequestRefusal with status 401
 */
export async function authenticateRequest(
  request: FastifyRequest,
  body: Uint8Array,
  mutating: boolean,
  dependencies: AuthDependencies,
): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization?.startsWith("Basic ") === true) return fromBasic(authorization, dependencies);
  if (authorization?.startsWith(ACS3_ALGORITHM) === true) return fromAcs3(request, body, mutating, dependencies);
  throw new RequestRefusal("AUTHENTICATION_REQUIRED", "The call needs an access key.", {
    remedy: "Use HTTP Basic with the access key's id and secret, or sign the request (ACS3-HMAC-SHA256).",
  });
}

function fromBasic(authorization: string, { platform }: AuthDependencies): Principal {
  const [id, secret] = readBasic(authorization.slice("Basic ".length));
  const accessKey = platform.findAccessKey(id);
  // An unknown id takes the same comparison, so that time does not tell which ids exist.
  const right = equalSecrets(secret, accessKey?.secret ?? "");
  if (accessKey === undefined || !right)
    throw new RequestRefusal("CREDENTIALS_WRONG", "Access key id or secret is wrong.");
  if (!accessKey.active) throw new RequestRefusal("ACCESS_KEY_INACTIVE", "The access key is disabled.");
  return accessKey.principal;
}

function readBasic(credentials: string): readonly [string, string] {
  try {
    const text = bytesToUtf8(base64ToBytes(credentials.trim()));
    const colon = text.indexOf(":");
    if (colon > 0 && colon < text.length - 1) return [text.slice(0, colon), text.slice(colon + 1)];
  } catch (cause) {
    throw new RequestRefusal("CREDENTIALS_WRONG", "The Authorization header is malformed.", { cause });
  }
  throw new RequestRefusal("CREDENTIALS_WRONG", "The Authorization header is malformed.");
}

async function fromAcs3(
  request: FastifyRequest,
  body: Uint8Array,
  mutating: boolean,
  dependencies: AuthDependencies,
): Promise<Principal> {
  const target = request.raw.url ?? "/";
  const [path = "/"] = target.split("?", 1);
  const call = readAcs3Call({
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
  const fault = isAcs3Fault(call) ? call : call.fault();
  if (fault !== undefined || isAcs3Fault(call)) throw acs3Refusal(fault);
  const checked = await authenticate(call, mutating, dependencies);
  if (!checked.ok) throw signatureRefusal(checked.fault);
  return checked.caller;
}

function acs3Refusal(fault: Acs3Fault | undefined): RequestRefusal {
  const detail =
    fault === undefined || fault.kind === "malformed"
      ? "Authorization is malformed"
      : `${fault.header} is ${fault.kind}`;
  return new RequestRefusal("SIGNATURE_INCOMPLETE", `The signature is incomplete: ${detail}.`);
}

function signatureRefusal(fault: SignatureFault): RequestRefusal {
  switch (fault.kind) {
    case "access-key-unknown":
      return new RequestRefusal("CREDENTIALS_WRONG", "There is no such access key.");
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

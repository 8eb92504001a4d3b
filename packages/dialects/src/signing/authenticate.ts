import type { Clock } from "@concordat/base";
import type { AccessKey, Authentication, CallNonce, CallNonces, Principal } from "@concordat/platform";
import { equalInConstantTime } from "./secret-keys.ts";
import { parseTimestamp, TIMESTAMP_WINDOW_MS } from "./timestamp.ts";

/** What every signature scheme says about a call, before anything of it is believed. */
export interface SignedCall {
  readonly accessKeyId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  /** Computed once it is needed. */
  readonly stringToSign: () => string;
  readonly sign: (accessKey: AccessKey, stringToSign: string) => string;
}

export type SignatureFault =
  | { readonly kind: "access-key-unknown" | "access-key-inactive" | "nonce-used" | "principal-disabled" }
  | { readonly kind: "timestamp-malformed" | "timestamp-expired" }
  | { readonly kind: "slowed"; readonly retryAfterMs: number }
  | { readonly kind: "signature-wrong"; readonly stringToSign: string };

export type Authenticated =
  | { readonly ok: true; readonly caller: Principal; readonly nonce: CallNonce }
  | { readonly ok: false; readonly fault: SignatureFault };

export interface SignatureDependencies {
  readonly platform: {
    findAccessKey(accessKeyId: string): AccessKey | undefined;
    readonly nonces: CallNonces;
    readonly authentication: Pick<Authentication, "signatures">;
  };
  readonly clock: Clock;
  /** What a mutating call of the dialect does is a transaction made with the call's nonce: see CallNonces. */
  readonly ledgerBound?: boolean;
  /** The dialect answers unknown keys in a form of their own: a try of one then guesses at no secret, and slows nothing. */
  readonly tellsUnknownKeys?: boolean;
}

/**
 * Checks a signed call, in this order: not slowed, access key known, active, timestamp's form, its window, signature, principal enabled,
 * nonce. The nonce is taken only after the signature holds, so nobody without the secret can use one up. Wrong signatures, and
 * unknown keys where they look like them, slow further tries of the same id from the same address; a wrong clock does not.
 */
export async function authenticateSigned(
  call: SignedCall,
  mutating: boolean,
  sourceAddress: string | undefined,
  dependencies: SignatureDependencies,
): Promise<Authenticated> {
  const { platform, ledgerBound = false } = dependencies;
  const { signatures } = platform.authentication;
  const { accessKeyId } = call;
  const checked = check(call, sourceAddress, dependencies);
  if ("kind" in checked) {
    signatures.refused(accessKeyId, sourceAddress, refusalCodes[checked.kind]);
    return { ok: false, fault: checked };
  }
  const caller = checked.principal;
  const nonce = { accessKeyId, nonce: call.nonce };
  if (await platform.nonces.take({ ...nonce, mutating, ledgerBound, principal: caller }))
    return { ok: true, caller, nonce };
  signatures.refused(accessKeyId, sourceAddress, refusalCodes["nonce-used"]);
  return { ok: false, fault: { kind: "nonce-used" } };
}

/** In the words of the audit trail. */
const refusalCodes: Readonly<Record<SignatureFault["kind"], string>> = {
  slowed: "CREDENTIALS_SLOWED",
  "access-key-unknown": "CREDENTIALS_WRONG",
  "access-key-inactive": "CREDENTIAL_INACTIVE",
  "signature-wrong": "CREDENTIALS_WRONG",
  "principal-disabled": "PRINCIPAL_DISABLED",
  "timestamp-malformed": "TIMESTAMP_MALFORMED",
  "timestamp-expired": "TIMESTAMP_EXPIRED",
  "nonce-used": "NONCE_USED",
};

function check(
  call: SignedCall,
  sourceAddress: string | undefined,
  { platform, clock, tellsUnknownKeys = false }: SignatureDependencies,
): AccessKey | SignatureFault {
  const { signatures } = platform.authentication;
  const retryAfterMs = signatures.waitMs(call.accessKeyId, sourceAddress);
  if (retryAfterMs > 0) return { kind: "slowed", retryAfterMs };
  const accessKey = platform.findAccessKey(call.accessKeyId);
  if (accessKey === undefined) {
    if (!tellsUnknownKeys) signatures.failed(call.accessKeyId, sourceAddress);
    return { kind: "access-key-unknown" };
  }
  if (!accessKey.active) return { kind: "access-key-inactive" };
  const time = parseTimestamp(call.timestamp);
  if (time === undefined) return { kind: "timestamp-malformed" };
  if (Math.abs(clock.nowMs() - time) > TIMESTAMP_WINDOW_MS) return { kind: "timestamp-expired" };
  const stringToSign = call.stringToSign();
  if (!equalInConstantTime(call.sign(accessKey, stringToSign), call.signature)) {
    signatures.failed(call.accessKeyId, sourceAddress);
    return { kind: "signature-wrong", stringToSign };
  }
  signatures.succeeded(call.accessKeyId, sourceAddress);
  return signatures.isEnabled(accessKey.principal) ? accessKey : { kind: "principal-disabled" };
}

import type { Clock } from "@concordat/base";
import type { AccessKey, CallNonce, Platform, Principal } from "@concordat/platform";
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
  | { readonly kind: "access-key-unknown" | "access-key-inactive" | "nonce-used" }
  | { readonly kind: "timestamp-malformed" | "timestamp-expired" }
  | { readonly kind: "signature-wrong"; readonly stringToSign: string };

export type Authenticated =
  | { readonly ok: true; readonly caller: Principal; readonly nonce: CallNonce }
  | { readonly ok: false; readonly fault: SignatureFault };

/**
 * Checks a signed call, in this order: access key known, active, timestamp's form, its window, signature, nonce. The nonce is taken only
 * after the signature holds, so nobody without the secret can use one up.
 */
export async function authenticate(
  call: SignedCall,
  mutating: boolean,
  dependencies: { readonly platform: Pick<Platform, "findAccessKey" | "nonces">; readonly clock: Clock },
): Promise<Authenticated> {
  const accessKey = dependencies.platform.findAccessKey(call.accessKeyId);
  if (accessKey === undefined) return refuse({ kind: "access-key-unknown" });
  if (!accessKey.active) return refuse({ kind: "access-key-inactive" });
  const time = parseTimestamp(call.timestamp);
  if (time === undefined) return refuse({ kind: "timestamp-malformed" });
  if (Math.abs(dependencies.clock.nowMs() - time) > TIMESTAMP_WINDOW_MS) return refuse({ kind: "timestamp-expired" });
  const stringToSign = call.stringToSign();
  if (!equalInConstantTime(call.sign(accessKey, stringToSign), call.signature)) {
    return refuse({ kind: "signature-wrong", stringToSign });
  }
  const caller = accessKey.principal;
  const nonce = { accessKeyId: accessKey.accessKeyId, nonce: call.nonce };
  const fresh = await dependencies.platform.nonces.take({ ...nonce, mutating, principal: caller });
  return fresh ? { ok: true, caller, nonce } : refuse({ kind: "nonce-used" });
}

function refuse(fault: SignatureFault): Authenticated {
  return { ok: false, fault };
}

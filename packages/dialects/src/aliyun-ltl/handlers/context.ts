import type { CallNonce, Platform, Principal } from "@concordat/platform";

/** What a handler has beside its input. */
export interface LtlContext {
  readonly caller: Principal;
  /** The signature nonce: a write carries it into its transaction id. */
  readonly nonce: CallNonce;
  readonly platform: Platform;
  readonly region: string;
}

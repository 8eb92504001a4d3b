import type { CallNonce, DataPlatform, Principal } from "@concordat/platform";

/** What a handler has beside its input. */
export interface LtlContext {
  readonly caller: Principal;
  /** The signature nonce: a write carries it into its transaction id. */
  readonly nonce: CallNonce;
  readonly platform: DataPlatform;
  readonly region: string;
}

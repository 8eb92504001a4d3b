import type { Caller, CallNonce, DataPlatform, Principal } from "@concordat/platform";

/** What a handler has beside its input. */
export interface LtlContext {
  readonly caller: Principal;
  /** The caller with its credential, as changes of the control store want it for their audit entry; made when it is asked for. */
  readonly wholeCaller: () => Caller;
  /** The signature nonce: a write carries it into its transaction id. */
  readonly nonce: CallNonce;
  readonly platform: DataPlatform;
  readonly region: string;
}

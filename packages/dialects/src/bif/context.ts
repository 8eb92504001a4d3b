import type { Clock } from "@concordat/base";
import type { CallOrigin, Platform } from "@concordat/platform";

/** What this API uses of the platform. */
export type BifPlatform = Pick<Platform, "authentication" | "tokens" | "tokenIssuer" | "bids">;

export interface BifContext {
  readonly platform: BifPlatform;
  readonly clock: Clock;
  readonly origin: CallOrigin;
}

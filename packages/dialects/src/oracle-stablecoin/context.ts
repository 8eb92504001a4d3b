import type { Clock, RandomSource } from "@concordat/base";
import type { CallOrigin, Platform } from "@concordat/platform";

/** What the authentication of this API uses of the platform. */
export type OAuthPlatform = Pick<Platform, "authentication" | "tokens" | "tokenIssuer">;

export interface OAuthContext {
  readonly platform: OAuthPlatform;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly origin: CallOrigin;
  /** The header of the request. */
  readonly authorization: string | undefined;
}

/** The `aud` of its tokens. */
export function audienceOf(platform: Pick<OAuthPlatform, "tokenIssuer">): string {
  return `${platform.tokenIssuer.issuer}:stablecoin`;
}

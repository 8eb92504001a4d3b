import type { IncomingHttpHeaders } from "node:http";
import type { CallOrigin, Platform } from "@concordat/platform";

/** What the sign-in of this API uses of the platform. */
export type IserverPlatform = Pick<Platform, "authentication" | "tokens">;

export interface IserverContext {
  readonly platform: IserverPlatform;
  readonly origin: CallOrigin;
  readonly headers: IncomingHttpHeaders;
  /** The connection is encrypted. */
  readonly secure: boolean;
  /** Adds a Set-Cookie line to the answer. */
  addCookie(line: string): void;
}

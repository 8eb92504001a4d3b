import { type Authenticator, authenticateBy } from "@concordat/api-kit";
import { basicAuthenticator } from "./authentication/basic.ts";
import { consoleSessionAuthenticator } from "./authentication/console-session.ts";
import { headerSignatureAuthenticator } from "./authentication/header-signature.ts";
import type { AuthenticationParts, NativeCaller } from "./authentication/native-caller.ts";
import { tokenAuthenticator } from "./authentication/token.ts";
import { RequestRefusal } from "./errors.ts";

/**
 * Who calls: HTTP Basic, the ACS3 header signature, an IAM token, or a console session's cookie, in this order. What a program sends on
 * purpose goes before the cookie that a browser adds.
 */
export function nativeAuthentication(parts: AuthenticationParts) {
  const authenticators: readonly Authenticator<NativeCaller>[] = [
    basicAuthenticator(parts),
    headerSignatureAuthenticator(parts),
    tokenAuthenticator(parts),
    consoleSessionAuthenticator(parts),
  ];
  return authenticateBy(
    authenticators,
    () =>
      new RequestRefusal("AUTHENTICATION_REQUIRED", "The call needs credentials.", {
        remedy:
          "Use HTTP Basic with an access key's id and secret or a user's name and password, or sign the request (ACS3-HMAC-SHA256).",
      }),
  );
}

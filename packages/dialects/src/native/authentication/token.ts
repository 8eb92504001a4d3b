import type { Authenticator } from "@concordat/api-kit";
import { type AuthenticationParts, headerOf, type NativeCaller } from "./native-caller.ts";

/**
 * A token of the IAM API in X-Auth-Token: it reaches no further here than there. Tokens of other APIs do not count: their scopes speak of
 * those APIs' own data.
 */
export function tokenAuthenticator(parts: AuthenticationParts): Authenticator<NativeCaller> {
  return {
    scheme: "authToken",
    recognizes: (request) => request.headers["x-auth-token"] !== undefined,
    async authenticate(request) {
      const text = headerOf(request, "x-auth-token") ?? "";
      const { caller } = await parts.platform.authentication.byToken("iam", text, parts.originOf(request));
      return { caller };
    },
  };
}

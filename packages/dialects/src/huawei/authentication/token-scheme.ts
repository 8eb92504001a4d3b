import type { Authenticator } from "@concordat/api-kit";
import type { Platform } from "@concordat/platform";
import { authenticationTails, credentialRefusal, missingCredentials } from "../gateway-errors.ts";
import { singleHeader } from "../signing/signed-request.ts";
import type { HuaweiCaller, HuaweiRequest } from "./huawei-request.ts";
import { narrowed } from "./narrowed.ts";

/** A token of POST /v3/auth/tokens in X-Auth-Token. @source BCS document, sections 1.4.2 and 2.4.2 */
export function tokenScheme(platform: Pick<Platform, "authentication">): Authenticator<HuaweiCaller, HuaweiRequest> {
  return {
    scheme: "iam-token",
    recognizes: ({ headers }) => headers.has("x-auth-token"),
    async authenticate({ headers, origin }) {
      const text = singleHeader(headers, "x-auth-token")?.trim() ?? "";
      if (text === "") throw missingCredentials();
      try {
        const { caller, token } = await platform.authentication.byToken("iam", text, origin);
        return { caller: narrowed(caller, headers), token, takeSignature: async () => {} };
      } catch (error) {
        throw credentialRefusal(error, authenticationTails.tokenWrong);
      }
    },
  };
}

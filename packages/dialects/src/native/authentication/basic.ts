import type { Authenticator } from "@concordat/api-kit";
import { isConcordatError } from "@concordat/base";
import type { Caller, CallOrigin } from "@concordat/platform";
import { isBasic, readBasic } from "../../http/basic.ts";
import { RequestRefusal } from "../errors.ts";
import { type AuthenticationParts, headerOf, type NativeCaller } from "./native-caller.ts";

/** What the platform makes as access key id. Everything else before the colon is a user's name. */
const ACCESS_KEY_ID = /^LTAI[A-Za-z0-9]{20}$/;

/**
 * HTTP Basic, which carries the secret: for TLS and loopback. An access key's id and secret, or a user's name and password. The name may
 * stand alone, for users of the first tenant, or as `tenant/user`; a user whose name has the form of an access key id needs the latter.
 */
export function basicAuthenticator(parts: AuthenticationParts): Authenticator<NativeCaller> {
  return {
    scheme: "basic",
    recognizes: (request) => isBasic(headerOf(request, "authorization")),
    async authenticate(request) {
      const shown = readBasic(headerOf(request, "authorization") ?? "");
      if (shown === undefined) {
        throw new RequestRefusal("AUTHORIZATION_MALFORMED", "The Authorization header is malformed.");
      }
      return { caller: await recognise(parts, shown.id, shown.secret, parts.originOf(request)) };
    },
  };
}

async function recognise(
  { platform: { authentication } }: AuthenticationParts,
  name: string,
  secret: string,
  origin: CallOrigin,
): Promise<Caller> {
  if (!ACCESS_KEY_ID.test(name)) return authentication.byPassword(userNameOf(name), secret, origin);
  try {
    return await authentication.byAccessKey(name, secret, origin);
  } catch (error) {
    if (isConcordatError(error, "CREDENTIALS_WRONG") && error.facts["inactive"] === true) {
      throw new RequestRefusal("ACCESS_KEY_INACTIVE", "The access key is disabled.", { cause: error });
    }
    throw error;
  }
}

function userNameOf(name: string) {
  const slash = name.indexOf("/");
  return slash < 0 ? { userName: name } : { tenantName: name.slice(0, slash), userName: name.slice(slash + 1) };
}

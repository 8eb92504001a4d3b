import { OAuthRefusal } from "./oauth-errors.ts";

/** Asks for everything that the client may have. @source Oracle Identity Cloud Service REST API, scopes */
const MY_SCOPES = "urn:opc:idm:__myscopes__";
const SCOPE_TOKENS = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * The scopes that a token gets: those asked for, all of the client's when none is.
 * @source RFC 6749, section 3.3
 * @throws OAuthRefusal invalid_scope for one that the client does not have
 */
export function grantedScopes(asked: string | undefined, allowed: readonly string[]): readonly string[] {
  if (asked === undefined) return allowed;
  if (!SCOPE_TOKENS.test(asked)) throw new OAuthRefusal("invalid_scope", "The scope is malformed.");
  const tokens = [...new Set(asked.split(" "))];
  if (tokens.includes(MY_SCOPES)) return allowed;
  if (tokens.every((token) => allowed.includes(token))) return tokens;
  throw new OAuthRefusal("invalid_scope", "The client does not have a scope that it asks for.");
}

import { isConcordatError } from "@concordat/base";
import { isBasic, readBasic } from "../../http/basic.ts";
import type { OAuthContext } from "../context.ts";
import { OAuthRefusal } from "./oauth-errors.ts";

export interface ClientFields {
  readonly clientId?: string;
  readonly clientSecret?: string;
}

export type AuthenticatedClient = Awaited<ReturnType<typeof authenticateClient>>;

/**
 * Recognises the client by HTTP Basic or by fields of the form, one of the two.
 * @source RFC 6749, section 2.3.1
 * @throws OAuthRefusal invalid_request for both ways at once, invalid_client for anything that does not prove a client
 */
export async function authenticateClient(fields: ClientFields, context: OAuthContext) {
  const { id, secret } = shownBy(fields, context.authorization);
  try {
    const client = await context.platform.authentication.byOAuthClient(id, secret, context.origin);
    return { ...client, clientId: id };
  } catch (error) {
    if (isConcordatError(error, "CREDENTIALS_WRONG") || isConcordatError(error, "PRINCIPAL_DISABLED")) {
      throw new OAuthRefusal("invalid_client", "Client authentication failed.", error);
    }
    throw error;
  }
}

function shownBy({ clientId, clientSecret }: ClientFields, authorization: string | undefined) {
  if (!isBasic(authorization)) {
    if (clientId === undefined || clientSecret === undefined) {
      throw new OAuthRefusal("invalid_client", "Client authentication is missing.");
    }
    return { id: clientId, secret: clientSecret };
  }
  const basic = readBasic(authorization);
  if (clientSecret !== undefined) {
    throw new OAuthRefusal("invalid_request", "The client authenticates in two ways at once.");
  }
  const id = basic && formDecoded(basic.id);
  const secret = basic && formDecoded(basic.secret);
  if (id === undefined || secret === undefined) {
    throw new OAuthRefusal("invalid_client", "The Authorization header is malformed.");
  }
  if (clientId !== undefined && clientId !== id) {
    throw new OAuthRefusal("invalid_request", "client_id is not the one of the Authorization header.");
  }
  return { id, secret };
}

/** Id and secret are form-encoded before they are put together. */
function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

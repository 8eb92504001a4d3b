import type { IncomingHttpHeaders } from "node:http";
import { IserverRefusal } from "./errors.ts";

/** The name or address that the client thinks this server has; undefined when Host is missing or malformed. */
export function hostNameOf(headers: IncomingHttpHeaders): string | undefined {
  return urlOf(`http://${headers.host ?? ""}`)?.hostname;
}

/**
 * Refuses a request that a page of another origin made its reader's browser send: cookies travel with such requests too. Browsers say
 * where a request comes from in Origin, Sec-Fetch-Site or Referer; a request with none of them comes from no browser. The vendor's
 * clients have no token against forgery, so that these and the cookie's SameSite take its place.
 * @throws IserverRefusal 401
 */
export function requireSameOrigin(headers: IncomingHttpHeaders): void {
  if (!isSameOrigin(headers)) throw new IserverRefusal(401, "The request comes from a page of another origin.");
}

function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const { host, origin, referer } = headers;
  const site = headers["sec-fetch-site"];
  if (host === undefined || hostNameOf(headers) === undefined) return false;
  if (origin !== undefined) return isAtHost(origin, host);
  if (site !== undefined) return site === "same-origin" || site === "none";
  return referer === undefined || isAtHost(referer, host);
}

/** Host and port are compared; an address says its scheme's own port by leaving it out. */
export function isAtHost(address: string, host: string): boolean {
  const shown = urlOf(address);
  return shown !== undefined && shown.host !== "" && shown.host === urlOf(`${shown.protocol}//${host}`)?.host;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

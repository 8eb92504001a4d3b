import { createHmac, timingSafeEqual } from "node:crypto";
import type { Authenticator, FastifyRequest } from "@concordat/api-kit";
import type { Token } from "@concordat/platform";
import { RequestRefusal } from "../errors.ts";
import { type AuthenticationParts, headerOf, type NativeCaller } from "./native-caller.ts";

/** A session of the console ends this long after its sign-in. */
export const SESSION_LIFETIME_MS = 12 * 3_600_000;

const COOKIE_PATH = "/api/v1";

/**
 * The cookie of a sign-in. Browsers send it by themselves, so three more things must hold: the request names the host that the session was
 * opened under, comes from a page of that host, and shows the session's CSRF token when it changes something.
 */
export function consoleSessionAuthenticator(parts: AuthenticationParts): Authenticator<NativeCaller> {
  const { installationId, authentication } = parts.platform;
  return {
    scheme: "consoleSession",
    recognizes: (request) => readCookie(request, installationId) !== undefined,
    async authenticate(request, { operation }) {
      refuseOtherSite(request);
      const text = readCookie(request, installationId) ?? "";
      const { caller, token } = await authentication.byToken("console", text, parts.originOf(request));
      refuseOtherHost(request, token);
      if (operation.mutating) requireCsrfToken(request, text);
      const forgettingCookie = `${cookieName(installationId)}=; ${attributes(request)}; Max-Age=0`;
      return { caller, consoleSession: { csrfToken: csrfTokenOf(text), forgettingCookie } };
    },
  };
}

/** The Set-Cookie value for a new session. Scripts cannot read it, and other sites cannot make browsers send it. */
export function sessionCookie(request: FastifyRequest, installationId: string, text: string): string {
  return `${cookieName(installationId)}=${text}; ${attributes(request)}; Max-Age=${SESSION_LIFETIME_MS / 1000}`;
}

/** Known to who knows the session's text, and telling nothing of it. */
export function csrfTokenOf(sessionText: string): string {
  return createHmac("sha256", sessionText).update("concordat console csrf").digest("base64url");
}

/** What the session is bound to. @throws RequestRefusal when the request does not say under which name it reached the server */
export function hostOf(request: FastifyRequest): string {
  const host = headerOf(request, "host");
  if (host === undefined || host === "") throw new RequestRefusal("CROSS_SITE_REFUSED", "The request names no host.");
  return host.toLowerCase();
}

/**
 * Refuses what a browser says to come from another site's page. A request without both headers comes from no browser of our days.
 * @throws RequestRefusal CROSS_SITE_REFUSED
 */
export function refuseOtherSite(request: FastifyRequest): void {
  const site = headerOf(request, "sec-fetch-site");
  const isOtherSite = site !== undefined && site !== "same-origin" && site !== "none";
  const { origin } = request.headers;
  // A proxy before the server may end TLS, so the scheme is not compared.
  const isOtherOrigin = origin !== undefined && URL.parse(origin)?.host !== URL.parse(`x://${hostOf(request)}`)?.host;
  if (!isOtherSite && !isOtherOrigin) return;
  throw new RequestRefusal("CROSS_SITE_REFUSED", "The request comes from another site's page.");
}

function refuseOtherHost(request: FastifyRequest, { binding }: Token): void {
  if (binding?.["host"] === hostOf(request)) return;
  throw new RequestRefusal("CROSS_SITE_REFUSED", "The session was opened under another name of the server.", {
    remedy: "Sign in under the name that you call.",
  });
}

function requireCsrfToken(request: FastifyRequest, sessionText: string): void {
  const shown = Buffer.from(headerOf(request, "x-csrf-token") ?? "");
  const expected = Buffer.from(csrfTokenOf(sessionText));
  if (shown.length === expected.length && timingSafeEqual(shown, expected)) return;
  throw new RequestRefusal(
    "CSRF_TOKEN_WRONG",
    "The call changes something and does not show the session's CSRF token.",
    {
      remedy: "Send the csrfToken of GET /api/v1/sessions/current in the header X-CSRF-Token.",
    },
  );
}

/** Cookies do not tell ports apart: two installations on one host keep theirs by their ids. */
function cookieName(installationId: string): string {
  return `concordat-session-${installationId}`;
}

function attributes(request: FastifyRequest): string {
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `Path=${COOKIE_PATH}; HttpOnly; SameSite=Strict${secure}`;
}

function readCookie(request: FastifyRequest, installationId: string): string | undefined {
  const prefix = `${cookieName(installationId)}=`;
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const text = pair.trim();
    if (text.startsWith(prefix)) return text.slice(prefix.length);
  }
  return undefined;
}

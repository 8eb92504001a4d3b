/** Names as the vendor's server has them. */
export const SESSION_COOKIE = "JSESSIONID";
export const REMEMBER_COOKIE = "rememberMe";

/** The value of a cookie; the first where there are several. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

export interface CookieOptions {
  /** Over TLS: the browser never shows it elsewhere. */
  readonly secure: boolean;
  /** Left out: gone when the browser is closed. 0: gone now. */
  readonly maxAgeS?: number;
}

/** Scripts cannot read it, and requests that other sites cause do not carry it. */
export function setCookie(name: string, value: string, { secure, maxAgeS }: CookieOptions): string {
  const age = maxAgeS === undefined ? "" : `; Max-Age=${maxAgeS}`;
  return `${name}=${value}; Path=/iserver; HttpOnly; SameSite=Strict${age}${secure ? "; Secure" : ""}`;
}

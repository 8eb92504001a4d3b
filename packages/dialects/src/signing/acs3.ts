import { hash } from "node:crypto";
import type { Parameter } from "@concordat/api-kit";

export const ACS3_ALGORITHM = "ACS3-HMAC-SHA256";

export interface Acs3Authorization {
  readonly credential: string;
  /** Lower case. */
  readonly signedHeaders: readonly string[];
  /** Hex. */
  readonly signature: string;
}

/** Reads `ACS3-HMAC-SHA256 Credential=..,SignedHeaders=a;b,Signature=..`; a space after a comma is allowed. Undefined when malformed. */
export function parseAcs3Authorization(header: string): Acs3Authorization | undefined {
  if (!header.startsWith(`${ACS3_ALGORITHM} `)) return undefined;
  const parts = new Map<string, string>();
  for (const part of header.slice(ACS3_ALGORITHM.length + 1).split(",")) {
    const text = part.trim();
    const equals = text.indexOf("=");
    const name = text.slice(0, equals);
    if (equals <= 0 || parts.has(name)) return undefined;
    parts.set(name, text.slice(equals + 1));
  }
  const credential = parts.get("Credential");
  const signedHeaders = parts.get("SignedHeaders");
  const signature = parts.get("Signature");
  if (!credential || !signedHeaders || !signature || parts.size !== 3) return undefined;
  return { credential, signedHeaders: signedHeaders.toLowerCase().split(";"), signature };
}

export type HeaderReader = (name: string) => string | undefined;

/**
 * The first header that must be signed and is not: `host` and every `x-acs-` header of the request. Without this rule a header that the
 * server acts on could be changed under way.
 */
export function unsignedHeader(headerNames: readonly string[], signedHeaders: readonly string[]): string | undefined {
  if (!signedHeaders.includes("host")) return "host";
  return headerNames.find((name) => name.startsWith("x-acs-") && !signedHeaders.includes(name));
}

export function acs3CanonicalRequest(request: {
  readonly method: string;
  /** As in the request target. */
  readonly path: string;
  readonly query: readonly Parameter[];
  readonly header: HeaderReader;
  readonly signedHeaders: readonly string[];
  /** Hex SHA-256 of the body. */
  readonly bodyHash: string;
}): string {
  const query = [...request.query]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join("&");
  const names = [...request.signedHeaders].sort();
  const headers = names.map((name) => `${name}:${(request.header(name) ?? "").trim()}\n`).join("");
  return [request.method, request.path, query, headers, names.join(";"), request.bodyHash].join("\n");
}

export function acs3StringToSign(canonicalRequest: string): string {
  return `${ACS3_ALGORITHM}\n${hash("sha256", canonicalRequest, "hex")}`;
}

const EMPTY_BODY_HASH = hash("sha256", "", "hex");

export function bodyHashOf(body: Uint8Array): string {
  return body.length === 0 ? EMPTY_BODY_HASH : hash("sha256", body, "hex");
}

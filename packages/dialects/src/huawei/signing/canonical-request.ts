import { hash } from "node:crypto";
import { type Parameter, parseParameters, percentEncode, queryOf } from "@concordat/api-kit";
import type { SigningAlgorithm } from "./algorithms.ts";
import { type HeaderLines, pathOf, type SignedRequest, singleHeader } from "./signed-request.ts";

/**
 * The text whose digest is signed: method, path, query, headers, names of the headers, digest of the body, each on a line of its own.
 * @param payloadHash lower-case hex, or what stands in its place
 * @returns undefined when the request has no canonical form: see {@link canonicalPath}; or a signed header is absent or came twice
 * @throws ConcordatError PARAMETERS_MALFORMED or PARAMETERS_TOO_LARGE for the query
 */
export function canonicalRequest(
  request: Omit<SignedRequest, "body">,
  signedHeaders: readonly string[],
  payloadHash: string,
): string | undefined {
  const path = canonicalPath(pathOf(request.target));
  const headers = canonicalHeaders(request.headers, signedHeaders);
  if (path === undefined || headers === undefined) return undefined;
  const query = canonicalQuery(parseParameters(queryOf(request.target)));
  return [request.method, path, query, headers, signedHeaders.join(";"), payloadHash].join("\n");
}

export function stringToSign(algorithm: SigningAlgorithm, sdkDate: string, canonical: string): string {
  return [algorithm.name, sdkDate, hash(algorithm.digest, canonical, "hex")].join("\n");
}

/** What a path may hold on the wire; the rest must come as escapes. */
const PATH_CHARACTERS = /^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/;
const CONTROL_CHARACTERS = /\p{Cc}/u;

/**
 * The decoded path, each segment encoded anew, with a slash at its end. The slash is in this form only, so `/a` and `/a/` are signed
 * alike and must mean the same.
 *
 * Undefined for paths that could be read in two ways. An escaped slash would give the form of another path with one segment more;
 * unescaped bytes above 0x7f would give that of the escaped ones, which routes take apart differently.
 */
export function canonicalPath(path: string): string | undefined {
  if (!PATH_CHARACTERS.test(path)) return undefined;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    const decoded = decode(segment);
    if (decoded === undefined || decoded.includes("/") || CONTROL_CHARACTERS.test(decoded)) return undefined;
    segments.push(percentEncode(decoded));
  }
  const encoded = segments.join("/");
  return encoded.endsWith("/") ? encoded : `${encoded}/`;
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Sorted by decoded name, then decoded value, as the SDKs sort; a name without a value gives `name=`. */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return [...parameters]
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function canonicalHeaders(headers: HeaderLines, names: readonly string[]): string | undefined {
  let text = "";
  for (const name of names) {
    const value = singleHeader(headers, name);
    const shown = value === undefined ? undefined : headerText(value);
    if (shown === undefined) return undefined;
    text += `${name}:${shown.trim()}\n`;
  }
  return text;
}

const BEYOND_ASCII = /[^\0-\x7f]/;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Clients sign text and send its UTF-8 bytes, which node:http hands over one by one as Latin-1 characters. */
function headerText(value: string): string | undefined {
  if (!BEYOND_ASCII.test(value)) return value;
  try {
    return strictUtf8.decode(Buffer.from(value, "latin1"));
  } catch {
    return undefined;
  }
}

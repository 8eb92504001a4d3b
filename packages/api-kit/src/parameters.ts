import { ConcordatError } from "@concordat/base";
import { limits } from "./limits.ts";

/** One name and value of a query or a form, decoded, with the RFC 3986 forms that request signatures are made over. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly encodedName: string;
  readonly encodedValue: string;
}

/** Unreserved characters of RFC 3986: text of only these is its own encoding. */
const UNRESERVED = /^[A-Za-z0-9\-_.~]*$/;
const BEYOND_ASCII = /[^\0-\x7f]/;
const LEFT_ALONE_BY_ENCODE_URI_COMPONENT = /[!'()*]/g;

/**
 * Reads `a=b&c=d`, strictly: a broken percent escape, bytes that are no UTF-8, a bare control character and too many or too
 * long parameters are refused; `+` is a space; an empty piece between two `&` is skipped; `name` alone has the value "".
 * Repeated names are kept: the caller decides.
 * @throws ConcordatError PARAMETERS_MALFORMED or PARAMETERS_TOO_LARGE
 */
export function parseParameters(text: string): Parameter[] {
  const parameters: Parameter[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("&", start);
    if (end < 0) end = text.length;
    if (end > start) {
      if (parameters.length === limits.parameterCountMax) throw tooLarge("There are too many parameters.", "");
      parameters.push(readPair(text, start, end));
    }
    start = end + 1;
  }
  return parameters;
}

/** The query part of a request target, as UTF-8 text. Node hands raw bytes above 0x7f over as Latin-1 characters. */
export function queryOf(requestTarget: string): string {
  const mark = requestTarget.indexOf("?");
  if (mark < 0) return "";
  const hash = requestTarget.indexOf("#", mark);
  const query = hash < 0 ? requestTarget.slice(mark + 1) : requestTarget.slice(mark + 1, hash);
  return BEYOND_ASCII.test(query) ? formText(Buffer.from(query, "latin1")) : query;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A form body as text. @throws ConcordatError PARAMETERS_MALFORMED when the bytes are no UTF-8 */
export function formText(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body);
  } catch (cause) {
    throw malformed("The request's parameters are not valid UTF-8.", "", cause);
  }
}

function readPair(text: string, start: number, end: number): Parameter {
  let equals = text.indexOf("=", start);
  if (equals < 0 || equals > end) equals = end;
  const rawName = text.slice(start, equals);
  const rawValue = equals < end ? text.slice(equals + 1, end) : "";
  const nameIsPlain = UNRESERVED.test(rawName);
  const name = nameIsPlain ? rawName : decodeText(rawName, "");
  const valueIsPlain = UNRESERVED.test(rawValue);
  const value = valueIsPlain ? rawValue : decodeText(rawValue, name);
  if (tooLong(name, limits.parameterNameBytesMax)) throw tooLarge("A parameter name is too long.", "");
  if (tooLong(value, limits.parameterValueBytesMax)) throw tooLarge(`The parameter ${name} is too long.`, name);
  return {
    name,
    value,
    encodedName: nameIsPlain ? rawName : percentEncode(name),
    encodedValue: valueIsPlain ? rawValue : percentEncode(value),
  };
}

/** A character takes at most 3 bytes for each UTF-16 unit, so short text needs no counting. */
function tooLong(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax;
}

function decodeText(raw: string, parameter: string): string {
  if (hasControl(raw)) throw malformed("The request's parameters hold a bare control character.", parameter);
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (cause) {
    throw malformed("A percent escape is broken or does not give valid UTF-8.", parameter, cause);
  }
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** RFC 3986 percent-encoding as request signatures use it: all but `A-Za-z0-9-_.~` escaped, upper-case hex. */
export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text).replaceAll(
    LEFT_ALONE_BY_ENCODE_URI_COMPONENT,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function malformed(summary: string, parameter: string, cause?: unknown): ConcordatError {
  return new ConcordatError({ code: "PARAMETERS_MALFORMED", summary, facts: { parameter }, cause });
}

function tooLarge(summary: string, parameter: string): ConcordatError {
  return new ConcordatError({ code: "PARAMETERS_TOO_LARGE", summary, facts: { parameter } });
}

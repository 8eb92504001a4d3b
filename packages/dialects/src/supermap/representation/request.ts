import { formText, parseParameters, queryOf, type TObject } from "@concordat/api-kit";
import { bytesToUtf8 } from "@concordat/base";
import { IserverRefusal } from "../errors.ts";
import { readXmlEntity } from "./xml-read.ts";

/** The parameters of a request's query. @throws IserverRefusal 400 for one that is given twice */
export function readQuery(target: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const { name, value } of parseParameters(queryOf(target))) {
    if (query.has(name)) throw new IserverRefusal(400, "A parameter of the query is given twice.");
    query.set(name, value);
  }
  return query;
}

/**
 * The method that a request means: on POST, `_method` in the query stands for clients that can only send POST.
 * @source iServer REST API, `_method`
 * @throws IserverRefusal 400 for another value
 */
export function effectiveMethod(method: string, query: ReadonlyMap<string, string>): string {
  const override = query.get("_method");
  if (override === undefined || method !== "POST") return method;
  if (override === "GET" || override === "PUT" || override === "DELETE") return override;
  throw new IserverRefusal(400, "_method must be GET, PUT or DELETE.");
}

export interface EntityHeaders {
  readonly "x-requestentity-contenttype"?: string | string[] | undefined;
  readonly "content-type"?: string | undefined;
}

/**
 * The members of a request's entity. It is JSON unless X-RequestEntity-ContentType says XML, whatever Content-Type says, for the
 * vendor's own client sends JSON under the type of a form; a form is what has that type and is no JSON.
 * @throws IserverRefusal 400
 */
export function readEntity(body: Uint8Array, headers: EntityHeaders): Readonly<Record<string, unknown>> {
  const text = textOf(body);
  if (text.trim() === "") return {};
  const wanted = mediaTypeOf(String(headers["x-requestentity-contenttype"] ?? ""));
  // An object of any shape; the row's schema judges the members.
  return readAs(wanted, text, headers) as Readonly<Record<string, unknown>>;
}

function readAs(wanted: string, text: string, headers: EntityHeaders): object {
  switch (wanted) {
    case "application/xml":
    case "text/xml":
      return readXmlEntity(text);
    case "application/json":
    case "application/rjson":
      return readJson(text);
    case "": {
      const isForm = mediaTypeOf(headers["content-type"] ?? "") === "application/x-www-form-urlencoded";
      return isForm && !text.trimStart().startsWith("{") ? readForm(text) : readJson(text);
    }
    default:
      throw new IserverRefusal(400, "X-RequestEntity-ContentType must be application/json or application/xml.");
  }
}

/**
 * A member as its row's schema wants it: texts, which are all that XML and forms have, become numbers and truth values where these are
 * expected; null and the empty text count as left out.
 */
export function memberFor(schema: TObject, field: string, value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "string") return value;
  switch (schema.properties[field]?.["type"]) {
    case "integer":
      return /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value;
    case "boolean":
      return value === "true" ? true : value === "false" ? false : value;
    default:
      return value;
  }
}

function readJson(text: string): object {
  const value = parsed(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new IserverRefusal(400, "The request's entity is no JSON object.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Not the parser's own words: they repeat what they choked on, which may be a password.
    throw new IserverRefusal(400, "The request's entity is no JSON object.", { cause });
  }
}

function readForm(text: string): object {
  return Object.fromEntries(
    parseParameters(formText(Buffer.from(text, "utf8"))).map(({ name, value }) => [name, value]),
  );
}

function textOf(body: Uint8Array): string {
  try {
    return bytesToUtf8(body);
  } catch (cause) {
    throw new IserverRefusal(400, "The request's entity is not valid UTF-8.", { cause });
  }
}

function mediaTypeOf(header: string): string {
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}

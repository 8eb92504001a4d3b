import { IserverRefusal } from "../errors.ts";

/** The representations that are written. Others that the vendor's server knows (jsonp, images) are refused with 406. */
export const formats = ["rjson", "json", "xml", "html"] as const;

export type Format = (typeof formats)[number];

export interface Address {
  /** The path without its suffix. */
  readonly resource: string;
  readonly format: Format;
}

/**
 * Takes the suffix off a path. Without one, GET is answered with a page and everything else with rjson.
 * @source iServer REST API, output formats
 * @throws IserverRefusal 406 for a suffix that is no format
 */
export function readAddress(path: string, method: string): Address {
  const dot = path.lastIndexOf(".");
  if (dot <= path.lastIndexOf("/")) return { resource: path, format: method === "GET" ? "html" : "rjson" };
  const suffix = path.slice(dot + 1);
  const format = formats.find((known) => known === suffix);
  if (format !== undefined) return { resource: path.slice(0, dot), format };
  throw new IserverRefusal(406, `The resource has no representation of this format. Use ${formats.join(", ")}.`);
}

/** What refusals of a request are written in whose address has no known format. */
export function formatGuess(path: string): Format {
  return formats.find((format) => path.endsWith(`.${format}`)) ?? "rjson";
}

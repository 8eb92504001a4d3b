import type { Format } from "./formats.ts";
import { htmlPage, type PageFrame } from "./html.ts";
import { xmlDocument } from "./xml-write.ts";

export interface Representation {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Writes a value in the format that was asked for. rjson is the same content as json, only laid out for people. A text stands for
 * itself: in json and rjson without quotes.
 * @param typeName what XML calls the value, or the items of a list
 * @source iServer REST API, output formats
 */
export function encodeRepresentation(
  format: Format,
  value: unknown,
  typeName: string,
  frame: PageFrame,
): Representation {
  switch (format) {
    case "xml":
      return { contentType: "application/xml; charset=utf-8", body: xmlDocument(typeName, value) };
    case "html":
      return { contentType: "text/html; charset=utf-8", body: htmlPage(value, frame) };
    case "json":
    case "rjson":
      return typeof value === "string"
        ? { contentType: "text/plain; charset=utf-8", body: value }
        : { contentType: `application/${format}; charset=utf-8`, body: jsonText(format, value) };
  }
}

function jsonText(format: "json" | "rjson", value: unknown): string {
  return format === "json" ? JSON.stringify(value) : JSON.stringify(value, undefined, 2);
}

import type { TSchema } from "@sinclair/typebox";
import { isFileContent } from "./file-content.ts";

/** What the text of a command line option is. `file` is a path; `name=value` puts one member into a record of base64 texts. */
export type OptionForm = "json" | "list" | "number" | "text" | "file" | "name=value";

export function optionForm(schema: TSchema): OptionForm {
  if (isFileContent(schema)) return "file";
  const type: unknown = schema["type"];
  if (type === "array") return isListOfTexts(schema) ? "list" : "json";
  if (type === "object") return isRecordOfBytes(schema) ? "name=value" : "json";
  return type === "integer" ? "number" : "text";
}

export function parserOf(schema: TSchema): (text: string) => unknown {
  const type: unknown = schema["type"];
  const form = optionForm(schema);
  if (form === "number") return (text) => (/^[0-9]{1,15}$/.test(text) ? Number(text) : undefined);
  if (form === "list") return (text) => text.split(",").map((entry) => entry.trim());
  if (form === "json") return (text) => parseJson(text, type === "array");
  if (form === "name=value") return parsePair;
  if (type === "boolean") return (text) => (text === "true" ? true : text === "false" ? false : undefined);
  return (text) => text;
}

/** Texts without commas, as ids and names of choices are. */
function isListOfTexts(schema: TSchema): boolean {
  const items: unknown = schema["items"];
  if (typeof items !== "object" || items === null) return false;
  if ("type" in items) return items.type === "string";
  return "anyOf" in items && Array.isArray(items.anyOf) && items.anyOf.every((choice) => choice.type === "string");
}

function isRecordOfBytes(schema: TSchema): boolean {
  const patterns: unknown = schema["patternProperties"];
  if (typeof patterns !== "object" || patterns === null) return false;
  return Object.values(patterns).some((member: TSchema) => member["contentEncoding"] === "base64");
}

/** The value ends the text, whatever it holds. */
function parsePair(text: string): readonly [name: string, base64: string] | undefined {
  const equals = text.indexOf("=");
  if (equals < 1) return undefined;
  return [text.slice(0, equals), Buffer.from(text.slice(equals + 1)).toString("base64")];
}

/** What it holds is the schema's to judge, on the server. */
function parseJson(text: string, isList: boolean): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && Array.isArray(value) === isList ? value : undefined;
  } catch {
    return undefined;
  }
}

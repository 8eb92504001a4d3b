import type { TSchema } from "@sinclair/typebox";
import type { RouteTable } from "./operation.ts";

/** A command line option, in the terms that commander and a generated reference page need. */
export interface CommandOption {
  /** The input field it fills. */
  readonly field: string;
  /** For instance `--chain-code <text>`. A yes-or-no field takes true or false, and stands for true alone. */
  readonly flags: string;
  readonly description: string;
  readonly required: boolean;
  /** A secret, by the schema's `writeOnly`: it must not stand on a command line. */
  readonly secret: boolean;
  /** Its text is JSON. */
  readonly json: boolean;
  /** Turns the option's text into the field's value; undefined when it is not of the field's form. */
  readonly parse: (text: string) => unknown;
}

export interface CommandDescriptor {
  /** What the operation is about and what it does to it, for instance `enterprise-project` and `create`. */
  readonly group: string;
  readonly verb: string;
  readonly operation: string;
  readonly summary: string;
  readonly mutating: boolean;
  readonly options: readonly CommandOption[];
}

export function commandDescriptors(table: RouteTable): readonly CommandDescriptor[] {
  return Object.entries(table).map(([name, row]) => ({
    ...commandWords(name, row.path),
    operation: name,
    summary: row.summary,
    mutating: row.mutating,
    options: Object.entries(row.input.properties).map(([field, schema]) => {
      const type: unknown = schema["type"];
      return {
        field,
        flags: `--${hyphenated(field)} ${type === "boolean" ? "[true|false]" : `<${optionForm(schema)}>`}`,
        description: schema.description ?? field,
        required: row.input.required?.includes(field) ?? false,
        secret: schema["writeOnly"] === true,
        json: optionForm(schema) === "json",
        parse: parserOf(schema),
      };
    }),
  }));
}

/**
 * The words of a command. The group is the leftmost noun of the path that the operation's name contains, in the singular; the verb is
 * what the name says besides: `listGroupMembers` at `/groups/{id}/members` gives `group` and `list-members`.
 */
export function commandWords(operation: string, path: string): { readonly group: string; readonly verb: string } {
  const [verb = operation, ...rest] = hyphenated(operation).split("-");
  const nouns = path.replace(/^.*\/v[0-9]+\//, "").split("/");
  for (const segment of nouns.filter((part) => /^[a-z-]+$/.test(part))) {
    const group = singular(segment);
    const place = placeOf([segment, group, `${group}s`], rest);
    if (place === undefined) continue;
    return { group, verb: [verb, ...rest.slice(0, place.from), ...rest.slice(place.to)].join("-") };
  }
  const [noun = verb, ...further] = rest;
  return { group: singular(noun), verb: [verb, ...further].join("-") };
}

/** Where consecutive words make one of the nouns; hyphens do not count, so that `OAuthClient` is an `oauth-client`. */
function placeOf(nouns: readonly string[], words: readonly string[]) {
  const wanted = nouns.map((noun) => noun.replaceAll("-", ""));
  for (let from = 0; from < words.length; from++) {
    for (let to = from + 1; to <= words.length; to++) {
      if (wanted.includes(words.slice(from, to).join(""))) return { from, to };
    }
  }
  return undefined;
}

function singular(noun: string): string {
  if (noun.endsWith("ies")) return `${noun.slice(0, -3)}y`;
  return noun.endsWith("s") && !noun.endsWith("ss") && !noun.endsWith("us") ? noun.slice(0, -1) : noun;
}

function hyphenated(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionForm(schema: TSchema): "json" | "list" | "number" | "text" {
  const type: unknown = schema["type"];
  if (type === "array") return isListOfTexts(schema) ? "list" : "json";
  if (type === "object") return "json";
  return type === "integer" ? "number" : "text";
}

/** Texts without commas, as ids and names of choices are. */
function isListOfTexts(schema: TSchema): boolean {
  const items: unknown = schema["items"];
  if (typeof items !== "object" || items === null) return false;
  if ("type" in items) return items.type === "string";
  return "anyOf" in items && Array.isArray(items.anyOf) && items.anyOf.every((choice) => choice.type === "string");
}

function parserOf(schema: TSchema): (text: string) => unknown {
  const type: unknown = schema["type"];
  const form = optionForm(schema);
  if (form === "number") return (text) => (/^[0-9]{1,15}$/.test(text) ? Number(text) : undefined);
  if (form === "list") return (text) => text.split(",").map((entry) => entry.trim());
  if (form === "json") return (text) => parseJson(text, type === "array");
  if (type === "boolean") return (text) => (text === "true" ? true : text === "false" ? false : undefined);
  return (text) => text;
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

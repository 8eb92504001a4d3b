import type { RouteTable } from "./operation.ts";

/** A command line option, in the terms that commander and a generated reference page need. */
export interface CommandOption {
  /** The input field it fills. */
  readonly field: string;
  /** For instance `--chain-code <text>`. A yes-or-no field takes no value. */
  readonly flags: string;
  readonly description: string;
  readonly required: boolean;
  /** Turns the option's text into the field's value; undefined when it is not of the field's form. */
  readonly parse: (text: string) => unknown;
}

export interface CommandDescriptor {
  /** Operation name in words joined by hyphens, for instance `create-chain`. */
  readonly name: string;
  readonly operation: string;
  readonly summary: string;
  readonly mutating: boolean;
  readonly options: readonly CommandOption[];
}

export function commandDescriptors(table: RouteTable): readonly CommandDescriptor[] {
  return Object.entries(table).map(([name, row]) => ({
    name: hyphenated(name),
    operation: name,
    summary: row.summary,
    mutating: row.mutating,
    options: Object.entries(row.input.properties).map(([field, schema]) => {
      const type: unknown = schema["type"];
      return {
        field,
        flags: type === "boolean" ? `--${hyphenated(field)}` : `--${hyphenated(field)} <${optionForm(type)}>`,
        description: schema.description ?? field,
        required: row.input.required?.includes(field) ?? false,
        parse: parserOf(type),
      };
    }),
  }));
}

function hyphenated(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionForm(type: unknown): string {
  if (type === "object") return "json";
  return type === "integer" ? "number" : "text";
}

function parserOf(type: unknown): (text: string) => unknown {
  if (type === "integer") return (text) => (/^[0-9]{1,15}$/.test(text) ? Number(text) : undefined);
  if (type === "boolean") return (text) => (text === "true" ? true : text === "false" ? false : undefined);
  if (type === "object") return parseObject;
  return (text) => text;
}

/** What the object holds is the schema's to judge, on the server. */
function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import type { TSchema } from "@sinclair/typebox";
import { isFileContent } from "./file-content.ts";
import type { AnyOperation, RouteTable } from "./operation.ts";
import { type OptionForm, optionForm, parserOf } from "./option-form.ts";

/** A command line option, in the terms that commander and a generated reference page need. */
export interface CommandOption {
  /** The input field it fills. */
  readonly field: string;
  /** Without the two hyphens. */
  readonly name: string;
  /** For instance `--chain-code <text>`. A yes-or-no field takes true or false, and stands for true alone. */
  readonly flags: string;
  readonly description: string;
  readonly required: boolean;
  /** An option also where it is required. */
  readonly named: boolean;
  /** A secret, by the schema's `writeOnly`: it must not stand on a command line. */
  readonly secret: boolean;
  readonly form: OptionForm;
  /** Given once for each member of the field. */
  readonly repeated: boolean;
  /** Turns the option's text into the field's value, or for a repeated one into a member; undefined when it is not of the field's form. */
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
  /** The member of the answer that is a file's content: it goes to a file. */
  readonly outputFile: string | undefined;
  /** The whole answer may go to a file. */
  readonly answerToFile: boolean;
  /** The answer names a job in its member `jobId`, which the command may wait for. */
  readonly startsJob: boolean;
}

export function commandDescriptors(table: RouteTable): readonly CommandDescriptor[] {
  return Object.entries(table).map(([name, row]) => {
    const answer = Object.entries<TSchema>(row.output["properties"] ?? {});
    return {
      ...commandWords(name, row.path),
      ...(row.command?.group === undefined ? {} : { group: row.command.group }),
      ...(row.command?.verb === undefined ? {} : { verb: row.command.verb }),
      operation: name,
      summary: row.summary,
      mutating: row.mutating,
      options: Object.entries(row.input.properties).map(([field, schema]) => commandOption(row, field, schema)),
      outputFile: answer.find(([, schema]) => isFileContent(schema))?.[0],
      answerToFile: row.command?.answerToFile === true,
      startsJob: row.mutating && row.status === 202 && answer.some(([member]) => member === "jobId"),
    };
  });
}

function commandOption(row: AnyOperation, field: string, schema: TSchema): CommandOption {
  const isRepeatedList = row.command?.repeated?.includes(field) === true;
  const form = isRepeatedList ? "text" : optionForm(schema);
  const name = hyphenated(isRepeatedList ? singular(field) : field);
  return {
    field,
    name,
    flags: `--${name} ${schema["type"] === "boolean" ? "[true|false]" : `<${form}>`}`,
    description: schema.description ?? field,
    required: row.input.required?.includes(field) ?? false,
    named: row.command?.named === true,
    secret: schema["writeOnly"] === true,
    form,
    repeated: isRepeatedList || form === "name=value",
    parse: isRepeatedList ? (text) => text : parserOf(schema),
  };
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

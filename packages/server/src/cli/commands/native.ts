import {
  type CommandDescriptor,
  type CommandOption,
  commandDescriptors,
  createClient,
  type RouteTable,
} from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { serverFault } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../json-file.ts";
import { nativeTransport } from "../native-transport.ts";
import { dataOption } from "../options.ts";
import { type AccessFlags, SECRET_VARIABLE, serverAccess } from "../server-access.ts";

/**
 * One command for each operation of the native API, derived from its table: `createChain` is `concordat chain create`. Required
 * fields are arguments in the table's order, the others options; what is JSON may be given as `@file`. The answer is printed as JSON.
 */
export function addNativeCommands(program: Command, table: RouteTable, context: CommandContext): void {
  const groups = new Map<string, Command>();
  for (const descriptor of commandDescriptors(table)) {
    const { group, verb } = descriptor;
    const parent = groups.get(group) ?? program.command(group);
    groups.set(group, parent);
    addOperation(parent.command(verb), descriptor, table, context);
  }
  for (const group of groups.values()) {
    const verbs = group.commands.map((command) => command.name());
    group.description(`${verbs.join(", ")} (calls the running server)`);
  }
}

type Values = Readonly<Record<string, unknown>>;

function addOperation(
  command: Command,
  descriptor: CommandDescriptor,
  table: RouteTable,
  context: CommandContext,
): void {
  const secrets = descriptor.options.filter((option) => option.secret);
  const required = descriptor.options.filter((option) => option.required && !option.secret);
  const optional = descriptor.options.filter((option) => !option.required && !option.secret);
  command.description(descriptor.summary);
  for (const option of required) {
    command.addArgument(new Argument(`<${hyphenated(option)}>`, option.description).argParser(parserOf(option)));
  }
  for (const option of optional) {
    command.addOption(new Option(option.flags, option.description).argParser(parserOf(option)));
  }
  command
    .addOption(dataOption())
    .addOption(new Option("--url <address>", "server, by default that of bootstrap.json").env("CONCORDAT_URL"))
    .addOption(new Option("--access-key-id <id>", "by default that of bootstrap.json").env("CONCORDAT_ACCESS_KEY_ID"))
    .option("--ca-file <file>", "authority of the server's TLS certificate, PEM; by default the data folder's own")
    .addHelpText(
      "after",
      secrets.map((option) => `\n${variableOf(option)} in the environment: ${option.description}`).join(""),
    )
    .addHelpText("after", `\nThe access key's secret comes from ${SECRET_VARIABLE}, else from bootstrap.json.`)
    .action(async (...words: readonly unknown[]) => {
      const flags: AccessFlags & Values = command.opts();
      const given = [
        ...required.map(({ field }, index) => [field, words[index]] as const),
        ...optional.flatMap(({ field }) => (flags[field] === undefined ? [] : [[field, flags[field]] as const])),
        ...secrets.flatMap((option) => {
          const text = context.environment[variableOf(option)];
          return text === undefined || text === "" ? [] : [[option.field, text] as const];
        }),
      ];
      const values = given.map(async ([field, value]) => [field, await readValue(value, context)] as const);
      const input = Object.fromEntries(await Promise.all(values));
      const access = await serverAccess(flags, context);
      const calls: Readonly<Record<string, (input: never) => Promise<unknown>>> = createClient(
        table,
        nativeTransport(access, { random: systemRandom }),
      );
      const answer = await calls[descriptor.operation]?.(input as never);
      context.print(JSON.stringify(answer, null, 2));
    });
}

/** Secrets stay off the command line, as the access key's does. */
function variableOf(option: CommandOption): string {
  return `CONCORDAT_${hyphenated(option).replaceAll("-", "_").toUpperCase()}`;
}

/** A value that is in a file, which is read when the command runs. */
class FileValue {
  readonly path: string;
  readonly option: CommandOption;

  constructor(path: string, option: CommandOption) {
    this.path = path;
    this.option = option;
  }
}

function parserOf(option: CommandOption): (text: string) => unknown {
  return (text) => (option.json && text.startsWith("@") ? new FileValue(text.slice(1), option) : parsed(text, option));
}

function parsed(text: string, option: CommandOption): unknown {
  const value = option.parse(text);
  if (value === undefined) throw new InvalidArgumentError(option.description);
  return value;
}

async function readValue(value: unknown, { fileSystem }: CommandContext): Promise<unknown> {
  if (!(value instanceof FileValue)) return value;
  const { path, option } = value;
  const content = option.parse(await readInputFile(fileSystem, path));
  if (content !== undefined) return content;
  throw serverFault("FILE_UNREADABLE", `${path} does not hold what --${hyphenated(option)} takes.`, {
    remedy: option.description,
  });
}

function hyphenated({ field }: CommandOption): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

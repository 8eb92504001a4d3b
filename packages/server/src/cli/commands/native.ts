import {
  type CommandDescriptor,
  type CommandOption,
  commandDescriptors,
  createClient,
  type RouteTable,
} from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { nativeTransport } from "../native-transport.ts";
import { dataOption } from "../options.ts";
import { type AccessFlags, SECRET_VARIABLE, serverAccess } from "../server-access.ts";

/**
 * One command for each operation of the native API, derived from its table: `createChain` is `concordat chain create`. Required
 * fields are arguments in the table's order, the others options. The answer is printed as JSON.
 */
export function addNativeCommands(program: Command, table: RouteTable, context: CommandContext): void {
  const groups = new Map<string, Command>();
  for (const descriptor of commandDescriptors(table)) {
    const { group, verb } = commandWords(descriptor.name);
    const parent = groups.get(group) ?? program.command(group);
    groups.set(group, parent);
    addOperation(parent.command(verb), descriptor, table, context);
  }
  for (const group of groups.values()) {
    const verbs = group.commands.map((command) => command.name());
    group.description(`${verbs.join(", ")} (calls the running server)`);
  }
}

/** `create-chain` gives chain and create, `add-chain-member` chain and add-member, `list-chains` chain and list. */
export function commandWords(name: string): { readonly group: string; readonly verb: string } {
  const [verb = name, noun = verb, ...rest] = name.split("-");
  return { group: rest.length === 0 ? noun.replace(/s$/, "") : noun, verb: [verb, ...rest].join("-") };
}

type Values = Readonly<Record<string, unknown>>;

function addOperation(
  command: Command,
  descriptor: CommandDescriptor,
  table: RouteTable,
  context: CommandContext,
): void {
  const required = descriptor.options.filter((option) => option.required);
  const optional = descriptor.options.filter((option) => !option.required);
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
    .addHelpText("after", `\nThe access key's secret comes from ${SECRET_VARIABLE}, else from bootstrap.json.`)
    .action(async (...words: readonly unknown[]) => {
      const flags: AccessFlags & Values = command.opts();
      const input = Object.fromEntries([
        ...required.map(({ field }, index) => [field, words[index]] as const),
        ...optional.flatMap(({ field }) => (flags[field] === undefined ? [] : [[field, flags[field]] as const])),
      ]);
      const access = await serverAccess(flags, context);
      const calls: Readonly<Record<string, (input: never) => Promise<unknown>>> = createClient(
        table,
        nativeTransport(access, { random: systemRandom }),
      );
      const answer = await calls[descriptor.operation]?.(input as never);
      context.print(JSON.stringify(answer, null, 2));
    });
}

function parserOf(option: CommandOption): (text: string) => unknown {
  return (text) => {
    const value = option.parse(text);
    if (value === undefined) throw new InvalidArgumentError(option.description);
    return value;
  };
}

function hyphenated({ field }: CommandOption): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

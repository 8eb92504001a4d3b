import {
  type CommandDescriptor,
  type CommandOption,
  commandDescriptors,
  createClient,
  type RouteTable,
} from "@concordat/api-kit";
import { base64ToBytes, systemClock, systemRandom, utf8ToBytes } from "@concordat/base";
import { Argument, type Command, Option } from "commander";
import { serverFault } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { type OwnFile, reserveOwnFile } from "../file-output.ts";
import { type SeenJob, waitForJob } from "../job-wait.ts";
import { nativeTransport } from "../native-transport.ts";
import { readValue, valueParser } from "../option-values.ts";
import { dataOption } from "../options.ts";
import { type AccessFlags, SECRET_VARIABLE, serverAccess } from "../server-access.ts";

export type Flags = Readonly<Record<string, unknown>>;

/** Another way of giving one field of an operation on the command line. */
export interface FieldSource {
  readonly operation: string;
  readonly field: string;
  readonly options: readonly Option[];
  /** Called when one of its options is given. @throws CommanderError through `command.error` for a wrong combination */
  read(flags: Flags, command: Command, context: CommandContext): Promise<unknown>;
}

/**
 * One command for each operation of the native API, derived from its table: `createChain` is `concordat chain create`. Required
 * fields are arguments in the table's order, the others options, unless the row names them all; what is JSON may be given as `@file`,
 * a file's content as its path. The answer is printed as JSON; a file in it is written, and an answer that is a secret where it is told to.
 */
export function addNativeCommands(
  program: Command,
  table: RouteTable,
  context: CommandContext,
  sources: readonly FieldSource[] = [],
): void {
  const groups = new Map<string, Command>();
  for (const descriptor of commandDescriptors(table)) {
    const { group, verb } = descriptor;
    const known = groups.get(group) ?? program.commands.find((command) => command.name() === group);
    const parent = known ?? program.command(group);
    groups.set(group, parent);
    const own = sources.filter(({ operation }) => operation === descriptor.operation);
    addOperation(parent.command(verb), { descriptor, table, context, sources: own });
  }
  for (const group of groups.values()) {
    const verbs = group.commands.map((command) => command.name());
    group.description(`${verbs.join(", ")} (calls the running server)`);
  }
}

interface Parts {
  readonly descriptor: CommandDescriptor;
  readonly table: RouteTable;
  readonly context: CommandContext;
  readonly sources: readonly FieldSource[];
}

function addOperation(command: Command, parts: Parts): void {
  const { descriptor, context, sources } = parts;
  const secrets = descriptor.options.filter((option) => option.secret);
  const plain = descriptor.options.filter((option) => !option.secret);
  const isArgument = (option: CommandOption) => option.required && !option.named;
  const positional = plain.filter(isArgument);
  const optional = plain.filter((option) => !isArgument(option));
  command.description(descriptor.summary);
  for (const option of positional) {
    command.addArgument(new Argument(`<${option.name}>`, option.description).argParser(valueParser(option)));
  }
  for (const option of optional) {
    const hasSource = sources.some(({ field }) => field === option.field);
    command.addOption(
      new Option(option.flags, option.description)
        .argParser(valueParser(option))
        .makeOptionMandatory(option.required && !hasSource),
    );
  }
  for (const option of sources.flatMap(({ options }) => options)) command.addOption(option);
  addAnswerOptions(command, descriptor);
  addAccessOptions(command, secrets);
  command.action(async (...words: readonly unknown[]) => {
    const flags: AccessFlags & Flags = command.opts();
    const given = [
      ...positional.map((option, index) => [option, words[index]] as const),
      ...optional.flatMap((option) => givenAs(option, flags[attributeOf(option)])),
      ...secrets.flatMap((option) => givenAs(option, context.environment[variableOf(option)] || undefined)),
    ];
    const chosen = chosenSources(sources, new Set(given.map(([{ field }]) => field)), flags, command);
    const read = [
      ...given.map(
        async ([option, value]) => [option.field, await readValue(option, value, context.fileSystem)] as const,
      ),
      ...chosen.map(async (source) => [source.field, await source.read(flags, command, context)] as const),
    ];
    await run(Object.fromEntries(await Promise.all(read)), flags, parts);
  });
}

function givenAs(option: CommandOption, value: unknown): readonly (readonly [CommandOption, unknown])[] {
  return value === undefined ? [] : [[option, value]];
}

function addAnswerOptions(command: Command, { outputFile, answerToFile, startsJob }: CommandDescriptor): void {
  if (answerToFile) {
    command.option("--output <file>", "where the answer goes instead of being printed; readable by its owner only");
  }
  if (outputFile !== undefined) {
    command.requiredOption("--output <file>", "where the answered file goes; readable by its owner only");
  }
  if (startsJob) command.option("--wait", "wait until the job has ended");
}

function addAccessOptions(command: Command, secrets: readonly CommandOption[]): void {
  command
    .addOption(dataOption())
    .addOption(new Option("--url <address>", "server, by default that of bootstrap.json").env("CONCORDAT_URL"))
    .addOption(new Option("--access-key-id <id>", "by default that of bootstrap.json").env("CONCORDAT_ACCESS_KEY_ID"))
    .option("--ca-file <file>", "authority of the server's TLS certificate, PEM; by default the data folder's own")
    .addHelpText(
      "after",
      secrets.map((option) => `\n${variableOf(option)} in the environment: ${option.description}`).join(""),
    )
    .addHelpText("after", `\nThe access key's secret comes from ${SECRET_VARIABLE}, else from bootstrap.json.`);
}

/** The sources that are used. A field is given in one way. */
function chosenSources(sources: readonly FieldSource[], given: ReadonlySet<string>, flags: Flags, command: Command) {
  return sources.filter(({ field, options }) => {
    const isUsed = options.some((option) => flags[option.attributeName()] !== undefined);
    const others = options.map(({ long }) => long).join(", ");
    if (isUsed && given.has(field)) command.error(`error: --${field} excludes ${others}.`);
    if (!isUsed && !given.has(field)) command.error(`error: give --${field}, or its source by ${others}.`);
    return isUsed;
  });
}

async function run(input: Flags, flags: AccessFlags & Flags, { descriptor, table, context }: Parts): Promise<void> {
  const access = await serverAccess(flags, context);
  const client = createClient(table, nativeTransport(access, { random: systemRandom }));
  // The server judges the input by the row's schema, and the client the answer.
  const calls = client as Readonly<Record<string, (input: Flags) => Promise<unknown>>>;
  const path = descriptor.answerToFile || descriptor.outputFile !== undefined ? flags["output"] : undefined;
  const file = typeof path === "string" ? await reserveOwnFile(context.fileSystem, path) : undefined;
  const answer = await answerOf(() => calls[descriptor.operation]?.(input), file);
  context.print(JSON.stringify(file === undefined ? answer : await written(answer, file, flags, descriptor), null, 2));
  const { jobId, validationCode }: { readonly jobId?: unknown; readonly validationCode?: unknown } = Object(answer);
  // It is an answer for programs; whoever types a command wants to know by its exit code.
  if (validationCode !== undefined && validationCode !== "VALID") {
    throw serverFault("TRANSACTION_REFUSED", `The transaction did not take effect: ${validationCode}.`);
  }
  const getJob = calls["getJob"];
  if (flags["wait"] !== true || typeof jobId !== "string" || getJob === undefined) return;
  // The client holds its answers to the row's schema, which has what is waited for.
  const seeJob = getJob as (input: Flags) => Promise<SeenJob>;
  await waitForJob(jobId, { getJob: seeJob, clock: systemClock, tell: (text) => context.warn(text) });
}

/** A refused call leaves no trace of the file that its answer was for. */
async function answerOf(call: () => Promise<unknown> | undefined, file: OwnFile | undefined): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    await file?.discard();
    throw error;
  }
}

/** Writes the answer, or the file in it, and tells where instead. */
async function written(
  answer: unknown,
  file: OwnFile,
  flags: Flags,
  { outputFile }: CommandDescriptor,
): Promise<unknown> {
  const path = String(flags["output"]);
  if (outputFile === undefined) {
    await file.write(utf8ToBytes(`${JSON.stringify(answer, null, 2)}\n`));
    return { file: path };
  }
  await file.write(base64ToBytes(String(Object(answer)[outputFile])));
  return { ...Object(answer), [outputFile]: path };
}

/** Secrets stay off the command line, as the access key's does. */
function variableOf(option: CommandOption): string {
  return `CONCORDAT_${option.name.replaceAll("-", "_").toUpperCase()}`;
}

function attributeOf(option: CommandOption): string {
  return new Option(option.flags).attributeName();
}

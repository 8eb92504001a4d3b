import { Command, CommanderError } from "commander";
import { VERSION } from "../version.ts";
import { addBenchCommand } from "./commands/bench.ts";
import { addBootstrapCommand } from "./commands/bootstrap.ts";
import { addUpCommand } from "./commands/up.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { addVerifyPageCommand } from "./commands/verify-page.ts";
import { addVerifyReceiptCommand } from "./commands/verify-receipt.ts";
import { type CommandContext, EXIT, type ExitCode, processContext } from "./context.ts";
import { reportError } from "./report.ts";

/** Sets the exit code that the command ends with; a command that never does ends with 0. */
export type SetExitCode = (code: ExitCode | undefined) => void;

/**
 * Runs one command line (without node and script).
 * @returns the exit code, or undefined when the command goes on running and ends the process itself
 */
export async function runCommandLine(
  words: readonly string[],
  context: CommandContext = processContext(),
): Promise<ExitCode | undefined> {
  let exitCode: ExitCode | undefined = EXIT.done;
  try {
    const program = await createProgram(words, context, (code) => {
      exitCode = code;
    });
    // Without a command, commander would print the help as an error.
    await program.parseAsync(words.length === 0 ? ["--help"] : [...words], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportError(error, context);
  }
}

async function createProgram(
  words: readonly string[],
  context: CommandContext,
  setExitCode: SetExitCode,
): Promise<Command> {
  const program = new Command("concordat")
    .description("A self-hosted consortium ledger: vendor ledger APIs on one verifiable ledger.")
    .version(VERSION, "-V, --version", "print the version")
    // A contract has a version too: the program's own stands before the command.
    .enablePositionalOptions()
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .showHelpAfterError("Run with --help to see what is possible.")
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.warn(text.trimEnd().replace(/^error: /, "concordat: ")),
    })
    .exitOverride();
  addUpCommand(program, context, setExitCode);
  addBootstrapCommand(program, context);
  addVerifyCommand(program, context, setExitCode);
  addVerifyReceiptCommand(program, context, setExitCode);
  addVerifyPageCommand(program, context);
  addBenchCommand(program, context);
  if (!program.commands.some((command) => command.name() === words[0])) await addDerivedCommands(program, context);
  program.addHelpText("after", "\nExit codes: 0 done, 1 refused or failed, 2 wrong usage, 70 internal error.");
  return program;
}

/** Loading the operation table takes a moment: commands that do not need it are not kept waiting. */
async function addDerivedCommands(program: Command, context: CommandContext): Promise<void> {
  const [{ addNativeCommands }, { addContractPackageCommand, contractFolderSource }, { routes }] = await Promise.all([
    import("./commands/native.ts"),
    import("./contract-folder.ts"),
    import("@concordat/dialects/native"),
  ]);
  addContractPackageCommand(program, context);
  addNativeCommands(program, routes, context, [contractFolderSource]);
}

import { join } from "node:path";
import type { Command } from "commander";
import { dataFolderAt } from "../../data-folder/layout.ts";
import { serverFault } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { dataOption } from "../options.ts";
import type { SetExitCode } from "../run.ts";
import { verifierIo } from "../verifier-io.ts";

interface VerifyFlags {
  readonly data: string;
  readonly since?: string;
  readonly trust?: string;
  readonly json?: true;
}

export function addVerifyCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  program
    .command("verify")
    .description("check a whole ledger from its segments and anchors alone; the server may be running")
    .addOption(dataOption())
    .option("--since <file>", "a checkpoint held elsewhere: the ledger must extend it")
    .option("--trust <bundle>", "trust bundle, obtained apart from the ledger: its keys must have signed every block")
    .option("--json", "print the whole report as JSON")
    .addHelpText("after", "\nExit codes: 0 the ledger verifies; 1 it does not; 2 something cannot be read.")
    .action(async (flags: VerifyFlags) => {
      const { ledger } = dataFolderAt(flags.data);
      if (!(await context.fileSystem.exists(join(ledger, "channels")))) {
        throw serverFault("DATA_FOLDER_MISSING", `There is no ledger in ${ledger}.`, {
          remedy: "Name the data folder of the installation with --data.",
        });
      }
      const { runVerifyLedger } = await import("@concordat/verifier/node");
      const words = [
        `--data=${ledger}`,
        ...(flags.since === undefined ? [] : [`--since=${flags.since}`]),
        ...(flags.trust === undefined ? [] : [`--trust=${flags.trust}`]),
        ...(flags.json === true ? ["--json"] : []),
      ];
      setExitCode(await runVerifyLedger(words, verifierIo(context)));
    });
}

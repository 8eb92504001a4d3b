import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import type { SetExitCode } from "../run.ts";
import { verifierIo } from "../verifier-io.ts";

export function addVerifyReceiptCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  program
    .command("verify-receipt")
    .description("check a receipt offline; needs no server")
    .argument("<file>", "the receipt, JSON")
    .option("--trust <bundle>", "trust bundle, obtained apart from the receipt; without it nothing can be called valid")
    .option("--json", "print the whole verdict as JSON")
    .addHelpText("after", "\nExit codes: 0 valid; 1 invalid, refused by the ledger, or unauthenticated; 2 unreadable.")
    .action(async (file: string, options: { readonly trust?: string; readonly json?: true }) => {
      const { runVerifyReceipt } = await import("@concordat/verifier/node");
      const words = [
        ...(options.trust === undefined ? [] : [`--trust=${options.trust}`]),
        ...(options.json === true ? ["--json"] : []),
        "--",
        file,
      ];
      setExitCode(await runVerifyReceipt(words, verifierIo(context)));
    });
}

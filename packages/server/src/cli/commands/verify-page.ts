import { resolve } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "../../data-folder/durable-file.ts";
import { serverFault, systemCode } from "../../errors.ts";
import { buildVerifierPage } from "../../verifier-page.ts";
import type { CommandContext } from "../context.ts";

export function addVerifyPageCommand(program: Command, context: CommandContext): void {
  program
    .command("verify-page")
    .description("write the self-contained HTML page that checks receipts without any network")
    .requiredOption("--out <file>", "where to write it")
    .action(async (options: { readonly out: string }) => {
      const path = resolve(options.out);
      const page = await buildVerifierPage();
      await replaceFile(context.fileSystem, path, page).catch((cause: unknown) => {
        throw serverFault("FILE_UNWRITABLE", `${path} cannot be written (${systemCode(cause)}).`, { cause });
      });
      context.print(`Wrote ${path} (${Buffer.byteLength(page)} bytes).`);
    });
}

import type { Command } from "commander";
import { forgetSecrets, holdsSecrets, readBootstrapFile } from "../../bootstrap/bootstrap-file.ts";
import { dataFolderAt } from "../../data-folder/layout.ts";
import { serverFault } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { dataOption } from "../options.ts";

export function addBootstrapCommand(program: Command, context: CommandContext): void {
  program
    .command("bootstrap")
    .description("show where the first run wrote its credentials, or remove the secrets there")
    .addOption(dataOption())
    .option("--forget", "remove the secrets from bootstrap.json for good; the server may be running")
    .action(async (options: { readonly data: string; readonly forget?: true }) => {
      const path = dataFolderAt(options.data).bootstrap;
      if (options.forget === true) {
        const removed = await forgetSecrets(context.fileSystem, path);
        context.print(removed ? `The secrets are gone from ${path}.` : `There were no secrets in ${path}.`);
        return;
      }
      const file = await readBootstrapFile(context.fileSystem, path);
      if (file === undefined) {
        throw serverFault("BOOTSTRAP_MISSING", `There is no ${path}.`, {
          remedy: "Start the server once: concordat up",
        });
      }
      const state = holdsSecrets(file)
        ? "holds secrets: copy them, then run concordat bootstrap --forget"
        : "holds no secrets";
      context.print(`${path} ${state}.\nServer: ${file.url}\nAccess key id: ${file.aliyun.accessKeyId}`);
    });
}

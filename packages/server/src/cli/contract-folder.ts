import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { bytesToBase64 } from "@concordat/base";
import type { ContractSource } from "@concordat/fabric/packages";
import { type Command, Option } from "commander";
import { serverFault, systemCode } from "../errors.ts";
import type { FieldSource } from "./commands/native.ts";
import type { CommandContext } from "./context.ts";
import { writeOwnFile } from "./file-output.ts";
import { readFileContent, requireSendable } from "./option-values.ts";

/** Beyond this something else than a contract's folder was named. */
const FILES_MAX = 20_000;
const TOTAL_BYTES_MAX = 256 * 1024 * 1024;

const runtimes = ["node", "ccaas", "golang", "java"] as const;

interface FolderFlags {
  readonly folder?: string;
  readonly label?: string;
  readonly type?: ContractSource["type"];
}

function folderOptions(): readonly [folder: Option, label: Option, type: Option] {
  return [
    new Option("--folder <folder>", "the contract's source folder, with the node_modules that it needs"),
    new Option("--label <label>", "label of the package made from it, for instance basic_1.0"),
    new Option("--type <type>", "what runs it: node when left out; ccaas for a folder with a connection.json").choices(
      runtimes,
    ),
  ];
}

/** `contract install --folder ./chaincode --label basic_1.0` packs the folder itself. */
export const contractFolderSource: FieldSource = {
  operation: "installContract",
  field: "file",
  options: folderOptions(),
  async read(flags: FolderFlags, command, context) {
    const { folder, label, type = "node" } = flags;
    if (folder === undefined || label === undefined) {
      return command.error("error: --folder and --label go together, --type with them.");
    }
    const bytes = await packFolder({ folder, label, type }, context);
    return bytesToBase64(requireSendable(bytes, `The package of ${folder}`));
  },
};

/** `contract package`: what `contract install --folder` sends, as a file. Needs no server. */
export function addContractPackageCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("contract")
    .command("package")
    .description(
      "Packs a contract's source folder in Fabric's format, without a server. The same files give the same bytes.",
    );
  const [folder, label, type] = folderOptions();
  command
    .addOption(folder.makeOptionMandatory())
    .addOption(label.makeOptionMandatory())
    .addOption(type)
    .requiredOption("--output <file>", "the package, .tgz")
    .action(async (flags: FolderFlags & { readonly output: string }) => {
      const { folder: path = "", label: name = "", type: kind = "node", output } = flags;
      const bytes = await packFolder({ folder: path, label: name, type: kind }, context);
      await writeOwnFile(context.fileSystem, output, bytes);
      context.print(`${output} has ${bytes.length} bytes.`);
    });
}

async function packFolder(
  { folder, label, type }: Required<FolderFlags>,
  { fileSystem }: CommandContext,
): Promise<Uint8Array> {
  const files: ContractSource["files"][number][] = [];
  let total = 0;
  for (const path of await filesBelow(folder)) {
    const content = await readFileContent(fileSystem, join(folder, path));
    total += content.length;
    if (total > TOTAL_BYTES_MAX) throw tooLarge(folder, `${TOTAL_BYTES_MAX} bytes`);
    const { mode } = await stat(join(folder, path));
    files.push({ path, content, isExecutable: (mode & 0o100) !== 0 });
  }
  // It loads what reads and writes archives, which no other command needs.
  const { createContractPackage } = await import("@concordat/fabric/packages");
  return await createContractPackage({ label, type, files });
}

/** Regular files, as relative paths with slashes, sorted. Links are left out: what they point at may not be there later. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [""];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const entries = await readdir(join(folder, place), { withFileTypes: true }).catch((cause: unknown) => {
      throw serverFault("FILE_UNREADABLE", `${join(folder, place)} cannot be read (${systemCode(cause) ?? "?"}).`, {
        cause,
      });
    });
    for (const entry of entries) {
      const path = place === "" ? entry.name : `${place}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== ".git") waiting.push(path);
      if (entry.isFile()) found.push(path);
    }
    if (found.length > FILES_MAX) throw tooLarge(folder, `${FILES_MAX} files`);
  }
  return found.sort();
}

function tooLarge(folder: string, bound: string) {
  return serverFault("FILE_TOO_LARGE", `${folder} has more than ${bound}.`, {
    remedy: "Name the folder of the contract alone.",
  });
}

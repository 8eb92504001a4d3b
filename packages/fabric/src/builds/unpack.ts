import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageLimits } from "../packages/limits.ts";
import { readTarGzip } from "../packages/tar-reader.ts";

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PROGRAM_MODE = 0o755;

/**
 * Writes the code of a package into an empty folder. Modes are set whatever the server's umask: another user runs the code.
 * @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE
 */
export async function unpackCode(code: Uint8Array, folder: string): Promise<void> {
  const made = new Set<string>([folder]);
  const makeFolder = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await makeFolder(dirname(path));
    await mkdir(path, { recursive: true });
    await chmod(path, FOLDER_MODE);
    made.add(path);
  };
  await mkdir(folder, { recursive: true });
  await chmod(folder, FOLDER_MODE);
  await readTarGzip(code, packageLimits, async (entry) => {
    const path = join(folder, entry.path);
    if (entry.kind === "folder") return makeFolder(path);
    await makeFolder(dirname(path));
    if (entry.kind === "link") return symlink(entry.target, path);
    await writeFile(path, entry.content, { flag: "wx" });
    await chmod(path, entry.isExecutable ? PROGRAM_MODE : FILE_MODE);
  });
}

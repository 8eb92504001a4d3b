import { chmod, chown, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { HostRuntime } from "./host-runtime.ts";
import type { LaunchSpecification, SandboxJob } from "./ports.ts";

export interface PlainFolder {
  readonly path: string;
  readonly launcherPath: string;
  readonly specification: LaunchSpecification;
}

const ENTERED_BY_ALL = 0o711;

/**
 * What a job may see, copied below one temporary folder, for kinds of sandbox that have no file system of their own. A copy, since links
 * would lead into folders that another user may not enter.
 * @param userId owner of what is writable; the rest stays the server's own
 */
export async function createPlainFolder(
  job: SandboxJob,
  runtime: HostRuntime,
  userId: number | undefined,
): Promise<PlainFolder> {
  const path = await mkdtemp(join(tmpdir(), "concordat-contract-"));
  await chmod(path, ENTERED_BY_ALL);
  const root = join(path, "root");
  const temporary = join(path, "tmp");
  const launcherPath = join(path, "launcher", "launcher.ts");
  for (const folder of [root, temporary, dirname(launcherPath)]) {
    await mkdir(folder);
    await chmod(folder, 0o755);
  }
  await cp(runtime.launcherPath, launcherPath);
  await cp(runtime.launcherManifestPath, join(dirname(launcherPath), "package.json"));
  for (const exposure of job.exposures) {
    const target = join(root, exposure.path);
    await cp(exposure.hostPath, target, { recursive: true, verbatimSymlinks: true });
    if (exposure.isWritable === true && userId !== undefined) await chown(target, userId, userId);
  }
  if (userId !== undefined) {
    await chown(temporary, userId, userId);
    await chown(job.socketPath, userId, userId);
  }
  const { environment, commands, socketPath } = job;
  const workingFolder = join(root, job.workingFolder);
  return { path, launcherPath, specification: { root, temporary, workingFolder, socketPath, environment, commands } };
}

/** Writable exposures go back to where they came from, then the folder is taken away. */
export async function removePlainFolder(folder: PlainFolder, job: SandboxJob): Promise<void> {
  for (const exposure of job.exposures.filter(({ isWritable }) => isWritable === true)) {
    const source = join(folder.specification.root, exposure.path);
    await cp(source, exposure.hostPath, { recursive: true, verbatimSymlinks: true, force: true });
  }
  await rm(folder.path, { recursive: true, force: true });
}

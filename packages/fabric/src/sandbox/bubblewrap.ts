import { accessSync, chownSync, constants } from "node:fs";
import { delimiter, join, posix } from "node:path";
import type { HostRuntime } from "./host-runtime.ts";
import { limitArgs } from "./limits.ts";
import type { Exposure, LaunchSpecification, PreparedJob, Sandbox, SandboxJob } from "./ports.ts";
import type { UserIds } from "./user-ids.ts";

export interface BubblewrapOptions {
  readonly bwrapPath: string;
  readonly runtime: HostRuntime;
  /** Whether the server is the root user: contracts then get a user of their own. */
  readonly isRoot: boolean;
  /** Covered even where a system folder would show them. */
  readonly hiddenPaths: readonly string[];
}

/** Where exposures are. */
const ROOT = "/contract";
const RUNTIME_FOLDER = "/runtime";
const NODE = `${RUNTIME_FOLDER}/bin/node`;
const LAUNCHER = `${RUNTIME_FOLDER}/launcher/launcher.ts`;
const SOCKET = `${RUNTIME_FOLDER}/peer.socket`;
const SYSTEM_PATH = "/usr/bin:/bin";
const FORBID_NAMESPACES =
  'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all --inh-caps=-all --bounding-set=-all -- "$@"';

export function findBubblewrap(searchPath: string = process.env["PATH"] ?? ""): string | undefined {
  return [...searchPath.split(delimiter), "/usr/bin"]
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "bwrap"))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function parentsOf(paths: readonly string[]): string[] {
  const parents = new Set<string>();
  for (const path of paths) {
    for (let parent = posix.dirname(path); parent !== "/"; parent = posix.dirname(parent)) parents.add(parent);
  }
  return [...parents].sort((a, b) => a.length - b.length);
}

function exposureArgs(exposures: readonly Exposure[]): string[] {
  return exposures.flatMap(({ hostPath, path, isWritable }) => [
    isWritable === true ? "--bind" : "--ro-bind",
    hostPath,
    path,
  ]);
}

function systemArgs(runtime: HostRuntime): string[] {
  return runtime.systemPaths.flatMap((system) =>
    "linkTarget" in system ? ["--symlink", system.linkTarget, system.path] : ["--ro-bind", system.path, system.path],
  );
}

/** Folders that bubblewrap would make by itself are not readable by other users: they are made here, before anything is put into them. */
function folderArgs(paths: readonly string[]): string[] {
  return parentsOf(paths).flatMap((folder) => ["--perms", "0755", "--dir", folder]);
}

function temporaryArgs(bytes: number): string[] {
  return ["/tmp", "/dev/shm"].flatMap((path) => ["--perms", "1777", "--size", String(bytes), "--tmpfs", path]);
}

/** A folder that the bound system folders contain: an empty one lies over it. */
function coverArgs(hiddenPaths: readonly string[], runtime: HostRuntime): string[] {
  return hiddenPaths
    .filter((hidden) => runtime.systemPaths.some(({ path }) => hidden.startsWith(`${path}/`)))
    .flatMap((hidden) => ["--perms", "0000", "--tmpfs", hidden, "--remount-ro", hidden]);
}

/**
 * Namespaces for processes, network, IPC, host name, control groups and users; a file system of its own with the programs of the
 * system, Node and the exposures in it, read-only; nothing else of the host.
 *
 * As root, bubblewrap makes no user namespace itself (its one would map to the host's root, whose files and limits are special): the
 * process becomes another user first, then makes its own user namespace, forbids further ones and gives up every capability. Otherwise the kernel
 * needs the user namespace for all the others, and bubblewrap forbids further ones.
 */
export function bubblewrapArgs(options: BubblewrapOptions, job: SandboxJob, userId: number): string[] {
  const { runtime, isRoot } = options;
  const fixed: Exposure[] = [
    { hostPath: runtime.nodePath, path: NODE },
    { hostPath: runtime.launcherPath, path: LAUNCHER },
    { hostPath: runtime.launcherManifestPath, path: `${RUNTIME_FOLDER}/launcher/package.json` },
    { hostPath: job.socketPath, path: SOCKET },
  ];
  const exposures = [...fixed, ...job.exposures.map((exposure) => ({ ...exposure, path: `${ROOT}/${exposure.path}` }))];
  const shown = [
    ...exposures.map(({ path }) => path),
    ...runtime.systemPaths.map(({ path }) => path),
    "/etc/ld.so.cache",
  ];
  const user = isRoot
    ? ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    : ["--unshare-user", "--disable-userns", "--uid", String(userId), "--gid", String(userId)];
  const { environment, commands } = job;
  const workingFolder = `${ROOT}/${job.workingFolder}`;
  const specification: LaunchSpecification = {
    root: ROOT,
    socketPath: SOCKET,
    temporary: "/tmp",
    workingFolder,
    environment,
    commands,
  };
  return [
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--clearenv", "--hostname", "contract", ...user],
    ...folderArgs(shown),
    ...systemArgs(runtime),
    ...["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"],
    ...coverArgs(options.hiddenPaths, runtime),
    ...exposureArgs(exposures),
    ...["--proc", "/proc", ...(isRoot ? ["--bind", "/proc/sys/user", "/proc/sys/user"] : []), "--dev", "/dev"],
    ...temporaryArgs(job.limits.temporaryBytes),
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--setenv", "PATH", SYSTEM_PATH, "--chdir", workingFolder, "--"],
    ...(isRoot ? becomeUserArgs(userId) : []),
    ...limitArgs(job.limits),
    ...[NODE, LAUNCHER, JSON.stringify(specification)],
  ];
}

function becomeUserArgs(userId: number): string[] {
  const id = String(userId);
  return [
    ...["setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--"],
    ...["unshare", "--user", "--map-current-user", "--keep-caps", "--", "sh", "-c", FORBID_NAMESPACES, "sh"],
  ];
}

export function createBubblewrap(options: BubblewrapOptions, dependencies: { readonly userIds: UserIds }): Sandbox {
  return {
    kind: "bubblewrap",
    weaknesses: [],
    needsOpenSocketFolder: false,
    async prepare(job): Promise<PreparedJob> {
      const userId = dependencies.userIds.take(job.owner);
      if (options.isRoot) {
        chownSync(job.socketPath, userId, userId);
        for (const { hostPath } of job.exposures.filter(({ isWritable }) => isWritable === true)) {
          chownSync(hostPath, userId, userId);
        }
      }
      return {
        command: {
          file: options.bwrapPath,
          args: bubblewrapArgs(options, job, userId),
          // The first process inside keeps what bubblewrap was started with where other processes may read it.
          environment: { PATH: SYSTEM_PATH },
          workingFolder: "/",
        },
        async cleanUp() {
          dependencies.userIds.giveBack(job.owner);
        },
      };
    },
  };
}

import { spawnSync } from "node:child_process";
import type { HostRuntime } from "./host-runtime.ts";
import { limitArgs } from "./limits.ts";
import { createPlainFolder, removePlainFolder } from "./plain-folder.ts";
import type { PreparedJob, Sandbox } from "./ports.ts";
import type { UserIds } from "./user-ids.ts";

export interface SeparateUserOptions {
  readonly runtime: HostRuntime;
  /** Whether namespaces for network, processes, IPC and host name can be made (`unshare`). */
  readonly hasNamespaces: boolean;
}

const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
const weaknesses = [
  "files that every user may read are readable",
  "the space of temporary files is not limited as a whole",
];
const weaknessesWithoutNamespaces = ["the network is not cut off", "other processes are visible"];

function namespaceArgs(userId: number): string[] {
  const id = String(userId);
  return [
    ...["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--"],
    ...["sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
    ...["setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--no-new-privs"],
    ...["--inh-caps=-all", "--bounding-set=-all", "--"],
  ];
}

/** What still runs as this user: a process may have left the group that was killed. */
function killUser(userId: number): void {
  spawnSync("/bin/sh", ["-c", "kill -9 -1"], { uid: userId, gid: userId, env: {}, stdio: "ignore" });
}

/**
 * Another user for each process, for a server that is root on a host without bubblewrap. Weaker: it keeps keys and data away by the
 * file system's own permissions (they are checked before this kind is chosen) and sees what any user of the host sees.
 */
export function createSeparateUser(options: SeparateUserOptions, dependencies: { readonly userIds: UserIds }): Sandbox {
  const { runtime, hasNamespaces } = options;
  return {
    kind: "separate-user",
    weaknesses: hasNamespaces ? weaknesses : [...weaknesses, ...weaknessesWithoutNamespaces],
    needsOpenSocketFolder: true,
    async prepare(job): Promise<PreparedJob> {
      const userId = dependencies.userIds.take(job.owner);
      const folder = await createPlainFolder(job, runtime, userId);
      const launch = [runtime.nodePath, folder.launcherPath, JSON.stringify(folder.specification)];
      const [file = "", ...args] = [
        ...(hasNamespaces ? namespaceArgs(userId) : ["setpriv", "--no-new-privs", "--"]),
        ...limitArgs(job.limits),
        ...launch,
      ];
      return {
        command: {
          file,
          args,
          environment: { PATH: SYSTEM_PATH },
          workingFolder: folder.specification.workingFolder,
          ...(hasNamespaces ? {} : { userId }),
        },
        async cleanUp() {
          if (!hasNamespaces) killUser(userId);
          await removePlainFolder(folder, job);
          dependencies.userIds.giveBack(job.owner);
        },
      };
    },
  };
}

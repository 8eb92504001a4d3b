import type { HostRuntime } from "./host-runtime.ts";
import { createPlainFolder, removePlainFolder } from "./plain-folder.ts";
import type { PreparedJob, Sandbox } from "./ports.ts";

/** No sandbox: the contract may do what the server may. Chosen only when the operator said so in so many words. */
export function createUnconfined(options: { readonly runtime: HostRuntime }): Sandbox {
  return {
    kind: "none",
    weaknesses: ["contracts may do whatever the server may"],
    needsOpenSocketFolder: false,
    async prepare(job): Promise<PreparedJob> {
      const folder = await createPlainFolder(job, options.runtime, undefined);
      return {
        command: {
          file: options.runtime.nodePath,
          args: [folder.launcherPath, JSON.stringify(folder.specification)],
          environment: { PATH: "/usr/bin:/bin" },
          workingFolder: folder.specification.workingFolder,
        },
        cleanUp: () => removePlainFolder(folder, job),
      };
    },
  };
}

import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@concordat/base";
import type { HostRuntime } from "../sandbox/host-runtime.ts";
import { buildLimits, heapMebibytes } from "../sandbox/limits.ts";
import type { Sandbox, SandboxJob } from "../sandbox/ports.ts";
import type { Spawner } from "../sandbox/spawner.ts";
import type { OutputSink } from "../supervisor/contract-log.ts";
import { buildFailure } from "./build-failure.ts";
import { listenRegistryProxy } from "./registry-proxy.ts";

export interface InstallRequest {
  readonly owner: string;
  /** Host path of the folder with the package.json. */
  readonly folder: string;
  readonly registry: string;
  readonly socketPath: string;
  readonly output: OutputSink;
}

export interface InstallDependencies {
  readonly sandbox: Sandbox;
  readonly spawner: Spawner;
  readonly runtime: HostRuntime;
  readonly clock: Clock;
}

const INSTALL_TIMEOUT_MS = 10 * 60_000;

async function installJob(
  request: InstallRequest,
  { npmFolder, authoritiesFile }: { readonly npmFolder: string; readonly authoritiesFile: string | undefined },
): Promise<SandboxJob> {
  const hasLock = await Promise.any(
    ["package-lock.json", "npm-shrinkwrap.json"].map((name) => access(join(request.folder, name))),
  ).then(
    () => true,
    () => false,
  );
  const flags = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"];
  return {
    owner: request.owner,
    exposures: [
      { hostPath: request.folder, path: "code", isWritable: true },
      { hostPath: npmFolder, path: "npm" },
      ...(authoritiesFile === undefined ? [] : [{ hostPath: authoritiesFile, path: "authorities.crt" }]),
    ],
    socketPath: request.socketPath,
    workingFolder: "code",
    environment: {
      PATH: "{{bin}}:/usr/bin:/bin",
      HOME: "{{temporary}}",
      TMPDIR: "{{temporary}}",
      NODE_OPTIONS: `--max-old-space-size=${heapMebibytes(buildLimits)}`,
      npm_config_registry: request.registry,
      npm_config_proxy: "http://{{address}}",
      npm_config_https_proxy: "http://{{address}}",
      npm_config_cache: "{{temporary}}/npm-cache",
      ...(authoritiesFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: "{{root}}/authorities.crt" }),
      // A registry that does not answer is to be heard of in the log, not waited for.
      npm_config_fetch_retries: "1",
      npm_config_fetch_timeout: "60000",
    },
    commands: [{ file: "{{bin}}/node", args: ["{{root}}/npm/bin/npm-cli.js", hasLock ? "ci" : "install", ...flags] }],
    limits: buildLimits,
  };
}

/**
 * Fetches what a package names and does not bring, inside a sandbox whose only way out is the operator's registry. No script of any dependency
 * runs.
 * @throws FabricError CONTRACT_NOT_RUNNING
 */
export async function installDependencies(request: InstallRequest, dependencies: InstallDependencies): Promise<void> {
  const { sandbox, spawner, runtime, clock } = dependencies;
  const { npmFolder, authoritiesFile } = runtime;
  if (npmFolder === undefined) throw buildFailure("npm is not installed on this machine");
  const proxy = await listenRegistryProxy({ socketPath: request.socketPath, registry: request.registry });
  try {
    const prepared = await sandbox.prepare(await installJob(request, { npmFolder, authoritiesFile }));
    const child = spawner.spawn(prepared.command, (stream, chunk) => request.output.chunk(stream, chunk));
    const cancel = clock.after(INSTALL_TIMEOUT_MS, () => child.kill());
    try {
      const { code, signal } = await child.ended;
      if (code !== 0) throw buildFailure(`npm ended with ${code ?? signal}; its output is in the contract's log`);
    } finally {
      cancel();
      await prepared.cleanUp();
    }
  } finally {
    await proxy.close();
  }
}

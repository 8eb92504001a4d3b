import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "@concordat/base";
import { FabricError } from "../errors.ts";
import { createBubblewrap, findBubblewrap } from "./bubblewrap.ts";
import { isClosedToOthers } from "./closed-folders.ts";
import type { HostRuntime } from "./host-runtime.ts";
import { contractLimits } from "./limits.ts";
import type { Sandbox, SandboxJob } from "./ports.ts";
import { createSeparateUser } from "./separate-user.ts";
import type { Spawner } from "./spawner.ts";
import { createUnconfined } from "./unconfined.ts";
import { UserIds } from "./user-ids.ts";

export interface SandboxOptions {
  readonly hiddenPaths: readonly string[];
  readonly unsafeContracts: boolean;
  readonly runtime: HostRuntime;
}

export interface SandboxDependencies {
  readonly spawner: Spawner;
  readonly clock: Clock;
}

const PROBE_TIMEOUT_MS = 30_000;
const REASON_LENGTH_MAX = 300;

/** Runs a harmless process. Answers undefined when it ran, else why not. */
export async function probeSandbox(sandbox: Sandbox, dependencies: SandboxDependencies): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "concordat-probe-"));
  try {
    const socketPath = join(folder, "socket");
    await writeFile(socketPath, "");
    const job: SandboxJob = {
      owner: "probe",
      exposures: [{ hostPath: socketPath, path: "probe/file" }],
      socketPath,
      workingFolder: "probe",
      environment: { PATH: "{{bin}}:/usr/bin:/bin" },
      commands: [{ file: "sh", args: ["-c", "exec node -e 'process.exit(0)'"] }],
      limits: contractLimits,
    };
    return await runProbe(sandbox, job, dependencies);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runProbe(
  sandbox: Sandbox,
  job: SandboxJob,
  dependencies: SandboxDependencies,
): Promise<string | undefined> {
  const prepared = await sandbox.prepare(job);
  let output = "";
  const child = dependencies.spawner.spawn(prepared.command, (_stream, chunk) => {
    if (output.length < REASON_LENGTH_MAX) output += Buffer.from(chunk).toString("utf8");
  });
  const cancel = dependencies.clock.after(PROBE_TIMEOUT_MS, () => child.kill());
  try {
    const { code, signal } = await child.ended;
    if (code === 0) return undefined;
    return `a harmless process ended with ${code ?? signal}: ${output.trim().slice(0, REASON_LENGTH_MAX)}`;
  } finally {
    cancel();
    await prepared.cleanUp();
  }
}

async function candidates(options: SandboxOptions, refusals: string[]): Promise<Sandbox[]> {
  const { runtime, hiddenPaths } = options;
  const userIds = new UserIds();
  const isRoot = process.getuid?.() === 0;
  const found: Sandbox[] = [];
  const bwrapPath = findBubblewrap();
  if (process.platform !== "linux" || bwrapPath === undefined) refusals.push("bubblewrap: not installed");
  else found.push(createBubblewrap({ bwrapPath, runtime, isRoot, hiddenPaths }, { userIds }));
  const closed = await Promise.all(hiddenPaths.map(isClosedToOthers));
  if (!isRoot) refusals.push("separate user: the server is not root");
  else if (closed.includes(false)) refusals.push("separate user: other users may read the data folder");
  else
    for (const hasNamespaces of [true, false]) found.push(createSeparateUser({ runtime, hasNamespaces }, { userIds }));
  return found;
}

/**
 * The strongest kind of sandbox that works here, found by trying.
 * @throws FabricError SANDBOX_UNAVAILABLE when none does and the operator has not allowed contracts to run without one
 */
export async function chooseSandbox(options: SandboxOptions, dependencies: SandboxDependencies): Promise<Sandbox> {
  const refusals: string[] = [];
  for (const sandbox of await candidates(options, refusals)) {
    const refusal = await probeSandbox(sandbox, dependencies);
    if (refusal === undefined) return sandbox;
    refusals.push(`${sandbox.kind}: ${refusal}`);
  }
  if (options.unsafeContracts) return createUnconfined({ runtime: options.runtime });
  throw new FabricError("SANDBOX_UNAVAILABLE", "This machine cannot keep contracts apart from the server.", {
    remedy:
      "Install bubblewrap and allow it to make namespaces, or run the server with --unsafe-contracts if you trust every contract with all keys and data.",
    facts: { reasons: refusals },
  });
}

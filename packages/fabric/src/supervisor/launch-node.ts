import { rm } from "node:fs/promises";
import type { Clock } from "@concordat/base";
import type { NodeBuild } from "../builds/build-node.ts";
import type { ContractConnection, ContractStreams } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import { contractLimits, heapMebibytes } from "../sandbox/limits.ts";
import type { PreparedJob, Sandbox, SandboxJob } from "../sandbox/ports.ts";
import type { ProcessEnd, SpawnedProcess, Spawner } from "../sandbox/spawner.ts";
import type { ContractLog } from "./contract-log.ts";
import type { RunningContract } from "./ports.ts";

export interface NodeLaunchOptions {
  readonly mspId: string;
  readonly packageId: string;
  readonly build: NodeBuild;
  readonly socketPath: string;
}

export interface NodeLaunchDependencies {
  readonly clock: Clock;
  readonly streams: ContractStreams;
  readonly sandbox: Sandbox;
  readonly spawner: Spawner;
  readonly log: ContractLog;
}

/** From the start of the process to its registration. */
const REGISTRATION_TIMEOUT_MS = 60_000;
/** A process whose stream has ended is about to end: its own exit says more. */
const EXIT_AFTER_STREAM_MS = 500;
/** From the wish that it ends to the kill. */
const GRACE_MS = 5_000;

export function nodeJob(options: NodeLaunchOptions): SandboxJob {
  const { mspId, packageId, build, socketPath } = options;
  const folder = build.workingFolder === "." ? "code" : `code/${build.workingFolder}`;
  return {
    owner: `${mspId} ${packageId}`,
    exposures: [
      { hostPath: build.codeFolder, path: "code" },
      { hostPath: build.modulesFolder, path: "node_modules" },
    ],
    socketPath,
    workingFolder: folder,
    environment: {
      PATH: `{{root}}/${folder}/node_modules/.bin:{{root}}/node_modules/.bin:{{bin}}:/usr/bin:/bin`,
      HOME: "{{temporary}}",
      TMPDIR: "{{temporary}}",
      LANG: "C.UTF-8",
      NODE_ENV: "production",
      NODE_OPTIONS: `--max-old-space-size=${heapMebibytes(contractLimits)}`,
      CORE_CHAINCODE_ID_NAME: packageId,
      CORE_PEER_LOCALMSPID: mspId,
      CORE_PEER_TLS_ENABLED: "false",
      // At the shim's own default it prints several lines for every call, which takes two fifths of its speed.
      CORE_CHAINCODE_LOGGING_LEVEL: "warning",
    },
    commands: build.commands,
    limits: contractLimits,
  };
}

function endText({ code, signal }: ProcessEnd): string {
  return code === null ? `The process was ended by ${signal}.` : `The process ended with exit code ${code}.`;
}

function notRegistered(reason: string): FabricError {
  return new FabricError("CONTRACT_NOT_RUNNING", `The contract did not start: ${reason}`, { facts: { reason } });
}

/** Starts a built contract in a sandbox and waits until it has registered. @throws FabricError CONTRACT_NOT_RUNNING, SANDBOX_UNAVAILABLE */
export async function launchNode(
  options: NodeLaunchOptions,
  dependencies: NodeLaunchDependencies,
  signal: AbortSignal,
): Promise<RunningContract> {
  const { clock, streams, sandbox, spawner, log } = dependencies;
  const { packageId, socketPath } = options;
  const listener = await streams.listen({ socketPath, packageId });
  const closeListener = async () => {
    await listener.close();
    await rm(socketPath, { force: true });
  };
  let prepared: PreparedJob | undefined;
  let child: SpawnedProcess | undefined;
  try {
    prepared = await sandbox.prepare(nodeJob(options));
    if (signal.aborted) throw notRegistered("It was stopped.");
    child = spawner.spawn(prepared.command, (stream, chunk) => log.chunk(stream, chunk));
    const connection = await registration(child, listener.connection, clock, signal);
    return superviseChild({ child, connection, prepared, closeListener }, dependencies);
  } catch (error) {
    child?.kill();
    await child?.ended.catch(() => undefined);
    log.endOfProcess();
    await closeListener();
    await prepared?.cleanUp();
    throw error;
  }
}

/** The first of: registration, end of the process, timeout, abortion. */
async function registration(
  child: SpawnedProcess,
  connection: Promise<ContractConnection>,
  clock: Clock,
  signal: AbortSignal,
): Promise<ContractConnection> {
  const refused = Promise.withResolvers<never>();
  const stop = () => refused.reject(notRegistered("It was stopped."));
  const cancel = clock.after(REGISTRATION_TIMEOUT_MS, () =>
    refused.reject(notRegistered(`It did not register within ${REGISTRATION_TIMEOUT_MS / 1_000} s.`)),
  );
  signal.addEventListener("abort", stop);
  child.ended.then(
    (end) => refused.reject(notRegistered(endText(end))),
    (error: unknown) => refused.reject(notRegistered(`It cannot be started: ${String(error)}.`)),
  );
  refused.promise.catch(() => undefined);
  try {
    return await Promise.race([connection, refused.promise]);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

interface Supervised {
  readonly child: SpawnedProcess;
  readonly connection: ContractConnection;
  readonly prepared: PreparedJob;
  readonly closeListener: () => Promise<void>;
}

function superviseChild(parts: Supervised, dependencies: NodeLaunchDependencies): RunningContract {
  const { child, connection, prepared, closeListener } = parts;
  const { clock, log } = dependencies;
  const late = Promise.withResolvers<string>();
  const whole = (async () => {
    const streamEnd = connection.closed.then((reason) => `Its stream ended: ${reason}.`);
    const processEnd = child.ended.then(endText);
    const streamReason = await Promise.race([processEnd.then(() => undefined), streamEnd]);
    const cancel = clock.after(EXIT_AFTER_STREAM_MS, () => late.resolve(streamReason ?? ""));
    const reason = await Promise.race([processEnd, late.promise]);
    cancel();
    // Without its stream it is of no use; and nothing of its group outlives it.
    child.kill();
    connection.close();
    await child.ended.catch(() => undefined);
    log.endOfProcess();
    await closeListener();
    await prepared.cleanUp();
    return reason;
  })().catch((error: unknown) => `Its end could not be tidied up: ${String(error)}.`);
  return {
    connection,
    processId: child.processId,
    ended: whole,
    async stop() {
      child.askToEnd();
      const cancel = clock.after(GRACE_MS, () => child.kill());
      await whole;
      cancel();
    },
    kill: () => child.kill(),
  };
}

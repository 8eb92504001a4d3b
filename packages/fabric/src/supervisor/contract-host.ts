import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Clock, type FileSystem, isConcordatError, type Logger, type RandomSource } from "@concordat/base";
import { BuildFailure, buildFailure } from "../builds/build-failure.ts";
import { NodeBuilds } from "../builds/build-node.ts";
import { readServiceAddress } from "../builds/connection-file.ts";
import type { ContractConnection, ContractHost, ContractStreams } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import { packageUnknown } from "../packages/package-errors.ts";
import { PackageStore } from "../packages/package-store.ts";
import type { ContractLogLine, ContractRuntime, ContractStatus, FabricOptions, InstalledContract } from "../ports.ts";
import { chooseSandbox } from "../sandbox/choose.ts";
import { findHostRuntime } from "../sandbox/host-runtime.ts";
import type { Sandbox } from "../sandbox/ports.ts";
import { type Spawner, systemSpawner } from "../sandbox/spawner.ts";
import { processBackOff, serviceBackOff } from "./back-off.ts";
import { ContractLog } from "./contract-log.ts";
import { ContractProcess } from "./contract-process.ts";
import { launchNode } from "./launch-node.ts";
import { launchService } from "./launch-service.ts";
import type { LaunchProgress, RunningContract } from "./ports.ts";
import { SocketFolder } from "./socket-folder.ts";

export interface ContractHostDependencies {
  readonly streams: ContractStreams;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly fileSystem: FileSystem;
  readonly log: Logger;
  /** Folders that no contract may see. */
  readonly hiddenPaths: readonly string[];
  /** The operating system's when left out. */
  readonly spawner?: Spawner;
  /** Found by trying when left out. */
  readonly sandbox?: () => Promise<Sandbox>;
}

const LOG_LINES_MAX = 10_000;
const LAST_WORDS = 5;
const LAST_WORDS_LENGTH_MAX = 1_000;

interface Entry {
  readonly process: ContractProcess;
  readonly log: ContractLog;
}

/** Errors that come again however often a launch is tried. */
function isFinal(error: unknown): boolean {
  return error instanceof BuildFailure || (isConcordatError(error) && error.code !== "CONTRACT_NOT_RUNNING");
}

/** Refusals of a start that say more than a state can. */
function isRefusedStart(error: unknown): boolean {
  return isConcordatError(error, "SANDBOX_UNAVAILABLE") || isConcordatError(error, "CONTRACT_ADDRESS_REFUSED");
}

export function createContractHost(options: FabricOptions, dependencies: ContractHostDependencies): ContractHost {
  return new Host(options, dependencies);
}

/** Packages of nodes, and one process for each organization and package that is called. */
class Host implements ContractHost {
  readonly #options: FabricOptions;
  readonly #dependencies: ContractHostDependencies;
  readonly #spawner: Spawner;
  readonly #store: PackageStore;
  readonly #sockets: SocketFolder;
  readonly #builds: NodeBuilds;
  readonly #entries = new Map<string, Entry>();
  readonly #runtime = findHostRuntime();
  #sandboxChoice: Promise<Sandbox> | undefined;
  #isClosed = false;

  constructor(options: FabricOptions, dependencies: ContractHostDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#spawner = dependencies.spawner ?? systemSpawner;
    this.#store = new PackageStore({ directory: options.directory }, dependencies);
    this.#sockets = new SocketFolder({ directory: join(options.directory, "s") }, dependencies);
    this.#builds = new NodeBuilds(
      { directory: join(options.directory, "builds"), registry: options.contractRegistry },
      {
        random: dependencies.random,
        socketPath: async () => this.#socketPath(await this.#sandbox()),
        installing: async () => ({
          sandbox: await this.#sandbox(),
          spawner: this.#spawner,
          runtime: this.#runtime,
          clock: dependencies.clock,
        }),
      },
    );
  }

  install(nodeId: string, packageBytes: Uint8Array): Promise<InstalledContract> {
    return this.#store.install(nodeId, packageBytes);
  }

  installed(nodeId: string): Promise<readonly InstalledContract[]> {
    return this.#store.installed(nodeId);
  }

  packageBytes(nodeId: string, packageId: string): Promise<Uint8Array> {
    return this.#store.bytesOnNode(nodeId, packageId);
  }

  runtimeOf(packageId: string): Promise<ContractRuntime | undefined> {
    return this.#store.runtimeOf(packageId);
  }

  async connection(mspId: string, packageId: string): Promise<ContractConnection> {
    return (await this.#entry(mspId, packageId)).process.connection();
  }

  async start(mspId: string, packageId: string): Promise<ContractStatus> {
    const { process } = await this.#entry(mspId, packageId);
    const status = await process.start();
    if (status.state === "failed" && isRefusedStart(process.fault)) throw process.fault;
    return status;
  }

  async stop(mspId: string, packageId: string): Promise<ContractStatus> {
    return (await this.#entry(mspId, packageId)).process.stop();
  }

  reset(mspId: string, packageId: string, reason: string): void {
    this.#entries.get(keyOf(mspId, packageId))?.process.reset(reason);
  }

  statuses(): readonly ContractStatus[] {
    return [...this.#entries.values()].map(({ process }) => process.status());
  }

  async logs(mspId: string, packageId: string, lines: number): Promise<readonly ContractLogLine[]> {
    const count = Math.min(LOG_LINES_MAX, Math.max(0, Math.floor(lines)));
    const entry = this.#entries.get(keyOf(mspId, packageId));
    if (entry !== undefined) return entry.log.read(count);
    if ((await this.#store.runtimeOf(packageId)) === undefined) throw packageUnknown(packageId);
    return this.#newLog(mspId, packageId).read(count);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const entries = [...this.#entries.values()];
    await Promise.all(entries.map(({ process }) => process.stop()));
    await Promise.all(entries.map(({ log }) => log.close()));
    await this.#sockets.close();
  }

  async #entry(mspId: string, packageId: string): Promise<Entry> {
    const runtime = await this.#store.runtimeOf(packageId);
    if (runtime === undefined) throw packageUnknown(packageId);
    if (this.#isClosed) throw hostClosed(packageId);
    const key = keyOf(mspId, packageId);
    const present = this.#entries.get(key);
    if (present !== undefined) return present;
    const log = this.#newLog(mspId, packageId);
    const process = new ContractProcess(
      { mspId, packageId, backOff: runtime === "ccaas" ? serviceBackOff : processBackOff },
      {
        clock: this.#dependencies.clock,
        launch: (progress, signal) => this.#launch({ mspId, packageId, log }, progress, signal),
        isFinal,
        lastWords: () => log.latestErrors(LAST_WORDS).join(" | ").slice(0, LAST_WORDS_LENGTH_MAX),
        onChange: (status) => this.#report(status, log),
      },
    );
    const entry = { process, log };
    this.#entries.set(key, entry);
    return entry;
  }

  async #launch(
    contract: { readonly mspId: string; readonly packageId: string; readonly log: ContractLog },
    progress: LaunchProgress,
    signal: AbortSignal,
  ): Promise<RunningContract> {
    const { mspId, packageId, log } = contract;
    const { streams, clock } = this.#dependencies;
    const content = await this.#store.package(packageId);
    if (content.runtime === "ccaas") {
      const service = await readServiceAddress(content.code, this.#options.allowedContractAddresses);
      progress.starting(null);
      return launchService({ packageId, service }, { streams });
    }
    if (content.runtime !== "node") {
      throw buildFailure(`packages of type ${content.runtime} can be kept, but not be run by this version`);
    }
    const sandbox = await this.#sandbox();
    const build = await this.#builds.build(content, log);
    progress.starting(sandbox.kind);
    const socketPath = await this.#socketPath(sandbox);
    return launchNode(
      { mspId, packageId, build, socketPath },
      { clock, streams, sandbox, spawner: this.#spawner, log },
      signal,
    );
  }

  /** Chosen once; a refusal is not kept, since the operator may mend the machine. */
  #sandbox(): Promise<Sandbox> {
    this.#sandboxChoice ??= this.#chooseSandbox().catch((error: unknown) => {
      this.#sandboxChoice = undefined;
      throw error;
    });
    return this.#sandboxChoice;
  }

  async #chooseSandbox(): Promise<Sandbox> {
    const { sandbox: given, clock, hiddenPaths, log } = this.#dependencies;
    if (given !== undefined) return given();
    const { unsafeContracts, directory } = this.#options;
    const sandbox = await chooseSandbox(
      { unsafeContracts, runtime: this.#runtime, hiddenPaths: [...hiddenPaths, directory] },
      { spawner: this.#spawner, clock },
    );
    const fields = { kind: sandbox.kind, weaknesses: sandbox.weaknesses.join("; ") };
    if (sandbox.weaknesses.length === 0) log.info("contracts run in a sandbox", { kind: sandbox.kind });
    else log.warn("contracts are not fully kept apart", fields);
    return sandbox;
  }

  #socketPath(sandbox: Sandbox): Promise<string> {
    return this.#sockets.newPath(sandbox.needsOpenSocketFolder);
  }

  #newLog(mspId: string, packageId: string): ContractLog {
    const name = createHash("sha256").update(keyOf(mspId, packageId)).digest("hex").slice(0, 32);
    return new ContractLog({ directory: join(this.#options.directory, "logs", name) }, this.#dependencies);
  }

  #report(status: ContractStatus, log: ContractLog): void {
    const { mspId, packageId, state, reason } = status;
    log.line(reason === null ? `The contract is ${state}.` : `The contract is ${state}: ${reason}`);
    const fields = { mspId, packageId, state, ...(reason === null ? {} : { reason }) };
    if (state === "failed") this.#dependencies.log.warn("contract failed", fields);
    else this.#dependencies.log.info("contract changed its state", fields);
  }
}

function keyOf(mspId: string, packageId: string): string {
  return JSON.stringify([mspId, packageId]);
}

function hostClosed(packageId: string): FabricError {
  const reason = "the server is stopping";
  return new FabricError("CONTRACT_NOT_RUNNING", `Contract "${packageId}" does not run: ${reason}.`, {
    facts: { reason },
  });
}

import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, type RandomSource } from "@concordat/base";
import type { ContractPackage } from "../packages/package-reader.ts";
import type { LaunchedCommand } from "../sandbox/ports.ts";
import type { OutputSink } from "../supervisor/contract-log.ts";
import { buildFailure } from "./build-failure.ts";
import { missingDependencies } from "./dependencies.ts";
import { type InstallDependencies, installDependencies } from "./install-dependencies.ts";
import { findManifest } from "./manifest.ts";
import { copyShippedModules } from "./shipped-modules.ts";
import { startCommands } from "./start-commands.ts";
import { checkIndexes } from "./statedb-indexes.ts";
import { unpackCode } from "./unpack.ts";

/** Code that can be started. */
export interface NodeBuild {
  /** Host folder that contracts see as `code`. */
  readonly codeFolder: string;
  /** Host folder that contracts see as the `node_modules` above it: the shipped packages. */
  readonly modulesFolder: string;
  /** Relative to the code folder: where package.json is. */
  readonly workingFolder: string;
  readonly commands: readonly LaunchedCommand[];
}

export interface NodeBuildsOptions {
  /** Emptied at the first build: builds are made anew by each run of the server, since nothing here is synced. */
  readonly directory: string;
  readonly registry: string | undefined;
}

export interface NodeBuildsDependencies {
  readonly random: RandomSource;
  /** Everything that an installation of dependencies needs but the request; asked for only then. */
  readonly installing: () => Promise<InstallDependencies>;
  /** A path for a socket that does not exist yet. */
  readonly socketPath: () => Promise<string>;
}

/** Makes packages of type node ready to start, each once for all organizations. A failed build is tried anew when it is asked for again. */
export class NodeBuilds {
  readonly #options: NodeBuildsOptions;
  readonly #dependencies: NodeBuildsDependencies;
  readonly #builds = new Map<string, Promise<NodeBuild>>();
  #modules: Promise<string> | undefined;

  constructor(options: NodeBuildsOptions, dependencies: NodeBuildsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** @throws FabricError CONTRACT_NOT_RUNNING with the reason */
  build(contract: ContractPackage, output: OutputSink): Promise<NodeBuild> {
    const present = this.#builds.get(contract.digest);
    if (present !== undefined) return present;
    const build = this.#build(contract, output);
    this.#builds.set(contract.digest, build);
    build.catch(() => this.#builds.delete(contract.digest));
    return build;
  }

  async #build(contract: ContractPackage, output: OutputSink): Promise<NodeBuild> {
    const modulesFolder = await this.#shippedModules();
    const id = bytesToHex(this.#dependencies.random.bytes(8));
    const unfinished = join(this.#options.directory, `unfinished-${id}`);
    try {
      await unpackCode(contract.code, unfinished);
      const indexes = await checkIndexes(unfinished);
      if (indexes.length > 0) {
        output.line(
          `Index files are not used: selectors are answered from the state's own tables (${indexes.join(", ")}).`,
        );
      }
      const { folder, manifest } = await findManifest(unfinished);
      const missing = await missingDependencies(join(unfinished, folder), manifest.dependencies);
      if (missing.length > 0) await this.#install(contract, join(unfinished, folder), missing, output);
      const commands = await startCommands(join(unfinished, folder), manifest);
      const codeFolder = join(this.#options.directory, contract.digest);
      await rm(codeFolder, { recursive: true, force: true });
      await rename(unfinished, codeFolder);
      return { codeFolder, modulesFolder, workingFolder: folder, commands };
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  async #install(
    contract: ContractPackage,
    folder: string,
    missing: readonly string[],
    output: OutputSink,
  ): Promise<void> {
    const { registry } = this.#options;
    const names = missing.slice(0, 10).join(", ");
    if (registry === undefined) {
      throw buildFailure(
        `it needs ${names}, which the package does not hold in node_modules, and the operator has named no registry`,
      );
    }
    output.line(`Fetching dependencies that the package does not hold: ${names}.`);
    const socketPath = await this.#dependencies.socketPath();
    const owner = `build ${contract.digest}`;
    try {
      const request = { owner, folder, registry, socketPath, output };
      await installDependencies(request, await this.#dependencies.installing());
    } finally {
      await rm(socketPath, { force: true });
    }
    const stillMissing = await missingDependencies(folder, Object.fromEntries(missing.map((name) => [name, "*"])));
    if (stillMissing.length > 0) throw buildFailure(`npm did not install ${stillMissing.join(", ")}`);
  }

  /** Empties the folder and copies the shipped packages, once. A failure is not kept. */
  #shippedModules(): Promise<string> {
    this.#modules ??= this.#prepare().catch((error: unknown) => {
      this.#modules = undefined;
      throw error;
    });
    return this.#modules;
  }

  async #prepare(): Promise<string> {
    const { directory } = this.#options;
    await rm(directory, { recursive: true, force: true });
    const shipped = join(directory, "shipped");
    await mkdir(shipped, { recursive: true });
    await chmod(directory, 0o755);
    await copyShippedModules(shipped);
    return join(shipped, "node_modules");
  }
}

import { createHash } from "node:crypto";
import { posix } from "node:path";
import { bytesToHex, bytesToUtf8, type Clock, type FileSystem, type RandomSource, utf8ToBytes } from "@concordat/base";
import { FabricError } from "../errors.ts";
import type { ContractRuntime, InstalledContract } from "../ports.ts";
import { packageUnknown } from "./package-errors.ts";
import { type ContractPackage, readPackage, sha256Hex } from "./package-reader.ts";

export interface PackageStoreOptions {
  /** Holds `packages/` (content-addressed) and `installed/<node>/` (a record for each package of a node). */
  readonly directory: string;
}

export interface PackageStoreDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly fileSystem: FileSystem;
}

const DIGEST_LENGTH = 64;
const RECORD_ENDING = ".json";
const TEMPORARY_PREFIX = "tmp-";

/** Digest of a well-formed package id. */
function digestOf(packageId: string): string {
  const digest = packageId.slice(-DIGEST_LENGTH);
  const isWellFormed = /^[0-9a-f]{64}$/.test(digest) && packageId.at(-DIGEST_LENGTH - 1) === ":";
  if (!isWellFormed) throw packageUnknown(packageId.slice(0, 300));
  return digest;
}

/** Node ids are anybody's text; a folder's name is not. */
function folderOfNode(nodeId: string): string {
  return createHash("sha256").update(nodeId).digest("hex").slice(0, 32);
}

/**
 * Packages of all nodes of an installation. A package is kept once, under its digest; that a node has it is a record of its own, written
 * after the package. Both are written to a temporary name, synced, renamed, and their folder synced: after a crash at any point
 * the node has the package whole or not at all. Reading back checks the digest.
 */
export class PackageStore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #fileSystem: FileSystem;
  readonly #runtimes = new Map<string, ContractRuntime>();
  #opening: Promise<void> | undefined;

  constructor(options: PackageStoreOptions, dependencies: PackageStoreDependencies) {
    this.#directory = options.directory;
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#fileSystem = dependencies.fileSystem;
  }

  /** The same package again changes nothing, except that a damaged file is mended. @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE */
  async install(nodeId: string, bytes: Uint8Array): Promise<InstalledContract> {
    await this.#open();
    const contract = await readPackage(bytes);
    const file = this.#packageFile(contract.digest);
    if (!(await this.#isWhole(file, contract.digest))) await this.#writeFile(file, contract.bytes);
    const present = (await this.installed(nodeId)).find((other) => other.packageId === contract.packageId);
    if (present !== undefined) return present;
    const { packageId, label, runtime } = contract;
    const record = { packageId, label, runtime, sizeBytes: contract.bytes.length, installedMs: this.#clock.nowMs() };
    const recordFile = posix.join(this.#nodeFolder(nodeId), `${contract.digest}${RECORD_ENDING}`);
    await this.#writeFile(recordFile, utf8ToBytes(JSON.stringify(record)));
    this.#runtimes.set(packageId, runtime);
    return record;
  }

  /** In the order of installation. */
  async installed(nodeId: string): Promise<readonly InstalledContract[]> {
    await this.#open();
    const folder = this.#nodeFolder(nodeId);
    if (!(await this.#fileSystem.exists(folder))) return [];
    const names = (await this.#fileSystem.list(folder)).filter((name) => name.endsWith(RECORD_ENDING));
    const records = await Promise.all(
      names.map(async (name) => parseRecord(await this.#read(posix.join(folder, name)))),
    );
    return records.sort((a, b) => a.installedMs - b.installedMs || (a.packageId < b.packageId ? -1 : 1));
  }

  /** In Fabric's form. @throws FabricError PACKAGE_UNKNOWN when the node has no such package */
  async bytesOnNode(nodeId: string, packageId: string): Promise<Uint8Array> {
    const records = await this.installed(nodeId);
    if (!records.some((record) => record.packageId === packageId)) throw packageUnknown(packageId);
    return this.#verifiedBytes(packageId);
  }

  /** A package that any node has. @throws FabricError PACKAGE_UNKNOWN, PACKAGE_INVALID when the kept file is damaged */
  async package(packageId: string): Promise<ContractPackage> {
    const runtime = await this.runtimeOf(packageId);
    if (runtime === undefined) throw packageUnknown(packageId);
    return readPackage(await this.#verifiedBytes(packageId));
  }

  /** Undefined when no node has the package. */
  async runtimeOf(packageId: string): Promise<ContractRuntime | undefined> {
    await this.#open();
    return this.#runtimes.get(packageId);
  }

  async #isWhole(file: string, digest: string): Promise<boolean> {
    return (await this.#fileSystem.exists(file)) && sha256Hex(await this.#read(file)) === digest;
  }

  async #verifiedBytes(packageId: string): Promise<Uint8Array> {
    const digest = digestOf(packageId);
    const bytes = await this.#read(this.#packageFile(digest));
    if (sha256Hex(bytes) === digest) return bytes;
    throw new FabricError("PACKAGE_INVALID", `The kept file of package "${packageId}" is damaged.`, {
      remedy: "Install the package again.",
      facts: { packageId },
    });
  }

  /** What a crash left is taken away, and what is installed is read once. A failure is not kept. */
  #open(): Promise<void> {
    this.#opening ??= this.#readAll().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #readAll(): Promise<void> {
    const installed = posix.join(this.#directory, "installed");
    const packages = posix.join(this.#directory, "packages");
    await this.#fileSystem.makeDirectory(installed);
    await this.#fileSystem.makeDirectory(packages);
    await this.#fileSystem.syncDirectory(this.#directory, "contract-folders");
    const digests = new Set<string>();
    for (const node of await this.#fileSystem.list(installed)) {
      const folder = posix.join(installed, node);
      for (const name of await this.#fileSystem.list(folder)) {
        const path = posix.join(folder, name);
        if (name.startsWith(TEMPORARY_PREFIX)) {
          await this.#fileSystem.remove(path);
          continue;
        }
        const record = parseRecord(await this.#read(path));
        this.#runtimes.set(record.packageId, record.runtime);
        digests.add(digestOf(record.packageId));
      }
    }
    for (const name of await this.#fileSystem.list(packages)) {
      if (!digests.has(name)) await this.#fileSystem.remove(posix.join(packages, name));
    }
  }

  async #writeFile(path: string, bytes: Uint8Array): Promise<void> {
    const folder = posix.dirname(path);
    if (!(await this.#fileSystem.exists(folder))) {
      await this.#fileSystem.makeDirectory(folder);
      await this.#fileSystem.syncDirectory(posix.dirname(folder), "contract-folder-entry");
    }
    const temporary = posix.join(folder, `${TEMPORARY_PREFIX}${bytesToHex(this.#random.bytes(8))}`);
    try {
      const handle = await this.#fileSystem.open(temporary, { create: true });
      try {
        await handle.write(bytes, 0);
        await handle.sync("contract-file");
      } finally {
        await handle.close();
      }
      await this.#fileSystem.rename(temporary, path);
    } catch (error) {
      await this.#fileSystem.remove(temporary).catch(() => {});
      throw error;
    }
    await this.#fileSystem.syncDirectory(folder, "contract-file-entry");
  }

  async #read(path: string): Promise<Uint8Array> {
    const handle = await this.#fileSystem.open(path, { readOnly: true });
    try {
      const bytes = new Uint8Array(await handle.size());
      const length = await handle.read(bytes, 0);
      return bytes.subarray(0, length);
    } finally {
      await handle.close();
    }
  }

  #packageFile(digest: string): string {
    return posix.join(this.#directory, "packages", digest);
  }

  #nodeFolder(nodeId: string): string {
    return posix.join(this.#directory, "installed", folderOfNode(nodeId));
  }
}

function parseRecord(bytes: Uint8Array): InstalledContract {
  // Written by this class only, whole, and never changed.
  return JSON.parse(bytesToUtf8(bytes)) as InstalledContract;
}

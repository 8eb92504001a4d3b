import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ManualClock,
  nodeFileSystem,
  silentLogger,
  systemClock,
  systemRandom,
  utf8ToBytes,
} from "@concordat/base";
import type { ContractHost, ContractStreams } from "../../contracts/ports.ts";
import { createContractPackage } from "../../packages/create-package.ts";
import type { FabricOptions } from "../../ports.ts";
import { createContractStreams } from "../../shim/contract-streams.ts";
import { type ContractHostDependencies, createContractHost } from "../contract-host.ts";

export interface HostFixture {
  readonly host: ContractHost;
  /** A data folder; the host's own folder is `fabric` in it. */
  readonly dataFolder: string;
  close(): Promise<void>;
}

/** A host on real files. */
export async function openHost(
  options: Partial<FabricOptions> = {},
  dependencies: Partial<ContractHostDependencies> = {},
): Promise<HostFixture> {
  const dataFolder = await mkdtemp(join(tmpdir(), "contract-host-"));
  const clock: ManualClock | typeof systemClock = systemClock;
  const streams: ContractStreams = createContractStreams({}, { clock, log: silentLogger });
  const host = createContractHost(
    { directory: join(dataFolder, "fabric"), allowedContractAddresses: [], unsafeContracts: false, ...options },
    {
      streams,
      clock,
      random: systemRandom,
      fileSystem: nodeFileSystem,
      log: silentLogger,
      hiddenPaths: [dataFolder],
      ...dependencies,
    },
  );
  return {
    host,
    dataFolder,
    async close() {
      await host.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** A package of the files of a Node contract, given as text. */
export function nodePackage(label: string, files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  return createContractPackage({
    label,
    type: "node",
    files: Object.entries(files).map(([path, text]) => ({ path, content: utf8ToBytes(text) })),
  });
}

export const contractManifest = JSON.stringify({
  name: "sample",
  version: "1.0.0",
  main: "index.js",
  scripts: { start: "fabric-chaincode-node start" },
  dependencies: { "fabric-shim": "^2.5.0", "fabric-contract-api": "^2.5.0" },
});

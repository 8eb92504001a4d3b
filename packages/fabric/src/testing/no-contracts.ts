import type { ContractHost } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";

/** A contract host with nothing installed, for networks of built-in contracts. */
export function noContracts(): ContractHost {
  const unknown = (packageId: string) => new FabricError("PACKAGE_UNKNOWN", `Package ${packageId} is not installed.`);
  return {
    install: async () => {
      throw new FabricError("PACKAGE_INVALID", "This network takes no packages.");
    },
    installed: async () => [],
    packageBytes: async (_nodeId, packageId) => {
      throw unknown(packageId);
    },
    runtimeOf: async () => undefined,
    connection: async (_mspId, packageId) => {
      throw unknown(packageId);
    },
    start: async (_mspId, packageId) => {
      throw unknown(packageId);
    },
    stop: async (_mspId, packageId) => {
      throw unknown(packageId);
    },
    reset: () => undefined,
    statuses: () => [],
    logs: async () => [],
    close: async () => undefined,
  };
}

import { dirname } from "node:path";
import type { Fabric } from "@concordat/fabric/client";
import type { Ledger } from "@concordat/ledger/client";
import type { FabricHost } from "@concordat/platform";
import type { ServerDependencies } from "./server.ts";
import { isWildcard } from "./tls.ts";

/** How this server runs networks, their nodes and contracts. */
export interface NetworkOptions {
  /** Address that nodes listen on; the server's own when left out. */
  readonly host?: string;
  /** `host:port` of external chaincode services that contracts may be. */
  readonly contractAddresses?: readonly string[];
  /** An npm registry that builds of contracts may fetch from. */
  readonly contractRegistry?: string;
  readonly contractTimeoutMs?: number;
  /** Runs contracts without a sandbox where there is none. */
  readonly unsafeContracts?: boolean;
}

export interface FabricPlace extends NetworkOptions {
  readonly host: string;
  readonly directory: string;
  readonly dataDirectory: string;
  /** Undefined when the master key is in no file. */
  readonly masterKeyFile: string | undefined;
}

/** Ends the processes of contracts; before, the platform has stopped the nodes. */
export interface ClosableFabricHost extends FabricHost {
  close(): Promise<void>;
}

/** Fabric over the ledger, loaded and opened when a network is first made or found: until then its modules cost nothing. */
export function createFabricHost(
  place: FabricPlace,
  dependencies: Pick<ServerDependencies, "clock" | "random" | "fileSystem" | "log"> & { readonly ledger: Ledger },
): ClosableFabricHost {
  let opening: Promise<Fabric> | undefined;
  const forgetFailed = () => {
    opening = undefined;
  };
  return {
    listenHost: place.host,
    publicHost: isWildcard(place.host) ? "localhost" : place.host,
    open() {
      if (opening === undefined) {
        opening = openFabric(place, dependencies);
        opening.catch(forgetFailed);
      }
      return opening;
    },
    async configured(channelId) {
      const fabric = await opening?.catch(() => undefined);
      await fabric?.refreshChannel(channelId);
    },
    async close() {
      const fabric = await opening?.catch(() => undefined);
      await fabric?.close();
    },
  };
}

async function openFabric(
  { directory, dataDirectory, masterKeyFile, ...place }: FabricPlace,
  dependencies: Parameters<typeof createFabricHost>[1],
): Promise<Fabric> {
  const { createContractHost, createContractStreams, createFabric } = await import("@concordat/fabric");
  await dependencies.fileSystem.makeDirectory(directory);
  const options = {
    directory,
    allowedContractAddresses: place.contractAddresses ?? [],
    unsafeContracts: place.unsafeContracts ?? false,
    ...(place.contractRegistry === undefined ? {} : { contractRegistry: place.contractRegistry }),
    ...(place.contractTimeoutMs === undefined ? {} : { contractTimeoutMs: place.contractTimeoutMs }),
  };
  const hiddenPaths = [dataDirectory, ...(masterKeyFile === undefined ? [] : [dirname(masterKeyFile)])];
  const parts = { ...dependencies, hiddenPaths };
  const contracts = createContractHost(options, { ...parts, streams: createContractStreams({}, dependencies) });
  return createFabric(options, { ...parts, contracts });
}

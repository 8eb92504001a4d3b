import type { InstalledContract } from "@concordat/fabric/client";
import type { NodeRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import { organizationsOf } from "./acting.ts";
import { type AuditedDependencies, audited } from "./audited.ts";
import { onFabric } from "./fabric-errors.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { NetworkViews } from "./views.ts";

export interface PackagesDependencies extends AuditedDependencies {
  readonly access: NetworkAccess;
  readonly runner: NodeRunner;
  readonly views: NetworkViews;
}

/** Contract packages on peers. */
export class PackagesService {
  readonly #dependencies: PackagesDependencies;

  constructor(dependencies: PackagesDependencies) {
    this.#dependencies = dependencies;
  }

  async install(
    caller: Caller,
    input: {
      readonly networkId: string;
      readonly organizations?: readonly string[];
      readonly packageBytes: Uint8Array;
    },
  ): Promise<InstalledContract> {
    const { access, runner, views } = this.#dependencies;
    const network = access.network(caller, "network:contract:install", input.networkId);
    const organizations = organizationsOf(network, input.organizations);
    if (input.packageBytes.length > platformLimits.networks.packageBytes) {
      throw new PlatformError("CONTRACT_PACKAGE_INVALID", "The contract package is larger than one may be.", {
        facts: { bytesMax: platformLimits.networks.packageBytes },
      });
    }
    const peers = views
      .nodesOf(network.networkId)
      .filter(({ kind, mspId }) => kind === "peer" && organizations.includes(mspId));
    const stopped = peers.find(({ nodeId }) => runner.statusOf(nodeId) === undefined);
    if (stopped !== undefined) throw notListening(stopped);
    const event = {
      action: "network:contract:install",
      resource: { kind: "network", id: network.networkId },
      detail: { organizations, bytes: input.packageBytes.length },
    } as const;
    return audited(caller, event, this.#dependencies, () => this.#install(peers, input.packageBytes));
  }

  /** On peers that listen. */
  async list(
    caller: Caller,
    networkId: string,
  ): Promise<readonly (InstalledContract & { readonly nodeId: string; readonly mspId: string })[]> {
    const { access, runner, views } = this.#dependencies;
    access.network(caller, "network:contract:list", networkId);
    const peers = views
      .nodesOf(networkId)
      .filter(({ kind, nodeId }) => kind === "peer" && runner.statusOf(nodeId) !== undefined);
    const lists = await Promise.all(
      peers.map(async ({ nodeId, mspId }) => {
        const installed = await onFabric(async () => (await runner.fabric()).installedContracts(nodeId));
        return installed.map((contract) => ({ ...contract, nodeId, mspId }));
      }),
    );
    return lists.flat();
  }

  /** The first peer finds out whether the package can be read; installing it again changes nothing. */
  async #install(peers: readonly NodeRow[], packageBytes: Uint8Array): Promise<InstalledContract> {
    let installed: InstalledContract | undefined;
    for (const { nodeId } of peers) {
      installed = await onFabric(async () =>
        (await this.#dependencies.runner.fabric()).installContract(nodeId, packageBytes),
      );
    }
    if (installed === undefined) throw new PlatformError("NODE_UNKNOWN", "The organizations have no peer.");
    return installed;
  }
}

function notListening({ name, nodeId }: NodeRow): PlatformError {
  return new PlatformError("NODE_NOT_STARTED", `${name} does not listen.`, {
    remedy: "Start it, or leave its organization out.",
    facts: { nodeId, reason: "stopped" },
  });
}

import { Client } from "./client/client.ts";
import type { ContractHost } from "./contracts/ports.ts";
import { ContractCalls } from "./endorser/contract-call.ts";
import { Approvals, Definitions } from "./endorser/definitions.ts";
import { Endorser } from "./endorser/endorser.ts";
import { fabricErrors } from "./errors.ts";
import { Network } from "./node/network.ts";
import { Nodes } from "./node/nodes.ts";
import type { Fabric, FabricDependencies, FabricOptions } from "./ports.ts";
import { createSystemContracts } from "./system-chaincodes/create.ts";

const CONTRACT_TIMEOUT_MS = 30_000;

/** Nodes, contracts and an in-process client over one ledger. Nothing listens before the first node is started. */
export function createFabric(
  options: FabricOptions,
  dependencies: FabricDependencies & { readonly contracts: ContractHost },
): Fabric {
  const { contracts, clock } = dependencies;
  const network = new Network();
  const calls = new ContractCalls(
    { contractTimeoutMs: options.contractTimeoutMs ?? CONTRACT_TIMEOUT_MS },
    { ...dependencies, approvals: new Approvals(clock), definitions: new Definitions() },
  );
  const endorser = new Endorser({ ...dependencies, calls, systemContracts: createSystemContracts(dependencies) });
  const nodes = new Nodes({ ...dependencies, network, endorser });
  const client = new Client({ ...dependencies, nodes });
  const known = (nodeId: string) => {
    if (!nodes.has(nodeId)) throw fabricErrors.nodeUnknown(nodeId);
    return nodeId;
  };
  return {
    startNode: (config) => nodes.start(config),
    stopNode: (nodeId) => nodes.stop(nodeId),
    nodes: () => nodes.statuses(),
    joinChannel: (nodeId, channelId) => nodes.join(nodeId, channelId),
    leaveChannel: async (nodeId, channelId) => nodes.leave(nodeId, channelId),
    refreshChannel: (channelId) => nodes.refresh(channelId),
    installContract: async (nodeId, packageBytes) => contracts.install(known(nodeId), packageBytes),
    installedContracts: async (nodeId) => contracts.installed(known(nodeId)),
    contractPackage: async (nodeId, packageId) => contracts.packageBytes(known(nodeId), packageId),
    startContract: (mspId, packageId) => contracts.start(mspId, packageId),
    stopContract: (mspId, packageId) => contracts.stop(mspId, packageId),
    contractStatuses: () => contracts.statuses(),
    contractLogs: (mspId, packageId, lines) => contracts.logs(mspId, packageId, lines),
    invoke: (request) => client.invoke(request),
    query: (request) => client.query(request),
    async close() {
      await nodes.close();
      await contracts.close();
    },
  };
}

import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Ledger } from "@concordat/ledger";
import type { Authorizer } from "../access/authorizer.ts";
import type { Authorities } from "../certificates/authorities.ts";
import type { Creators } from "../certificates/creators.ts";
import type { Issuing } from "../certificates/issuing.ts";
import type { RevocationLists } from "../certificates/revocation-lists.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { Directory } from "../directory/directory.ts";
import type { Jobs } from "../jobs/ports.ts";
import { NetworkAccess } from "./access.ts";
import { NetworkChannelsService } from "./channels-service.ts";
import { ClientIdentities } from "./client-identities.ts";
import { ConnectionsService } from "./connections-service.ts";
import { ContractViews } from "./contract-views.ts";
import { ContractsService } from "./contracts-service.ts";
import { ChannelDefinitions } from "./definitions.ts";
import type { FabricHost } from "./fabric-host.ts";
import { LifecycleService } from "./lifecycle-service.ts";
import { networkCreation } from "./network-creation.ts";
import { NetworksService } from "./networks-service.ts";
import { NodeCertificates } from "./node-certificates.ts";
import { NodeRunner } from "./node-runner.ts";
import { PackagesService } from "./packages-service.ts";
import type { Networks } from "./ports.ts";
import { NetworkViews } from "./views.ts";

export interface OpenNetworksDependencies {
  readonly host: FabricHost;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly ledger: Ledger;
  readonly steps: ChannelSteps;
  readonly jobs: Jobs;
  readonly authorities: Authorities;
  readonly issuing: Issuing;
  readonly revocationLists: RevocationLists;
  readonly creators: Creators;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** Puts together what has to do with networks. No node is started. */
export function openNetworks(dependencies: OpenNetworksDependencies) {
  const access = new NetworkAccess(dependencies);
  const certificates = new NodeCertificates(dependencies);
  const runner = new NodeRunner({ ...dependencies, certificates });
  const views = new NetworkViews({ ...dependencies, runner });
  const identities = new ClientIdentities(dependencies);
  const definitions = new ChannelDefinitions(dependencies);
  const parts = { ...dependencies, access, certificates, runner, identities, definitions };
  const contractViews = new ContractViews(parts);
  const service = new NetworksService({ ...parts, views, creation: networkCreation(parts) });
  const channels = new NetworkChannelsService({ ...parts, views });
  const packages = new PackagesService({ ...parts, views });
  const lifecycle = new LifecycleService({ ...parts, views: contractViews });
  const contracts = new ContractsService({ ...parts, views: contractViews });
  const connections = new ConnectionsService({ ...parts, views });
  const networks: Networks = {
    create: (...given) => service.create(...given),
    list: (...given) => service.list(...given),
    get: (...given) => service.get(...given),
    delete: (...given) => service.delete(...given),
    listNodes: (...given) => service.listNodes(...given),
    startNode: (...given) => service.startNode(...given),
    stopNode: (...given) => service.stopNode(...given),
    createChannel: (...given) => channels.create(...given),
    listChannels: (...given) => channels.list(...given),
    joinChannel: (...given) => channels.join(...given),
    installContract: (...given) => packages.install(...given),
    listInstalledContracts: (...given) => packages.list(...given),
    approveContract: (...given) => lifecycle.approve(...given),
    checkCommitReadiness: (...given) => lifecycle.readiness(...given),
    commitContract: (...given) => lifecycle.commit(...given),
    listContracts: (...given) => contracts.list(...given),
    startContract: (...given) => contracts.start(...given),
    stopContract: (...given) => contracts.stop(...given),
    invokeContract: (...given) => contracts.invoke(...given),
    queryContract: (...given) => contracts.query(...given),
    contractLogs: (...given) => contracts.logs(...given),
    createConnection: (...given) => connections.create(...given),
  };
  return { networks, runner, resume: service.resume.bind(service) };
}

import type { Clock, Logger } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import { status } from "@grpc/grpc-js";
import { discovery, gateway, orderer, peer } from "@hyperledger/fabric-protos";
import { wholeBlocks } from "../deliver/formats.ts";
import { deliverMethod, deliverService } from "../deliver/service.ts";
import type { Endorser } from "../endorser/endorser.ts";
import { endorserService } from "../endorser/service.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { broadcast, type StreamOrdering } from "../orderer/broadcast.ts";
import { channelOf, orderEnvelope } from "../orderer/ordering.ts";
import { Calls } from "./calls.ts";
import type { NodeService } from "./node-server.ts";
import { RpcError } from "./rpc-error.ts";
import type { RunningNode } from "./running-node.ts";

export interface ServiceDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  readonly endorser: Endorser;
  /** Fires when the node stops. */
  readonly stopping: AbortSignal;
}

/** Fabric's own defaults of how much a service has open at once. @source fabric sampleconfig/core.yaml, peer.limits.concurrency */
const OPEN_MAX = { endorser: 2_500, deliver: 2_500, gateway: 500, orderer: 2_500, discovery: 100 };

export function peerServices(
  node: RunningNode,
  gatewayOfNode: Gateway,
  dependencies: ServiceDependencies,
): readonly NodeService[] {
  const calls = callsFor(dependencies);
  return [
    {
      definition: gateway.GatewayService,
      implementation: gatewayOfNode.service(calls("/gateway.Gateway", OPEN_MAX.gateway)),
    },
    {
      definition: peer.EndorserService,
      implementation: endorserService(node, dependencies.endorser, calls("/protos.Endorser", OPEN_MAX.endorser)),
    },
    {
      definition: peer.DeliverService,
      implementation: deliverService(node, calls("/protos.Deliver", OPEN_MAX.deliver), dependencies),
    },
    {
      definition: discovery.DiscoveryService,
      implementation: {
        discover: calls("/discovery.Discovery", OPEN_MAX.discovery).unary(async () => {
          throw new RpcError(
            status.UNIMPLEMENTED,
            "service discovery is not supported by this peer; name peers and orderers in the client's connection profile",
          );
        }),
      },
    },
  ];
}

export function ordererServices(node: RunningNode, dependencies: ServiceDependencies): readonly NodeService[] {
  const calls = callsFor(dependencies)("/orderer.AtomicBroadcast", OPEN_MAX.orderer);
  const ordering: StreamOrdering = {
    refusal: (envelope) => {
      const channel = channelOf(envelope, node.channels);
      return "status" in channel ? channel : undefined;
    },
    order: (envelope, stream) => orderEnvelope(envelope, node.channels, dependencies, stream),
  };
  return [
    {
      definition: orderer.AtomicBroadcastService,
      implementation: {
        broadcast: calls.bidirectional((envelopes, outbox, context) => broadcast(envelopes, outbox, context, ordering)),
        deliver: deliverMethod(node, wholeBlocks, calls, dependencies),
      },
    },
  ];
}

function callsFor({ log, stopping }: ServiceDependencies) {
  return (service: string, openMax: number) => new Calls({ service, openMax }, { log, stopping });
}

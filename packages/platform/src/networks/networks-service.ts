import type { Clock, Logger, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { ControlChange, NetworkRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Job, JobKind, Jobs } from "../jobs/ports.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import type { FabricHost } from "./fabric-host.ts";
import { checkNetwork } from "./names.ts";
import type { NetworkCreationInput } from "./network-creation.ts";
import { planNetwork } from "./network-plan.ts";
import type { NodeRunner } from "./node-runner.ts";
import type { Network, NetworkNode, NewNetwork } from "./ports.ts";
import type { NetworkViews } from "./views.ts";

export interface NetworksDependencies {
  readonly directory: Directory;
  readonly access: NetworkAccess;
  readonly jobs: Jobs;
  readonly creation: JobKind<NetworkCreationInput>;
  readonly runner: NodeRunner;
  readonly steps: Pick<ChannelSteps, "requireLedger">;
  readonly views: NetworkViews;
  readonly host: FabricHost;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** Networks and their nodes. */
export class NetworksService {
  readonly #dependencies: NetworksDependencies;

  constructor(dependencies: NetworksDependencies) {
    this.#dependencies = dependencies;
    dependencies.jobs.register(dependencies.creation);
  }

  async create(caller: Caller, input: NewNetwork): Promise<{ readonly network: Network; readonly job: Job }> {
    const { directory, access, steps, host } = this.#dependencies;
    const project = access.project(caller, "network:network:create", input.projectId);
    const checked = checkNetwork(input);
    await onLedger(() => steps.requireLedger());
    await host.open();
    const network = await directory.change(async () => {
      const planned = planNetwork(checked, project, this.#dependencies);
      const { name, organizations } = planned.network;
      const audit = [this.#audit(caller, "network:network:create", planned.network, { name, organizations })];
      return { changes: planned.changes, audit, result: planned.network };
    });
    return { network: this.#dependencies.views.network(network), job: await this.#startJob(caller, network) };
  }

  /** Has the networks finished whose making a crash cut off before its job was recorded. Asking for the others' again changes nothing. */
  async resume(callerOf: (accountUid: string) => Caller): Promise<void> {
    const { directory, log } = this.#dependencies;
    for (const network of directory.table("networks").all()) {
      if (network.status !== "creating") continue;
      try {
        await this.#startJob(callerOf(network.accountUid), network);
      } catch (error) {
        log.error("The making of a network could not be taken up again.", {
          networkId: network.networkId,
          reason: String(error),
        });
      }
    }
  }

  async list(caller: Caller): Promise<readonly Network[]> {
    const { access, views } = this.#dependencies;
    const rows = access
      .listable(caller)
      .sort((a, b) => a.createdMs - b.createdMs || (a.networkId < b.networkId ? -1 : 1));
    return rows.map((row) => views.network(row));
  }

  async get(caller: Caller, networkId: string): Promise<Network> {
    const { access, views } = this.#dependencies;
    return views.network(access.network(caller, "network:network:get", networkId));
  }

  async delete(caller: Caller, networkId: string): Promise<void> {
    const { directory, access, runner, steps, views } = this.#dependencies;
    requireDeletable(access.network(caller, "network:network:delete", networkId), views);
    await onLedger(() => steps.requireLedger());
    for (const { nodeId } of views.nodesOf(networkId)) await runner.stop(nodeId);
    await directory.change(async () => {
      const row = access.network(caller, "network:network:delete", networkId);
      requireDeletable(row, views);
      const changes: ControlChange[] = [
        ...views.nodesOf(networkId).map((node) => ({ table: "nodes", row: node, remove: true }) as const),
        { table: "networks", row, remove: true },
      ];
      return {
        changes,
        audit: [this.#audit(caller, "network:network:delete", row, { name: row.name })],
        result: undefined,
      };
    });
  }

  async listNodes(caller: Caller, networkId: string): Promise<readonly NetworkNode[]> {
    const { access, steps, views } = this.#dependencies;
    const { networkId: known } = access.network(caller, "network:node:list", networkId);
    // Whether a node listens is known where it runs.
    await onLedger(() => steps.requireLedger());
    return views.nodesOf(known).map((node) => views.node(node));
  }

  async startNode(caller: Caller, networkId: string, nodeId: string): Promise<NetworkNode> {
    await this.#record(caller, "start", networkId, nodeId);
    await this.#dependencies.runner.start(nodeId);
    return this.#node(nodeId);
  }

  async stopNode(caller: Caller, networkId: string, nodeId: string): Promise<NetworkNode> {
    await this.#record(caller, "stop", networkId, nodeId);
    await this.#dependencies.runner.stop(nodeId);
    return this.#node(nodeId);
  }

  /** What shall be is on disk first: a crash in between is caught up at the next start. */
  async #record(caller: Caller, verb: "start" | "stop", networkId: string, nodeId: string): Promise<void> {
    const { directory, access, steps } = this.#dependencies;
    const action = `network:node:${verb}` as const;
    access.node(caller, action, networkId, nodeId);
    await onLedger(() => steps.requireLedger());
    const state = verb === "start" ? "started" : "stopped";
    await directory.change(async () => {
      const node = access.node(caller, action, networkId, nodeId);
      const { status } = access.network(caller, action, networkId);
      if (status !== "active") throw new PlatformError("NETWORK_NOT_READY", `The network is ${status}.`);
      const event = { action, resource: { kind: "node", id: nodeId }, detail: { name: node.name } };
      const row: NodeRow = { ...node, state };
      return {
        changes: [{ table: "nodes", row }],
        audit: [auditEntry(caller, event, this.#dependencies)],
        result: undefined,
      };
    });
  }

  #node(nodeId: string): NetworkNode {
    const row = this.#dependencies.directory.row("nodes", nodeId);
    if (row === undefined) throw new PlatformError("NODE_UNKNOWN");
    return this.#dependencies.views.node(row);
  }

  #startJob(caller: Caller, { networkId, projectId, name }: NetworkRow): Promise<Job> {
    const { jobs, creation: kind } = this.#dependencies;
    const resource = { kind: "network", id: networkId, name };
    return jobs.start({ kind, caller, projectId, resource, input: { networkId }, jobId: networkId });
  }

  #audit(caller: Caller, action: string, { networkId }: NetworkRow, detail: Readonly<Record<string, unknown>>) {
    return auditEntry(caller, { action, resource: { kind: "network", id: networkId }, detail }, this.#dependencies);
  }
}

function requireDeletable({ networkId, status }: NetworkRow, views: NetworkViews): void {
  if (status === "creating") {
    throw new PlatformError("NETWORK_NOT_READY", "The network is being made.", { remedy: "Cancel its job first." });
  }
  if (views.channelsOf(networkId).length === 0) return;
  throw new PlatformError("RESOURCE_IN_USE", "The network has channels: what they hold stays.");
}

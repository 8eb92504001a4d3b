import { type Clock, isConcordatError, type Logger } from "@concordat/base";
import type { Fabric, NodeConfig, NodeStatus } from "@concordat/fabric/client";
import type { ControlChange, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { Mutex } from "../directory/mutex.ts";
import { PlatformError } from "../errors.ts";
import { onFabric } from "./fabric-errors.ts";
import type { FabricHost } from "./fabric-host.ts";
import { NodeAlarms } from "./node-alarms.ts";
import type { NodeCertificates } from "./node-certificates.ts";

export interface NodeRunnerDependencies {
  readonly directory: Directory;
  readonly host: FabricHost;
  readonly certificates: NodeCertificates;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Starts and stops the nodes of networks in this process.
 *
 * Invariants: one start or stop at a time. A node's port is on disk before anybody is told that the node listens, and stays. How far a node
 * had come is on disk once it has stopped; after a crash it goes on from where it was stopped, or joined, before.
 */
export class NodeRunner {
  readonly #dependencies: NodeRunnerDependencies;
  readonly #alarms: NodeAlarms;
  readonly #work = new Mutex();
  /** What each running node was started with, as one text. */
  readonly #running = new Map<string, string>();
  #fabric: Fabric | undefined;
  #isClosed = false;

  constructor(dependencies: NodeRunnerDependencies) {
    this.#dependencies = dependencies;
    this.#alarms = new NodeAlarms(dependencies);
  }

  /** Where Fabric was not needed yet, nothing runs. */
  statusOf(nodeId: string): NodeStatus | undefined {
    return this.#running.has(nodeId) ? this.#fabric?.nodes().find((node) => node.nodeId === nodeId) : undefined;
  }

  async fabric(): Promise<Fabric> {
    this.#fabric ??= await this.#dependencies.host.open();
    return this.#fabric;
  }

  /** Unless it runs. @throws PlatformError NODE_NOT_STARTED, CERTIFICATE_NOT_USABLE, FABRIC_UNAVAILABLE; an alarm is open then */
  start(nodeId: string): Promise<void> {
    return this.#work.run(() => this.#start(nodeId));
  }

  /** Unless it does not run. */
  stop(nodeId: string): Promise<void> {
    return this.#work.run(async () => {
      await this.#stop(nodeId);
      const node = this.#dependencies.directory.row("nodes", nodeId);
      if (node !== undefined) await this.#alarms.clear(node);
    });
  }

  /** Those that shall run. A node that cannot be started leaves an alarm and does not hinder the others. */
  async startAll(): Promise<void> {
    const { directory, log } = this.#dependencies;
    const wanted = directory
      .table("nodes")
      .all()
      .filter((node) => node.state === "started" && directory.row("networks", node.networkId)?.status === "active");
    if (wanted.length === 0) return;
    log.info("starting the nodes of networks", { count: wanted.length });
    let started = 0;
    for (const { nodeId } of wanted) {
      if (this.#isClosed) return;
      const isUp = await this.start(nodeId).then(
        () => true,
        () => false,
      );
      if (isUp) started++;
    }
    log.info("started the nodes of networks", { count: started, failed: wanted.length - started });
  }

  /** Starts anew what runs with certificates or authorities that are not the present ones. */
  reconcile(): Promise<void> {
    return this.#work.run(async () => {
      for (const [nodeId, startedWith] of [...this.#running]) {
        if (this.#isClosed) return;
        const node = this.#dependencies.directory.row("nodes", nodeId);
        if (node === undefined || this.#fingerprintOf(node) === startedWith) continue;
        await this.#restart(node);
      }
    });
  }

  /** What fails leaves its alarm. */
  async #restart({ nodeId, name }: NodeRow): Promise<void> {
    try {
      await this.#stop(nodeId);
      await this.#start(nodeId);
      this.#dependencies.log.info("restarted a node for its new certificates", { nodeId, name });
    } catch (error) {
      this.#warn(nodeId, error);
    }
  }

  async join(nodeId: string, channelId: string): Promise<void> {
    if (this.statusOf(nodeId) === undefined) return;
    await onFabric(async () => (await this.fabric()).joinChannel(nodeId, channelId));
  }

  /** Stops what runs, and records how far it had come. What shall run still shall. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work.run(async () => {
      for (const nodeId of [...this.#running.keys()])
        await this.#stop(nodeId).catch((error) => this.#warn(nodeId, error));
    });
  }

  async #start(nodeId: string): Promise<void> {
    const { directory, certificates } = this.#dependencies;
    const node = directory.row("nodes", nodeId);
    if (node === undefined) throw new PlatformError("NODE_UNKNOWN");
    // Stopped meanwhile, by somebody who was faster.
    if (node.state !== "started") return;
    const running = this.statusOf(nodeId);
    if (running !== undefined) return this.#recordPort(nodeId, running.port);
    if (this.#isClosed) throw new PlatformError("FABRIC_UNAVAILABLE", "The server is ending.");
    try {
      await certificates.ensure(node);
      const config = this.#configOf(node);
      const fingerprint = fingerprintOf(config);
      const status = await onFabric(async () => (await this.fabric()).startNode(config));
      this.#running.set(nodeId, fingerprint);
      await this.#recordPort(nodeId, status.port);
    } catch (error) {
      // A defect says nothing of itself to readers of alarms.
      await this.#alarms.raise(node, isConcordatError(error) ? error.message : "an unexpected fault; see the log.");
      if (!isConcordatError(error)) this.#warn(nodeId, error);
      throw error;
    }
    await this.#alarms.clear(node);
  }

  async #stop(nodeId: string): Promise<void> {
    if (!this.#running.has(nodeId)) return;
    const { channels } = await onFabric(async () => (await this.fabric()).stopNode(nodeId));
    this.#running.delete(nodeId);
    const { directory } = this.#dependencies;
    await directory.change(async () => {
      const changes = channels.flatMap(({ channelId, height }): ControlChange[] => {
        const row = directory.row("nodeChannels", nodeId, channelId);
        return row === undefined || row.height === height ? [] : [{ table: "nodeChannels", row: { ...row, height } }];
      });
      return { changes, result: undefined };
    });
  }

  async #recordPort(nodeId: string, port: number): Promise<void> {
    const { directory, host } = this.#dependencies;
    await directory.change(async () => {
      const row = directory.row("nodes", nodeId);
      const isKnown = row === undefined || (row.port === port && row.host === host.publicHost);
      const changes = isKnown ? [] : [{ table: "nodes", row: { ...row, port, host: host.publicHost } } as const];
      return { changes, result: undefined };
    });
  }

  #configOf(node: NodeRow): NodeConfig {
    const { directory, certificates, host } = this.#dependencies;
    const { nodeId, kind, name, mspId } = node;
    const { identity, tls, authorities } = certificates.open(node);
    const members = directory.row("networks", node.networkId)?.organizations ?? [];
    const clientAuthorities = node.mutualTls
      ? { clientAuthorities: members.flatMap((member) => certificates.tlsAuthorities(member)) }
      : {};
    const channels = directory
      .table("nodeChannels")
      .all()
      .filter((row) => row.nodeId === nodeId && directory.row("networkChannels", row.channelId)?.status === "active")
      .map(({ channelId, height }) => ({ channelId, height }));
    const listen = { host: host.listenHost, port: node.port };
    return {
      nodeId,
      kind,
      name,
      mspId,
      listen,
      identity,
      tls: { ...tls, authorities, ...clientAuthorities },
      channels,
    };
  }

  #fingerprintOf(node: NodeRow): string | undefined {
    try {
      return fingerprintOf(this.#configOf(node));
    } catch {
      // Without a certificate that it may use it goes on with the one that it has, which its clients judge.
      return this.#running.get(node.nodeId);
    }
  }

  #warn(nodeId: string, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#dependencies.log.warn("A node of a network could not be started or stopped.", { nodeId, reason });
  }
}

function fingerprintOf({ identity, tls }: NodeConfig): string {
  return JSON.stringify([identity.certificatePem, tls.certificatePem, tls.authorities, tls.clientAuthorities ?? []]);
}

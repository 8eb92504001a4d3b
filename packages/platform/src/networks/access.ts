import type { Authorizer } from "../access/authorizer.ts";
import type { NetworkChannelRow, NetworkRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";

export type NetworkAction =
  | `network:network:${"create" | "list" | "get" | "delete"}`
  | `network:node:${"list" | "start" | "stop"}`
  | `network:channel:${"create" | "list" | "get" | "join"}`
  | `network:contract:${"install" | "list" | "approve" | "commit" | "invoke" | "query" | "logs" | "start" | "stop"}`
  | "network:connection:create";

export interface ChannelPlace {
  readonly network: NetworkRow;
  readonly channel: NetworkChannelRow;
}

/** Who may do what to networks: they belong to a project. Who may not reach one does not learn whether there is one. */
export class NetworkAccess {
  readonly #directory: Directory;
  readonly #authorizer: Authorizer;

  constructor(dependencies: { readonly directory: Directory; readonly authorizer: Authorizer }) {
    this.#directory = dependencies.directory;
    this.#authorizer = dependencies.authorizer;
  }

  /**
   * The project in which the caller makes something: that asked for, else that of its credential, else its tenant's first.
   * @throws PlatformError ACCESS_DENIED, PROJECT_UNKNOWN
   */
  project(caller: Caller, action: NetworkAction, asked: string | undefined) {
    const { scope, tenantId } = caller;
    const projectId = asked ?? (scope.kind === "project" ? scope.projectId : this.#firstProjectOf(tenantId));
    const row = projectId === undefined ? undefined : this.#directory.row("projects", projectId);
    const found = this.#reaches(caller, row?.tenantId) ? row : undefined;
    const place = found === undefined ? { tenantId } : { tenantId: found.tenantId, projectId: found.projectId };
    this.#authorizer.require(caller, action, { kind: kindOf(action), ...place });
    if (found === undefined) throw new PlatformError("PROJECT_UNKNOWN");
    return found;
  }

  /** @throws PlatformError ACCESS_DENIED, NETWORK_UNKNOWN */
  network(caller: Caller, action: NetworkAction, networkId: string): NetworkRow {
    const row = this.#find(caller, networkId);
    this.#require(caller, action, row, networkId);
    if (row === undefined) throw new PlatformError("NETWORK_UNKNOWN");
    return row;
  }

  /** @throws PlatformError ACCESS_DENIED, NETWORK_UNKNOWN, NODE_UNKNOWN */
  node(caller: Caller, action: NetworkAction, networkId: string, nodeId: string): NodeRow {
    const network = this.network(caller, action, networkId);
    const node = this.#directory.row("nodes", nodeId);
    if (node?.networkId !== network.networkId) throw new PlatformError("NODE_UNKNOWN");
    return node;
  }

  /** @throws PlatformError ACCESS_DENIED, CHANNEL_UNKNOWN; NETWORK_NOT_READY while it is being made */
  channel(caller: Caller, action: NetworkAction, channelId: string): ChannelPlace {
    const channel = this.#directory.row("networkChannels", channelId);
    const network = channel === undefined ? undefined : this.#find(caller, channel.networkId);
    this.#require(caller, action, network, channelId);
    if (channel === undefined || network === undefined) throw new PlatformError("CHANNEL_UNKNOWN");
    if (channel.status !== "active") throw new PlatformError("NETWORK_NOT_READY", "The channel is being made.");
    return { network, channel };
  }

  /** The networks that a list may show. @throws PlatformError ACCESS_DENIED when the caller may list nothing at all */
  listable(caller: Caller): NetworkRow[] {
    const action = "network:network:list";
    const { scope, tenantId } = caller;
    const rows = this.#directory
      .table("networks")
      .all()
      .filter((row) => this.#authorizer.allows(caller, action, { kind: "network", ...placeOf(row) }));
    if (rows.length > 0) return rows;
    const project = scope.kind === "project" ? { projectId: scope.projectId } : {};
    this.#authorizer.require(caller, action, { kind: "network", tenantId, ...project });
    return rows;
  }

  #find(caller: Caller, networkId: string): NetworkRow | undefined {
    const row = this.#directory.row("networks", networkId);
    return this.#reaches(caller, row?.tenantId) ? row : undefined;
  }

  #reaches({ tenantId, principal }: Caller, other: string | undefined): boolean {
    return other !== undefined && (other === tenantId || principal.installationAdministrator);
  }

  #require(caller: Caller, action: NetworkAction, row: NetworkRow | undefined, id: string): void {
    const { scope, tenantId } = caller;
    const own = scope.kind === "project" ? { tenantId, projectId: scope.projectId } : { tenantId };
    this.#authorizer.require(caller, action, {
      kind: kindOf(action),
      id,
      ...(row === undefined ? own : placeOf(row)),
    });
  }

  #firstProjectOf(tenantId: string): string | undefined {
    return this.#directory
      .table("projects")
      .all()
      .filter((row) => row.tenantId === tenantId)
      .sort((a, b) => a.createdMs - b.createdMs || (a.projectId < b.projectId ? -1 : 1))[0]?.projectId;
  }
}

function placeOf({ tenantId, projectId }: NetworkRow) {
  return { tenantId, projectId };
}

/** `node` of `network:node:start`. */
function kindOf(action: NetworkAction): string {
  return action.split(":")[1] ?? "network";
}

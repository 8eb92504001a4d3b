import type { Clock, RandomSource } from "@concordat/base";
import type { ControlChange, NetworkRow, NodeRow, ProjectRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { FabricHost } from "./fabric-host.ts";
import { type CheckedNetwork, planNodes } from "./names.ts";

export interface NetworkPlanDependencies {
  readonly directory: Directory;
  readonly host: FabricHost;
  readonly clock: Clock;
  readonly random: RandomSource;
}

const limits = platformLimits.networks;

/**
 * The rows of a new network and its nodes. To be called inside a change of the directory.
 * @throws PlatformError NAME_EXISTS, NAME_INVALID, ORGANIZATION_UNKNOWN, NETWORK_LIMIT_REACHED
 */
export function planNetwork(
  checked: CheckedNetwork,
  project: ProjectRow,
  { directory, host, clock, random }: NetworkPlanDependencies,
): { readonly network: NetworkRow; readonly changes: readonly ControlChange[] } {
  const { tenantId, projectId } = project;
  const accountUid = directory.row("tenants", tenantId)?.accountUid;
  if (accountUid === undefined) throw new PlatformError("TENANT_UNKNOWN");
  const siblings = directory
    .table("networks")
    .all()
    .filter((row) => row.projectId === projectId);
  if (siblings.some(({ name }) => name === checked.name)) throw new PlatformError("NAME_EXISTS");
  requireRoom(siblings.length + 1, limits.perProject, "networks in a project");
  for (const mspId of checked.organizations) requireOrganizationFree(mspId, tenantId, directory);
  const nodes = planNodes(checked);
  const known = directory.table("nodes").all();
  requireRoom(known.length + nodes.length, limits.nodes, "nodes in the installation");
  const taken = new Set(known.map(({ name }) => name));
  const repeated = nodes.find(({ name }) => taken.has(name));
  if (repeated !== undefined)
    throw new PlatformError("NAME_EXISTS", `Another network has a node named ${repeated.name}.`);
  const createdMs = clock.nowMs();
  const network: NetworkRow = {
    networkId: newIds.networkId(random),
    tenantId,
    projectId,
    name: checked.name,
    status: "creating",
    organizations: checked.organizations,
    accountUid,
    createdMs,
  };
  const rows = nodes.map(
    (node): NodeRow => ({
      nodeId: newIds.nodeId(random),
      networkId: network.networkId,
      ...node,
      host: host.publicHost,
      port: 0,
      mutualTls: checked.mutualTls,
      state: "started",
      createdMs,
    }),
  );
  const changes: ControlChange[] = [
    { table: "networks", row: network },
    ...rows.map((row) => ({ table: "nodes", row }) as const),
  ];
  return { network, changes };
}

/**
 * An organization is the tenant's own, or yet to be made and promised to nobody else.
 * @throws PlatformError ORGANIZATION_UNKNOWN, NAME_INVALID
 */
export function requireOrganizationFree(mspId: string, tenantId: string, directory: Directory): void {
  const row = directory.organization(mspId);
  if (row !== undefined) {
    if (directory.tenantIdOf(row) === tenantId) return;
    throw new PlatformError("ORGANIZATION_UNKNOWN", `The organization ${mspId} does not belong to the tenant.`);
  }
  if (/^Org\d{16}MSP$/i.test(mspId)) {
    throw new PlatformError("NAME_INVALID", "MSP ids of this form are those of accounts.");
  }
  const isPromised = directory
    .table("networks")
    .all()
    .some((network) => network.tenantId !== tenantId && network.organizations.includes(mspId));
  if (isPromised)
    throw new PlatformError("ORGANIZATION_UNKNOWN", `The organization ${mspId} does not belong to the tenant.`);
}

export function requireRoom(count: number, max: number, what: string): void {
  if (count > max)
    throw new PlatformError("NETWORK_LIMIT_REACHED", `There are at most ${max} ${what}.`, { facts: { max } });
}

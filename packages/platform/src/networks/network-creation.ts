import type { Clock, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import { issueOrganization } from "../accounts/credentials.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import { organizationRecords, toChanges } from "../certificates/records.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { ControlChange, NetworkRow, NodeRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { JobKind, StepContext } from "../jobs/ports.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { requireOrganizationFree } from "./network-plan.ts";
import type { NodeCertificates } from "./node-certificates.ts";
import type { NodeRunner } from "./node-runner.ts";

export interface NetworkCreationDependencies {
  readonly directory: Directory;
  readonly certificates: NodeCertificates;
  readonly runner: NodeRunner;
  readonly steps: Pick<ChannelSteps, "requireLedger">;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface NetworkCreationInput {
  readonly networkId: string;
}

type Context = StepContext<NetworkCreationInput>;

/** Makes what the rows of a network say. The rows are written before the job is started; each step may find its work done. */
export function networkCreation(dependencies: NetworkCreationDependencies): JobKind<NetworkCreationInput> {
  const step = (name: string, work: (context: Context, network: NetworkRow) => Promise<void>) => ({
    name,
    run: async (context: Context) => {
      // Nodes run where the ledger is: another server leaves the step to that one.
      await onLedger(() => dependencies.steps.requireLedger());
      const network = dependencies.directory.row("networks", context.input.networkId);
      if (network === undefined) throw new PlatformError("NETWORK_UNKNOWN");
      await work(context, network);
    },
  });
  const nodesOf = ({ networkId }: NetworkRow) =>
    dependencies.directory
      .table("nodes")
      .all()
      .filter((node) => node.networkId === networkId);
  const eachNode = async ({ checkpoint }: Context, network: NetworkRow, work: (node: NodeRow) => Promise<void>) => {
    const nodes = nodesOf(network);
    for (const [done, node] of nodes.entries()) {
      await work(node);
      await checkpoint(Math.floor((100 * (done + 1)) / nodes.length));
    }
  };
  return {
    kind: "network-creation",
    steps: [
      step("organizations", (context, network) => makeOrganizations(context, network, dependencies)),
      step("certificates", (context, network) =>
        eachNode(context, network, (node) => dependencies.certificates.ensure(node)),
      ),
      step("nodes", (context, network) => eachNode(context, network, (node) => dependencies.runner.start(node.nodeId))),
      step("open", async ({ save }, network) => {
        await setStatus(network.networkId, "active", dependencies);
        const endpoints = nodesOf(network).map(({ name, host, port }) => ({ name, endpoint: `${host}:${port}` }));
        await save({ networkId: network.networkId, endpoints });
      }),
    ],
    compensate: async ({ input }) => {
      const network = dependencies.directory.row("networks", input.networkId);
      // Once it was open it stays so: the job has only failed to say it.
      if (network === undefined || network.status === "active") return;
      for (const { nodeId } of nodesOf(network)) await dependencies.runner.stop(nodeId);
      await setStatus(input.networkId, "failed", dependencies);
    },
  };
}

async function makeOrganizations(
  { checkpoint }: Context,
  network: NetworkRow,
  dependencies: NetworkCreationDependencies,
) {
  const { directory, sealer } = dependencies;
  for (const [done, mspId] of network.organizations.entries()) {
    await directory.change(async () => {
      requireOrganizationFree(mspId, network.tenantId, directory);
      if (directory.organization(mspId) !== undefined) return { changes: [], result: undefined };
      const row = await issueOrganization({ name: mspId, mspId, accountUid: network.accountUid }, dependencies);
      const changes: ControlChange[] = [
        { table: "organizations", row },
        ...toChanges(organizationRecords(row, sealer)),
      ];
      const resource = { kind: "organization", id: mspId };
      const detail = { networkId: network.networkId, accountUid: network.accountUid };
      const audit = [auditEntry(undefined, { action: "pki:organization:create", resource, detail }, dependencies)];
      return { changes, audit, result: undefined };
    });
    await checkpoint(Math.floor((100 * (done + 1)) / network.organizations.length));
  }
}

function setStatus(
  networkId: string,
  status: NetworkRow["status"],
  { directory }: NetworkCreationDependencies,
): Promise<void> {
  return directory.change(async () => {
    const row = directory.row("networks", networkId);
    const changes =
      row === undefined || row.status === status ? [] : [{ table: "networks", row: { ...row, status } } as const];
    return { changes, result: undefined };
  });
}

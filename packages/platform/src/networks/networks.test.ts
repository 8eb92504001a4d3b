import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fabricError } from "../testing/fake-fabric.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import { createNetwork, createNetworkCast, type NetworkCast, nodeNamed, untilListening } from "./networks.fixture.ts";
import type { NewNetwork } from "./ports.ts";

let harness: Harness;
let cast: NetworkCast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createNetworkCast(harness);
});
afterEach(() => harness.dispose());

const networks = () => harness.platform.networks;
const nodes = () => networks().listNodes(cast.owner, cast.network.networkId);

describe("a new network", () => {
  it("has its organizations, certificates and listening nodes, each with a port of its own", async () => {
    expect(cast.network).toMatchObject({
      name: "net",
      status: "active",
      organizations: ["AlphaMSP", "BetaMSP"],
      channelIds: [],
    });
    const found = await nodes();
    expect(found.map(({ name, kind, mspId, listening }) => [name, kind, mspId, listening])).toEqual([
      ["orderer0.alphamsp.net", "orderer", "AlphaMSP", true],
      ["peer0.alphamsp.net", "peer", "AlphaMSP", true],
      ["peer0.betamsp.net", "peer", "BetaMSP", true],
    ]);
    expect(new Set(found.map(({ endpoint }) => endpoint)).size).toBe(3);
    const { items } = await harness.platform.certificates.list(cast.owner, { mspId: "BetaMSP", offset: 0, limit: 100 });
    expect(items.map(({ role, purpose }) => `${role} ${purpose}`).sort()).toEqual([
      "admin identity",
      "checkpoint identity",
      "peer identity",
      "peer tls",
    ]);
    const config = harness.fabric.configOf(found[2]?.nodeId ?? "");
    expect(config?.tls.clientAuthorities).toBeUndefined();
    expect(config?.tls.authorities).toHaveLength(1);
  });

  it("belongs to the account, as its organizations do", async () => {
    const organization = await harness.platform.organizations.get(cast.owner, "AlphaMSP");
    expect(organization).toMatchObject({ accountUid: cast.owner.principal.uid, tenantId: cast.owner.tenantId });
    const own = await harness.platform.organizations.list(cast.owner, { offset: 0, limit: 10 });
    expect(own.items.map(({ mspId }) => mspId)).toEqual(["AlphaMSP", "BetaMSP", cast.owner.principal.mspId]);
  });

  it("asks clients for certificates of its TLS authorities where it is mutual", async () => {
    const { networkId } = await createNetwork(harness, cast.owner, { name: "mutual", mutualTls: true });
    const node = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.mutual");
    expect(harness.fabric.configOf(node.nodeId)?.tls.clientAuthorities).toHaveLength(2);
  });

  it.each([
    ["another's organization", { organizations: ["OTHER"] }, "ORGANIZATION_UNKNOWN"],
    ["an id like an account's", { organizations: ["Org1234567890123456MSP"] }, "NAME_INVALID"],
    ["the same organization twice", { organizations: ["XMSP", "xmsp"] }, "NAME_INVALID"],
    ["no organization", { organizations: [] }, "NETWORK_LIMIT_REACHED"],
    ["too many peers", { peersPerOrganization: 6 }, "NETWORK_LIMIT_REACHED"],
    ["a malformed name", { name: "Net" }, "NAME_INVALID"],
    ["a name without room", { name: "n".repeat(48), organizations: ["A".repeat(20)] }, "NAME_INVALID"],
    ["a taken name", { name: "net" }, "NAME_EXISTS"],
    ["an unknown project", { projectId: "f".repeat(32) }, "PROJECT_UNKNOWN"],
  ] as readonly [string, Partial<NewNetwork>, string][])("refuses %s", async (_, input, code) => {
    const { principal } = await harness.platform.accounts.createAccount(cast.administrator, { name: "other" });
    const organizations = input.organizations?.map((mspId) => (mspId === "OTHER" ? principal.mspId : mspId));
    const asked = { name: "second", ...input, organizations: organizations ?? ["GammaMSP"] };
    expect(await codeOf(networks().create(cast.owner, asked))).toBe(code);
    expect(await networks().list(cast.owner)).toHaveLength(1);
  });

  it("takes the account's own organization, and no name that another tenant was promised", async () => {
    const own = cast.owner.principal.mspId;
    expect((await createNetwork(harness, cast.owner, { name: "own", organizations: [own] })).organizations).toEqual([
      own,
    ]);
    const { principal } = await harness.platform.accounts.createAccount(cast.administrator, { name: "other" });
    const other = harness.callerOf(principal);
    const taken = networks().create(other, { name: "mine", organizations: ["BetaMSP"] });
    expect(await codeOf(taken)).toBe("ORGANIZATION_UNKNOWN");
  });

  it("fails as a whole when a node cannot be started, says why, and can be deleted", async () => {
    harness.fabric.failures.set("startNode", fabricError("NODE_PORT_TAKEN"));
    const { network, job } = await networks().create(cast.owner, { name: "broken", organizations: ["GammaMSP"] });
    expect(await harness.platform.jobs.ended(job.jobId)).toMatchObject({
      status: "failed",
      error: { code: "NODE_NOT_STARTED" },
    });
    expect(await networks().get(cast.owner, network.networkId)).toMatchObject({ status: "failed" });
    // The job says why; what shall not run needs no alarm.
    const alarms = await harness.platform.alarms.list(cast.owner, { openOnly: true, offset: 0, limit: 10 });
    expect(alarms.items).toEqual([]);
    await networks().delete(cast.owner, network.networkId);
    expect(await networks().list(cast.owner)).toHaveLength(1);
    expect(harness.platform.provisioning.directory.table("nodes").all()).toHaveLength(3);
  });
});

describe("nodes", () => {
  it("come back at their ports when the server starts again, except those that were stopped", async () => {
    const before = await nodes();
    const peer = before[1]?.nodeId ?? "";
    await networks().stopNode(cast.owner, cast.network.networkId, peer);
    await harness.restart();
    const after = await untilListening(harness, cast.owner, cast.network.networkId);
    expect(after.map(({ endpoint }) => endpoint)).toEqual(before.map(({ endpoint }) => endpoint));
    expect(after.map(({ listening }) => listening)).toEqual([true, false, true]);
    expect(harness.platform.provisioning.networkEndpoints().map(({ node }) => node)).toEqual([
      "orderer0.alphamsp.net",
      "peer0.betamsp.net",
    ]);
    const started = await networks().startNode(cast.owner, cast.network.networkId, peer);
    expect(started).toMatchObject({ listening: true, endpoint: before[1]?.endpoint });
  });

  it("that cannot be started leave an alarm, and do not hinder the others or the start", async () => {
    harness.fabric.failures.set("startNode", fabricError("NODE_PORT_TAKEN"));
    await harness.restart();
    const first = await untilSettled();
    expect(first.map(({ listening }) => listening).sort()).toEqual([false, true, true]);
    const open = () =>
      harness.platform.alarms.list(cast.owner, { openOnly: true, kind: "network-node", offset: 0, limit: 10 });
    expect((await open()).total).toBe(1);
    const down = first.find(({ listening }) => !listening)?.nodeId ?? "";
    expect(await networks().startNode(cast.owner, cast.network.networkId, down)).toMatchObject({ listening: true });
    expect((await open()).total).toBe(0);
  });

  it("are restarted with the certificates that were renewed", async () => {
    const { networkId } = cast.network;
    const node = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.net");
    const before = harness.fabric.configOf(node.nodeId);
    harness.clock.advance(340 * 86_400_000);
    await harness.platform.provisioning.certificateWatch.scan();
    await untilChanged(() => harness.fabric.configOf(node.nodeId)?.tls.certificatePem, before?.tls.certificatePem);
    const after = harness.fabric.configOf(node.nodeId);
    expect(after?.identity.certificatePem).not.toBe(before?.identity.certificatePem);
    expect(after?.listen.port).toBe(Number(node.endpoint.split(":")[1]));
  });

  it("get a new certificate for one that was revoked when they are started, not for one that is frozen", async () => {
    const { networkId } = cast.network;
    const { nodeId, mspId } = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.net");
    const { certificates } = harness.platform;
    const find = async () =>
      (
        await certificates.list(cast.owner, {
          mspId,
          role: "peer",
          purpose: "identity",
          currentOnly: true,
          offset: 0,
          limit: 9,
        })
      ).items;
    const [first] = await find();
    if (first === undefined) throw new Error("The peer has no certificate.");
    await networks().stopNode(cast.owner, networkId, nodeId);
    await certificates.freeze(cast.owner, first);
    expect(await codeOf(networks().startNode(cast.owner, networkId, nodeId))).toBe("CERTIFICATE_NOT_USABLE");
    await certificates.revoke(cast.owner, first, "keyCompromise");
    await networks().startNode(cast.owner, networkId, nodeId);
    const [second] = await find();
    expect(harness.fabric.configOf(nodeId)?.identity.certificatePem).toBe(second?.certificatePem);
    expect(second?.serialNumber).not.toBe(first.serialNumber);
  });

  async function untilSettled() {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    return nodes();
  }
});

async function untilChanged(read: () => unknown, before: unknown): Promise<void> {
  for (let turn = 0; turn < 2_000 && (read() === before || read() === undefined); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("access to networks", () => {
  it("is the tenant's own, by grants for its users, and within the credential's project", async () => {
    const { networkId, projectId } = cast.network;
    const { accounts, tenancy } = harness.platform;
    const { principal: stranger } = await accounts.createAccount(cast.administrator, { name: "stranger" });
    const other = harness.callerOf(stranger);
    expect(await codeOf(networks().get(other, networkId))).toBe("NETWORK_UNKNOWN");
    expect(await networks().list(other)).toEqual([]);
    const { principal } = await accounts.createRamUser(cast.owner, {
      accountUid: cast.owner.principal.uid,
      name: "user",
    });
    const user = harness.callerOf(principal);
    expect(await codeOf(networks().list(user))).toBe("ACCESS_DENIED");
    const grantee = { granteeKind: "user", granteeId: principal.uid } as const;
    await tenancy.grants.create(cast.owner, {
      policyId: "Concordat Auditor",
      ...grantee,
      scopeKind: "project",
      scopeId: projectId,
    });
    expect(await networks().list(user)).toHaveLength(1);
    expect(await networks().listNodes(user, networkId)).toHaveLength(3);
    expect(await codeOf(networks().delete(user, networkId))).toBe("ACCESS_DENIED");
    expect(await codeOf(networks().createConnection(user, { networkId, mspId: "BetaMSP" }))).toBe("ACCESS_DENIED");
    const scoped = {
      ...cast.owner,
      scope: { kind: "project", tenantId: cast.owner.tenantId, projectId: "f".repeat(32) },
    } as const;
    expect(await codeOf(networks().get(scoped, networkId))).toBe("ACCESS_DENIED");
    expect(await networks().get(cast.administrator, networkId)).toMatchObject({ networkId });
  });

  it("is recorded where something changes", async () => {
    const { networkId } = cast.network;
    const [node] = await nodes();
    await networks().stopNode(cast.owner, networkId, node?.nodeId ?? "");
    await networks().startNode(cast.owner, networkId, node?.nodeId ?? "");
    await networks().delete(cast.owner, networkId);
    for (const action of [
      "network:network:create",
      "network:node:stop",
      "network:node:start",
      "network:network:delete",
    ]) {
      expect(await harness.auditCount(action), action).toBe(1);
    }
    expect(await harness.auditCount("pki:organization:create")).toBe(2);
  });
});

it("needs no Fabric where there is no network", async () => {
  const empty = await Harness.start();
  await empty.bootstrap();
  await empty.restart();
  expect(empty.fabricOpenings).toBe(0);
  await empty.dispose();
});

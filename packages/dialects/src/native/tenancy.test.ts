import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
let owner: typeof root;
let accountUid: string;
beforeAll(async () => {
  world = await openNativeWorld();
  const { accessKey } = await world.harness.bootstrap();
  root = world.clientOf(accessKey);
  const made = await root.createAccount({ name: "Shipper" });
  accountUid = made.principal.uid;
  owner = world.clientOf({ accessKeyId: made.accessKey.accessKeyId, secret: made.accessKey.accessKeySecret });
});
afterAll(() => world.dispose());

const getDetail = { Version: "1.1", Statement: [{ Effect: "Allow", Action: ["iam:user:list"] }] };

/** A user of the tenant with an access key, and what it is called. */
async function newUser(name: string) {
  const { principal, accessKey } = await owner.createRamUser({ accountUid, name });
  const client = world.clientOf({ accessKeyId: accessKey.accessKeyId, secret: accessKey.accessKeySecret });
  return { uid: principal.uid, client };
}

it("a new tenant has a project and the default enterprise project; more are made and changed", async () => {
  const { tenants } = await owner.listTenants({});
  expect(tenants).toMatchObject([{ name: "Shipper", accountUid, enabled: true }]);
  expect((await root.listTenants({ pageSize: 2 })).tenants).toHaveLength(2);
  const tenantId = tenants[0]?.tenantId ?? "";
  expect(await owner.updateTenant({ tenantId, name: "Carrier" })).toMatchObject({ name: "Carrier" });
  expect(await root.getTenant({ tenantId })).toMatchObject({ name: "Carrier" });
  expect(await codeOf(owner.updateTenant({ tenantId, enabled: false }))).toBe("ACCESS_DENIED");

  expect((await owner.listProjects({})).projects).toMatchObject([{ name: "cn-north-4", tenantId }]);
  const { projectId } = await owner.createProject({ name: "second", description: "d" });
  expect(await owner.updateProject({ projectId, enabled: false })).toMatchObject({ description: "d", enabled: false });
  expect((await owner.listProjects({ enabled: false })).projects).toMatchObject([{ projectId }]);
  expect((await root.listProjects({ tenantId, name: "second" })).total).toBe(1);
  await owner.deleteProject({ projectId });
  expect(await codeOf(owner.getProject({ projectId }))).toBe("PROJECT_UNKNOWN");

  const { enterpriseProjectId } = await owner.createEnterpriseProject({ name: "Cold chain" });
  expect((await owner.listEnterpriseProjects({})).enterpriseProjects.map(({ name }) => name).sort()).toEqual([
    "Cold chain",
    "default",
  ]);
  const renamed = await owner.updateEnterpriseProject({ enterpriseProjectId, name: "Warm chain", enabled: false });
  expect(await owner.getEnterpriseProject({ enterpriseProjectId })).toEqual(renamed);
  expect(await codeOf(owner.updateEnterpriseProject({ enterpriseProjectId: "0", enabled: false }))).toBe(
    "RESOURCE_IN_USE",
  );
});

it("users are made, looked at, disabled and removed", async () => {
  const { uid, hasPassword } = await owner.createUser({ name: "signs-in", password: "a long pass phrase" });
  expect(hasPassword).toBe(true);
  expect(await codeOf(owner.createUser({ name: "weak", password: "aaaaaaaa" }))).toBe("PASSWORD_INVALID");
  expect((await owner.listUsers({ name: "signs-in" })).users).toMatchObject([{ uid, hasPassword: true }]);
  expect(await owner.updateUser({ uid, enabled: false })).toMatchObject({ enabled: false });
  expect(await root.getUser({ uid })).toMatchObject({ name: "signs-in", enabled: false });
  await owner.deleteUser({ uid });
  expect(await codeOf(owner.getUser({ uid }))).toBe("USER_UNKNOWN");
});

it("a user may do what a policy gives it, by itself or by its group, and nothing else", async () => {
  const { uid, client } = await newUser("clerk");
  expect(await codeOf(client.listUsers({}))).toBe("ACCESS_DENIED");
  expect(await client.getUser({ uid })).toMatchObject({ name: "clerk" });
  const { policyId } = await owner.createPolicy({ name: "Listing users", document: getDetail });
  expect(await owner.getPolicy({ policyId })).toMatchObject({ kind: "custom", document: getDetail });
  const grant = { policyId, granteeKind: "user", granteeId: uid, scopeKind: "tenant" } as const;
  const { grantId } = await owner.createGrant(grant);
  expect(await owner.getGrant({ grantId })).toMatchObject(grant);
  expect((await client.listUsers({})).total).toBeGreaterThan(1);
  expect(await codeOf(client.listGroups({}))).toBe("ACCESS_DENIED");
  await owner.deleteGrant({ grantId });
  expect(await codeOf(client.listUsers({}))).toBe("ACCESS_DENIED");

  const { groupId } = await owner.createGroup({ name: "Auditors" });
  await owner.addGroupMember({ groupId, uid });
  expect((await owner.listGroupMembers({ groupId })).users).toMatchObject([{ uid }]);
  await owner.createGrant({
    policyId: "Concordat Auditor",
    granteeKind: "group",
    granteeId: groupId,
    scopeKind: "tenant",
  });
  expect((await owner.listGrants({ granteeId: groupId })).total).toBe(1);
  expect((await client.listPolicies({ kind: "system" })).policies).toHaveLength(6);
  expect(await client.getPolicy({ policyId: "Concordat Auditor" })).toMatchObject({ kind: "system", tenantId: null });
  expect(await codeOf(client.createGroup({ name: "more" }))).toBe("ACCESS_DENIED");
  expect(await owner.updateGroup({ groupId, name: "Readers" })).toMatchObject({ name: "Readers" });
  await owner.removeGroupMember({ groupId, uid });
  expect(await codeOf(client.getGroup({ groupId }))).toBe("ACCESS_DENIED");
  await owner.deleteGroup({ groupId });
  expect((await owner.listGroups({ name: "Readers" })).total).toBe(0);
});

it("a policy is refused with the place of its fault, changed for all that have it, and kept while it is granted", async () => {
  const { uid, client } = await newUser("driver");
  const document = { Version: "1.1", Statement: [{ Effect: "Allow", Action: ["iam:group:list"], NotAction: [] }] };
  const refused = owner.createPolicy({ name: "Broken", document });
  await expect(refused).rejects.toMatchObject({
    code: "POLICY_INVALID",
    status: 422,
    title: "Statement[0].NotAction is not supported.",
  });
  const Condition = { IpAddress: { "g:SourceIp": ["127.0.0.0/8"] }, StringEquals: { "g:UserName": ["driver"] } };
  const Statement = [{ Effect: "Allow", Action: ["iam:group:list"], Resource: ["iam:*:*:*:*"], Condition }];
  const { policyId } = await owner.createPolicy({ name: "Conditional", document: { Version: "1.1", Statement } });
  await owner.createGrant({ policyId, granteeKind: "user", granteeId: uid, scopeKind: "tenant" });
  expect((await client.listGroups({})).total).toBe(0);
  expect(await codeOf(owner.deletePolicy({ policyId }))).toBe("RESOURCE_IN_USE");
  await owner.updatePolicy({ policyId, document: getDetail });
  expect(await codeOf(client.listGroups({}))).toBe("ACCESS_DENIED");
  await owner.deleteUser({ uid });
  await owner.deletePolicy({ policyId });
  expect(await codeOf(owner.getPolicy({ policyId }))).toBe("POLICY_UNKNOWN");
});

it("device products are registered under a chain of the tenant", async () => {
  const { bizChainId } = await root.createChain({ name: "Cold-chain", administratorUid: accountUid });
  const { productKey } = await owner.createDeviceProduct({ name: "Thermometer", bizChainId });
  expect(await owner.getDeviceProduct({ productKey })).toMatchObject({ name: "Thermometer", bizChainId });
  expect((await owner.listDeviceProducts({ bizChainId })).deviceProducts).toMatchObject([{ productKey }]);
  expect(await codeOf(root.createDeviceProduct({ name: "Thermometer", bizChainId }))).toBe("CHAIN_UNKNOWN");
  await owner.deleteDeviceProduct({ productKey });
  expect(await codeOf(owner.getDeviceProduct({ productKey }))).toBe("PRODUCT_UNKNOWN");
});

it("everybody in a disabled tenant is refused", async () => {
  const [tenant] = (await owner.listTenants({})).tenants;
  const tenantId = tenant?.tenantId ?? "";
  await root.updateTenant({ tenantId, enabled: false });
  expect(await codeOf(owner.listUsers({}))).toEqual(
    expect.stringMatching(/PRINCIPAL_DISABLED|ACCESS_DENIED|CREDENTIALS/),
  );
  await root.updateTenant({ tenantId, enabled: true });
  expect((await owner.listUsers({})).total).toBeGreaterThan(0);
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let root: Caller;
let account: Caller;
let user: Caller;
beforeEach(async () => {
  harness = await Harness.start({ tenancy: { projectName: "eu-north-0" } });
  cast = await createCast(harness);
  root = harness.callerOf(cast.administrator);
  account = harness.callerOf(cast.memberAccount);
  user = harness.callerOf(cast.memberPrincipal);
});
afterEach(() => harness.dispose());

const tenancy = () => harness.platform.tenancy;
const page = { page: 1, pageSize: 10 };

describe("tenants", () => {
  it("are made with their account, each with a project and the default enterprise project", async () => {
    const tenant = await tenancy().tenants.get(account, account.tenantId);
    expect(tenant).toMatchObject({
      tenantId: expect.stringMatching(/^[0-9a-f]{32}$/),
      accountUid: cast.memberAccount.uid,
      name: "member-company",
      enabled: true,
    });
    expect(await tenancy().projects.list(account, page)).toMatchObject({
      total: 1,
      items: [{ projectId: expect.stringMatching(/^[0-9a-f]{32}$/), name: "eu-north-0", enabled: true }],
    });
    expect(await tenancy().enterpriseProjects.list(account, page)).toMatchObject({
      total: 1,
      items: [{ enterpriseProjectId: "0", name: "default" }],
    });
  });

  it("of earlier versions get what they lack, once", async () => {
    const { state } = await harness.store.load();
    await harness.commit([
      ...state.projects.map((row) => ({ table: "projects", row, remove: true }) as const),
      ...state.enterpriseProjects.map((row) => ({ table: "enterpriseProjects", row, remove: true }) as const),
    ]);
    await harness.restart();
    const completed = await harness.store.load();
    expect(completed.state.projects.map(({ tenantId }) => tenantId).sort()).toEqual(
      state.tenants.map(({ tenantId }) => tenantId).sort(),
    );
    expect(completed.state.enterpriseProjects).toHaveLength(state.tenants.length);
    expect(await auditTrail(harness.store, "iam:tenant:complete")).toMatchObject([{ uid: null, detail: { rows: 8 } }]);
    await harness.restart();
    expect(await harness.store.load()).toEqual(completed);
  });

  it("are listed to installation administrators whole, to others as their own", async () => {
    expect((await tenancy().tenants.list(root, page)).total).toBe(4);
    expect((await tenancy().tenants.list(root, { ...page, name: "stranger" })).items).toMatchObject([
      { name: "stranger" },
    ]);
    expect((await tenancy().tenants.list(user, page)).items).toMatchObject([{ tenantId: account.tenantId }]);
    const narrow: Caller = { ...root, scope: { kind: "unscoped" } };
    expect((await tenancy().tenants.list(narrow, page)).items).toMatchObject([{ tenantId: root.tenantId }]);
    expect(await codeOf(tenancy().tenants.get(account, root.tenantId))).toBe("TENANT_UNKNOWN");
    expect(await codeOf(tenancy().tenants.get(user, root.tenantId))).toBe("ACCESS_DENIED");
    expect(await codeOf(tenancy().tenants.list(root, { page: 0, pageSize: 1 }))).toBe("PAGE_INVALID");
    expect(await codeOf(tenancy().tenants.list(root, { page: 1, pageSize: 1_001 }))).toBe("PAGE_INVALID");
  });

  it("are renamed by their account; its organization keeps its name", async () => {
    const { tenantId } = account;
    expect(await tenancy().tenants.update(account, { tenantId, name: "renamed" })).toMatchObject({ name: "renamed" });
    expect(await codeOf(tenancy().tenants.update(account, { tenantId, name: "stranger" }))).toBe("NAME_EXISTS");
    expect(await codeOf(tenancy().tenants.update(account, { tenantId, name: "x" }))).toBe("NAME_INVALID");
    expect(await codeOf(tenancy().tenants.update(user, { tenantId, name: "mine" }))).toBe("ACCESS_DENIED");
    const taken = harness.platform.accounts.createAccount(root, { name: "renamed" });
    expect(await codeOf(taken)).toBe("NAME_EXISTS");
    expect(harness.platform.provisioning.directory.organization(cast.memberAccount.mspId)?.name).toBe("member-company");
    expect(await auditTrail(harness.store, "iam:tenant:update")).toMatchObject([
      { resourceId: tenantId, uid: cast.memberAccount.uid, tenantId, detail: { name: "renamed" } },
    ]);
  });

  it("are switched by installation administrators, and everybody in them with them", async () => {
    const { tenantId } = account;
    const set = (caller: Caller, id: string, enabled: boolean) =>
      tenancy().tenants.update(caller, { tenantId: id, enabled });
    expect(await codeOf(set(account, tenantId, false))).toBe("ACCESS_DENIED");
    expect(await codeOf(set(root, root.tenantId, false))).toBe("RESOURCE_IN_USE");
    expect(await set(root, tenantId, false)).toMatchObject({ enabled: false });
    expect(await codeOf(tenancy().projects.list(account, page))).toBe("ACCESS_DENIED");
    const { bizChainId } = cast.chain.chain;
    expect(await codeOf(harness.platform.chains.get(cast.memberPrincipal, bizChainId))).toBe("ACCESS_DENIED");
    await set(root, tenantId, true);
    expect(await harness.platform.chains.get(cast.memberPrincipal, bizChainId)).toMatchObject({ role: "member" });
  });
});

describe("projects", () => {
  const create = (name: string, caller = account) => tenancy().projects.create(caller, { name });

  it("are made, found, renamed and switched off", async () => {
    const { projectId } = await create("eu-north-0_test");
    await create("second");
    const list = (query: object) => tenancy().projects.list(account, { ...page, ...query });
    expect((await list({ name: "eu-north-0_test" })).items).toMatchObject([{ projectId }]);
    expect((await list({})).items.map(({ name }) => name).sort()).toEqual(["eu-north-0", "eu-north-0_test", "second"]);
    const changed = { projectId, name: "third", description: "说明", enabled: false };
    expect(await tenancy().projects.update(account, changed)).toMatchObject(changed);
    expect((await list({ enabled: false })).items).toMatchObject([changed]);
    expect((await list({ enabled: true })).total).toBe(2);
    await harness.restart();
    expect(await tenancy().projects.get(account, projectId)).toMatchObject(changed);
    expect((await auditTrail(harness.store, "iam:project:")).map(({ action }) => action).sort()).toEqual([
      "iam:project:create",
      "iam:project:create",
      "iam:project:update",
    ]);
  });

  it("are refused with the reason", async () => {
    const { projectId } = await create("second");
    expect(await codeOf(create("second"))).toBe("NAME_EXISTS");
    expect(await codeOf(create("no spaces"))).toBe("NAME_INVALID");
    expect(await codeOf(create("mine", user))).toBe("ACCESS_DENIED");
    expect(await codeOf(tenancy().projects.create(account, { name: "a", description: "x".repeat(256) }))).toBe(
      "DESCRIPTION_INVALID",
    );
    expect(await codeOf(tenancy().projects.create(account, { name: "a", tenantId: root.tenantId }))).toBe(
      "ACCESS_DENIED",
    );
    expect(await codeOf(tenancy().projects.create(root, { name: "a", tenantId: "0" }))).toBe("TENANT_UNKNOWN");
    expect(await codeOf(tenancy().projects.update(account, { projectId, name: "eu-north-0" }))).toBe("NAME_EXISTS");
    // Another tenant's is as unknown as one that never was.
    expect(await codeOf(tenancy().projects.get(harness.callerOf(cast.stranger), projectId))).toBe("PROJECT_UNKNOWN");
    expect(await codeOf(tenancy().projects.get(account, "0"))).toBe("PROJECT_UNKNOWN");
    expect(await tenancy().projects.get(root, projectId)).toMatchObject({ name: "second" });
  });

  it("are removed when nothing uses them", async () => {
    const [first] = (await tenancy().projects.list(account, page)).items;
    const remove = (projectId = "") => codeOf(tenancy().projects.delete(account, projectId));
    expect(await remove(first?.projectId)).toBe("RESOURCE_IN_USE");
    const { projectId } = await create("second");
    const { uid } = cast.memberPrincipal;
    const grant = await tenancy().grants.create(account, {
      policyId: "BCS Fabric FullAccess",
      granteeKind: "user",
      granteeId: uid,
      scopeKind: "project",
      scopeId: projectId,
    });
    expect(await remove(projectId)).toBe("RESOURCE_IN_USE");
    await tenancy().grants.delete(account, grant.grantId);
    const job = {
      jobId: "job",
      tenantId: account.tenantId,
      projectId,
      uid,
      kind: "k",
      resourceKind: "r",
      resourceId: "r",
      resourceName: "r",
      input: "{}",
      status: "running",
      steps: "[]",
      output: "{}",
      progress: 0,
      error: null,
      createdMs: 1,
      startedMs: null,
      endedMs: null,
      updatedMs: 1,
      runner: null,
      runnerUntilMs: null,
      fencing: 0,
    } as const;
    await harness.store.database.insertInto("jobs").values(job).execute();
    expect(await remove(projectId)).toBe("RESOURCE_IN_USE");
    await harness.store.database.updateTable("jobs").set({ endedMs: 2 }).execute();
    expect(await remove(projectId)).toEqual({ answered: undefined });
    expect(await remove(projectId)).toBe("PROJECT_UNKNOWN");
  });

  it("are shown to users who may do something in them", async () => {
    const { projectId } = await create("second");
    const off = await create("off");
    await tenancy().projects.update(account, { projectId: off.projectId, enabled: false });
    const accessible = async (caller: Caller) =>
      (await tenancy().projects.listAccessible(caller, page)).items.map(({ name }) => name).sort();
    expect(await accessible(account)).toEqual(["eu-north-0", "second"]);
    expect(await accessible({ ...user, scope: { kind: "unscoped" } })).toEqual([]);
    const grant = {
      policyId: "BCS Fabric ReadOnlyAccess",
      granteeKind: "user",
      granteeId: cast.memberPrincipal.uid,
    } as const;
    await tenancy().grants.create(account, { ...grant, scopeKind: "project", scopeId: projectId });
    expect(await accessible({ ...user, scope: { kind: "unscoped" } })).toEqual(["second"]);
    await tenancy().grants.create(account, { ...grant, scopeKind: "tenant" });
    expect(await accessible(user)).toEqual(["eu-north-0", "second"]);
  });
});

describe("enterprise projects", () => {
  it("are made, renamed and switched off; the default one stays", async () => {
    const { enterpriseProjects } = tenancy();
    const { enterpriseProjectId } = await enterpriseProjects.create(account, { name: "Cold chain" });
    expect(enterpriseProjectId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const changed = { enterpriseProjectId, name: "Warm chain", description: "d", enabled: false };
    expect(await enterpriseProjects.update(account, changed)).toMatchObject(changed);
    expect((await enterpriseProjects.list(account, { ...page, enabled: false })).items).toMatchObject([changed]);
    expect(await enterpriseProjects.get(account, { enterpriseProjectId })).toMatchObject(changed);
    const other = { tenantId: account.tenantId, enterpriseProjectId };
    expect(await enterpriseProjects.get(root, other)).toMatchObject(changed);
    expect(await codeOf(enterpriseProjects.get(harness.callerOf(cast.stranger), other))).toBe(
      "ENTERPRISE_PROJECT_UNKNOWN",
    );
    for (const refused of [{ name: "other" }, { enabled: false }]) {
      const update = enterpriseProjects.update(account, { enterpriseProjectId: "0", ...refused });
      expect(await codeOf(update)).toBe("RESOURCE_IN_USE");
    }
    expect(await codeOf(enterpriseProjects.create(account, { name: "Warm chain" }))).toBe("NAME_EXISTS");
    expect(await codeOf(enterpriseProjects.create(account, { name: " led" }))).toBe("NAME_INVALID");
    expect(await codeOf(enterpriseProjects.create(user, { name: "mine" }))).toBe("ACCESS_DENIED");
  });
});

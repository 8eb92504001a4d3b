import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import type { NewGrant } from "./ports.ts";

let harness: Harness;
let cast: Cast;
let account: Caller;
let user: Caller;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  account = harness.callerOf(cast.memberAccount);
  user = harness.callerOf(cast.memberPrincipal);
});
afterEach(() => harness.dispose());

const tenancy = () => harness.platform.tenancy;
const page = { page: 1, pageSize: 20 };
const documentOf = (Effect: "Allow" | "Deny", ...Action: readonly string[]) => ({
  Version: "1.1",
  Statement: [{ Effect, Action }],
});
const create = (name: string, document: unknown = documentOf("Allow", "iam:user:list")) =>
  tenancy().policies.create(account, { name, document });
const grantTo = (policyId: string, further: Partial<NewGrant> = {}) =>
  tenancy().grants.create(account, {
    policyId,
    granteeKind: "user",
    granteeId: cast.memberPrincipal.uid,
    scopeKind: "tenant",
    ...further,
  });

describe("policies", () => {
  it("are made of checked documents, listed after the system's, changed and removed", async () => {
    const { policies } = tenancy();
    const { policyId, kind } = await create("Readers of names");
    expect([policyId, kind]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), "custom"]);
    const all = (await policies.list(account, page)).items;
    expect(all.map(({ name }) => name)).toEqual([
      "BCS Fabric FullAccess",
      "BCS Fabric ReadOnlyAccess",
      "BCS HuaweiCloudChain FullAccess",
      "BCS HuaweiCloudChain ReadOnlyAccess",
      "Concordat Administrator",
      "Concordat Auditor",
      "Readers of names",
    ]);
    expect((await policies.list(account, { ...page, kind: "custom" })).total).toBe(1);
    expect((await policies.list(harness.callerOf(cast.stranger), { ...page, kind: "custom" })).total).toBe(0);
    const document = documentOf("Deny", "bcs:*:*");
    expect(await policies.update(account, { policyId, document })).toMatchObject({
      name: "Readers of names",
      document,
    });
    await harness.restart();
    expect(await tenancy().policies.get(account, policyId)).toMatchObject({ document });
    await tenancy().policies.delete(account, policyId);
    expect(await codeOf(tenancy().policies.get(account, policyId))).toBe("POLICY_UNKNOWN");
    expect((await auditTrail(harness.store, "iam:policy:")).map(({ action }) => action).sort()).toEqual([
      "iam:policy:create",
      "iam:policy:delete",
      "iam:policy:update",
    ]);
  });

  it("are refused with the reason", async () => {
    const { policies } = tenancy();
    const { policyId } = await create("custom");
    expect(await codeOf(create("custom"))).toBe("NAME_EXISTS");
    expect(await codeOf(create("Concordat Auditor"))).toBe("NAME_EXISTS");
    expect(await codeOf(create(""))).toBe("NAME_INVALID");
    expect(await codeOf(create("broken", { Version: "1.1" }))).toBe("POLICY_INVALID");
    expect(await codeOf(policies.update(account, { policyId, document: {} }))).toBe("POLICY_INVALID");
    expect(await codeOf(policies.update(account, { policyId: "Concordat Auditor", name: "x" }))).toBe(
      "RESOURCE_IN_USE",
    );
    expect(await codeOf(policies.delete(account, "Concordat Auditor"))).toBe("RESOURCE_IN_USE");
    expect(await codeOf(policies.get(harness.callerOf(cast.stranger), policyId))).toBe("POLICY_UNKNOWN");
    expect(await codeOf(policies.create(user, { name: "mine", document: documentOf("Allow", "iam:*:*") }))).toBe(
      "ACCESS_DENIED",
    );
    await grantTo(policyId);
    expect(await codeOf(policies.delete(account, policyId))).toBe("RESOURCE_IN_USE");
  });
});

describe("grants", () => {
  const mayList = async () => (await codeOf(tenancy().users.list(user, page))) !== "ACCESS_DENIED";

  it("count from their commit on, for users and groups, and follow a changed policy", async () => {
    const { policyId } = await create("lister");
    expect(await mayList()).toBe(false);
    const { grantId } = await grantTo(policyId);
    expect(await mayList()).toBe(true);
    await harness.restart();
    expect(await mayList()).toBe(true);
    await tenancy().policies.update(account, { policyId, document: documentOf("Allow", "iam:group:list") });
    expect(await mayList()).toBe(false);
    await tenancy().policies.update(account, { policyId, document: documentOf("Allow", "iam:*:list*") });
    expect(await mayList()).toBe(true);
    await tenancy().grants.delete(account, grantId);
    expect(await mayList()).toBe(false);

    const { groupId } = await tenancy().groups.create(account, { name: "group" });
    await grantTo(policyId, { granteeKind: "group", granteeId: groupId });
    expect(await mayList()).toBe(false);
    await tenancy().groups.addMember(account, { groupId, uid: cast.memberPrincipal.uid });
    expect(await mayList()).toBe(true);
    const denial = await create("denial", documentOf("Deny", "iam:user:*"));
    await grantTo(denial.policyId);
    expect(await mayList()).toBe(false);
  });

  it("that deny bind users on business chains too, and never the account", async () => {
    const { chain } = cast.chain;
    const read = (caller: Principal) => {
      const key = { chainCode: chain.bizChainCode, key: keyOf(cast.member, 1) };
      return codeOf(harness.platform.evidence.get(caller, key));
    };
    expect(await read(cast.memberPrincipal)).toBe("EVIDENCE_UNKNOWN");
    const { policyId } = await create("no evidence", documentOf("Deny", "ltl:evidence:*"));
    await grantTo(policyId);
    expect(await read(cast.memberPrincipal)).toBe("ACCESS_DENIED");
    expect(await codeOf(harness.platform.chains.get(cast.memberPrincipal, chain.bizChainId))).toHaveProperty(
      "answered",
    );
    expect(await read(cast.administrator)).toBe("EVIDENCE_UNKNOWN");
  });

  it("are made once", async () => {
    const first = await grantTo("Concordat Auditor");
    expect(await grantTo("Concordat Auditor")).toEqual(first);
    expect(first).toMatchObject({ tenantId: account.tenantId, scopeKind: "tenant", scopeId: account.tenantId });
    const list = async (query: object) => (await tenancy().grants.list(account, { ...page, ...query })).total;
    expect(await list({})).toBe(1);
    expect(await list({ policyId: "Concordat Auditor", granteeId: cast.memberPrincipal.uid })).toBe(1);
    expect(await list({ scopeId: "0" })).toBe(0);
    expect(await auditTrail(harness.store, "iam:grant:")).toMatchObject([
      { action: "iam:grant:create", resourceId: first.grantId, detail: { policyId: "Concordat Auditor" } },
    ]);
  });

  it.each([
    ["POLICY_UNKNOWN", { policyId: "0" }],
    ["USER_UNKNOWN", { granteeId: "0" }],
    ["GROUP_UNKNOWN", { granteeKind: "group", granteeId: "0" }],
    ["TENANT_UNKNOWN", { scopeId: "0" }],
    ["PROJECT_UNKNOWN", { scopeKind: "project", scopeId: "0" }],
    ["PROJECT_UNKNOWN", { scopeKind: "project" }],
    ["ENTERPRISE_PROJECT_UNKNOWN", { scopeKind: "enterprise-project", scopeId: "1" }],
  ] as const)("name what there is: %s", async (code, further) => {
    expect(await codeOf(grantTo("Concordat Auditor", further))).toBe(code);
  });

  it("name what is of one tenant, and no account", async () => {
    const stranger = harness.callerOf(cast.stranger);
    const foreignUser = await tenancy().users.create(stranger, { name: "foreign" });
    expect(await codeOf(grantTo("Concordat Auditor", { granteeId: foreignUser.uid }))).toBe("USER_UNKNOWN");
    const [project] = (await tenancy().projects.list(stranger, page)).items;
    const scope = { scopeKind: "project", scopeId: project?.projectId ?? "" } as const;
    expect(await codeOf(grantTo("Concordat Auditor", scope))).toBe("PROJECT_UNKNOWN");
    const policy = await tenancy().policies.create(stranger, { name: "p", document: documentOf("Allow", "iam:*:*") });
    expect(await codeOf(grantTo(policy.policyId))).toBe("POLICY_UNKNOWN");
    expect(await codeOf(grantTo("Concordat Auditor", { granteeId: cast.memberAccount.uid }))).toBe(
      "ACCOUNT_KIND_REFUSED",
    );
    const { grantId } = await grantTo("Concordat Auditor");
    expect(await codeOf(tenancy().grants.get(stranger, grantId))).toBe("GRANT_UNKNOWN");
    expect(await codeOf(tenancy().grants.delete(user, grantId))).toBe("ACCESS_DENIED");
  });
});

import { expect, it } from "vitest";
import type { TenantRow } from "../control-store/rows.ts";
import type { Principal, Scope } from "../ports.ts";
import { type AccessFacts, type AccessQuestion, authorize, type EffectiveGrant } from "./authorize.ts";
import { compilePolicy } from "./compiled-policy.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import type { Resource } from "./resource.ts";

const nowMs = Date.UTC(2026, 10, 22, 12);
const tenants: Record<"own" | "off", TenantRow> = {
  own: { tenantId: "own", accountUid: "1", name: "own", enabled: true, createdMs: 0 },
  off: { tenantId: "own", accountUid: "1", name: "own", enabled: false, createdMs: 0 },
};

function principal(uid: string, fields: Partial<Principal> = {}): Principal {
  return {
    uid,
    userId: `user-${uid}`,
    accountUid: "1",
    kind: "ram-user",
    name: `name-${uid}`,
    mspId: "Org1MSP",
    ledgerServiceOpened: true,
    installationAdministrator: false,
    enabled: true,
    ...fields,
  };
}

const people = {
  account: principal("1", { kind: "account" }),
  user: principal("2"),
  administrator: principal("9", { kind: "account", installationAdministrator: true }),
  administratingUser: principal("8", { installationAdministrator: true }),
  disabled: principal("3", { enabled: false }),
  disabledAccount: principal("4", { kind: "account", enabled: false }),
  unopened: principal("5", { kind: "account", ledgerServiceOpened: false }),
  member: principal("6"),
  lockedMember: principal("10"),
  chainAdministrator: principal("7", { kind: "account" }),
};

const inOwn: Scope = { kind: "tenant", tenantId: "own" };
const inProject: Scope = { kind: "project", tenantId: "own", projectId: "p1" };
const nowhere: Scope = { kind: "unscoped" };

const resources = {
  user: { kind: "user", tenantId: "own" },
  otherUser: { kind: "user", tenantId: "other" },
  itself: { kind: "user", id: "2", tenantId: "own", ownerUid: "2" },
  ownKey: { kind: "accessKey", tenantId: "own", ownerUid: "2" },
  instance: { kind: "instance", id: "i1", tenantId: "own", projectId: "p1", enterpriseProjectId: "e1" },
  elsewhere: { kind: "instance", id: "i2", tenantId: "own", projectId: "p2", enterpriseProjectId: "e2" },
  list: { kind: "instance", tenantId: "own", projectId: "p1" },
  newInOff: { kind: "instance", tenantId: "own", projectId: "p1", enterpriseProjectId: "off" },
  oldInOff: { kind: "instance", id: "i3", tenantId: "own", projectId: "p1", enterpriseProjectId: "off" },
  nowhere: { kind: "instance", tenantId: "own", projectId: "gone" },
  stolen: { kind: "instance", tenantId: "own", projectId: "foreign" },
  offProject: { kind: "instance", tenantId: "own", projectId: "off" },
  lostGroup: { kind: "instance", tenantId: "own", projectId: "p1", enterpriseProjectId: "gone" },
  installation: { kind: "installation", tenantId: null },
  service: { kind: "ledger-service", tenantId: null },
  chain: { kind: "chain", id: "c", tenantId: "other", dataTypeCode: "AAAA" },
  chainOfLocked: { kind: "chain", id: "c", tenantId: "other", dataTypeCode: "LLLL" },
  chainOfMember: { kind: "chain", id: "c", tenantId: "other", dataTypeCode: "MMMM" },
  strangersChain: { kind: "chain", id: "d", tenantId: "other" },
  accountOfMembersChain: { kind: "chain", id: "e", tenantId: "other" },
} satisfies Record<string, Resource>;

function grant(
  effect: "Allow" | "Deny",
  action: string,
  scopeKind: EffectiveGrant["grant"]["scopeKind"] = "tenant",
  scopeId = "own",
  further: object = {},
): EffectiveGrant {
  const document = { Version: "1.1", Statement: [{ Effect: effect, Action: [action], ...further }] };
  return {
    grant: { tenantId: "own", scopeKind, scopeId },
    policy: compilePolicy(parsePolicyDocument(document)),
  };
}

const get = "bcs:fabricInstance:getDetail";
const allowGet = grant("Allow", get);
const from = (range: string) => ({ Condition: { IpAddress: { "g:SourceIp": [range] } } });
const only = (...ids: string[]) => ({ Resource: ids.map((id) => `bcs:*:*:instance:${id}`) });

type Row = readonly [
  who: keyof typeof people,
  scope: Scope,
  action: string,
  what: keyof typeof resources,
  expected: string,
  grants?: readonly EffectiveGrant[],
  further?: Partial<AccessQuestion>,
];

const yes = (reason: string) => `yes: ${reason}`;
const no = (reason: string) => `no: ${reason}`;

const rows: readonly Row[] = [
  // 1. Who is disabled does nothing.
  ["disabled", inOwn, "iam:user:get", "user", no("principal-disabled"), [grant("Allow", "iam:*:*")]],
  ["disabledAccount", inOwn, "iam:user:get", "user", no("principal-disabled")],
  ["account", inOwn, "iam:user:get", "user", no("tenant-disabled"), [], { tenant: tenants.off }],
  ["administrator", inOwn, "iam:user:get", "user", no("tenant-disabled"), [], { tenant: tenants.off }],
  ["member", inOwn, "ltl:evidence:read", "chain", no("tenant-disabled"), [], { tenant: tenants.off }],
  // 2. Projects and enterprise projects.
  ["account", inOwn, get, "nowhere", no("project-unknown")],
  ["account", inOwn, get, "stolen", no("project-unknown")],
  ["account", inOwn, get, "offProject", no("project-disabled")],
  ["administrator", inOwn, get, "offProject", no("project-disabled")],
  ["account", inOwn, get, "lostGroup", no("enterprise-project-unknown")],
  ["account", inOwn, "bcs:fabricInstance:createOnDemand", "newInOff", no("enterprise-project-disabled")],
  ["account", inOwn, "bcs:fabricInstance:list", "newInOff", yes("account-owner")],
  ["account", inOwn, "bcs:fabricInstance:createUserCert", "oldInOff", yes("account-owner")],
  // 3. The credential's scope.
  ["account", nowhere, "iam:user:list", "user", no("scope-unscoped")],
  ["administrator", nowhere, "iam:user:list", "user", no("scope-unscoped")],
  ["account", inProject, "iam:user:list", "user", no("scope-project")],
  ["administrator", inProject, "platform:masterKey:get", "installation", no("scope-project")],
  ["account", inProject, get, "instance", yes("account-owner")],
  ["account", inProject, get, "elsewhere", no("scope-project")],
  ["account", inOwn, "iam:user:list", "otherUser", no("scope-tenant")],
  ["member", nowhere, "ltl:evidence:read", "chain", no("scope-unscoped")],
  ["member", inProject, "ltl:evidence:read", "chain", no("scope-project")],
  // 6. Installation administrators.
  ["administrator", inOwn, "platform:masterKey:get", "installation", yes("installation-administrator")],
  ["administrator", inOwn, "iam:user:list", "otherUser", yes("installation-administrator")],
  ["administratingUser", inOwn, "iam:user:list", "otherUser", yes("installation-administrator")],
  ["administratingUser", inOwn, "iam:user:list", "user", yes("installation-administrator"), [grant("Deny", "iam:*:*")]],
  ["account", inOwn, "platform:masterKey:get", "installation", no("installation-only")],
  ["user", inOwn, "platform:masterKey:get", "installation", no("installation-only"), [grant("Allow", "platform:*:*")]],
  // 7. The account.
  ["account", inOwn, "iam:user:list", "user", yes("account-owner")],
  ["account", inOwn, get, "instance", yes("account-owner"), [grant("Deny", "bcs:*:*")]],
  ["account", { kind: "tenant", tenantId: "other" }, "iam:user:list", "otherUser", no("other-tenant")],
  // 8. One's own.
  ["user", nowhere, "iam:user:get", "itself", yes("own-identity")],
  ["user", inProject, "iam:project:listAccessible", "itself", yes("own-identity")],
  ["user", nowhere, "iam:user:update", "itself", no("scope-unscoped")],
  ["user", inOwn, "iam:user:update", "itself", no("not-granted")],
  ["user", inOwn, "iam:accessKey:create", "ownKey", yes("own-identity")],
  ["user", inProject, "iam:accessKey:create", "ownKey", no("scope-project")],
  ["user", nowhere, "iam:accessKey:create", "ownKey", no("scope-unscoped")],
  ["user", inOwn, "iam:accessKey:create", "ownKey", no("denied-by-policy"), [grant("Deny", "iam:accessKey:*")]],
  ["member", inOwn, "iam:accessKey:create", "ownKey", no("not-granted")],
  // 9. Grants.
  ["user", inOwn, get, "instance", no("not-granted")],
  ["user", inOwn, get, "instance", yes("granted"), [allowGet]],
  ["user", inProject, get, "instance", yes("granted"), [allowGet]],
  ["user", inOwn, get, "instance", yes("granted"), [grant("Allow", "bcs:FABRICinstance:GET*")]],
  ["user", inOwn, get, "instance", no("not-granted"), [grant("Allow", "bcs:fabricChannel:*")]],
  ["user", inOwn, get, "instance", no("not-granted"), [grant("Allow", "iam:*:*")]],
  ["user", inOwn, get, "instance", yes("granted"), [grant("Allow", get, "project", "p1")]],
  ["user", inOwn, get, "elsewhere", no("not-granted"), [grant("Allow", get, "project", "p1")]],
  ["user", inOwn, get, "instance", yes("granted"), [grant("Allow", get, "enterprise-project", "e1")]],
  ["user", inOwn, get, "elsewhere", no("not-granted"), [grant("Allow", get, "enterprise-project", "e1")]],
  [
    "user",
    inOwn,
    "bcs:fabricInstance:list",
    "list",
    no("not-granted"),
    [grant("Allow", "bcs:*:*", "enterprise-project", "e1")],
  ],
  [
    "user",
    inOwn,
    "pki:certificate:get",
    "instance",
    no("not-granted"),
    [grant("Allow", "pki:*:*", "enterprise-project", "e1")],
  ],
  ["user", inOwn, "pki:certificate:get", "instance", yes("granted"), [grant("Allow", "pki:*:*", "project", "p1")]],
  ["user", inOwn, "iam:user:list", "otherUser", no("scope-tenant"), [grant("Allow", "iam:*:*")]],
  // A denial wins, wherever it stands and whatever it comes with.
  ["user", inOwn, get, "instance", no("denied-by-policy"), [allowGet, grant("Deny", "bcs:*:get*")]],
  ["user", inOwn, get, "instance", no("denied-by-policy"), [grant("Deny", get, "project", "p1"), allowGet]],
  ["user", inOwn, get, "instance", no("denied-by-policy"), [allowGet, grant("Deny", get, "enterprise-project", "e1")]],
  ["user", inOwn, get, "elsewhere", yes("granted"), [allowGet, grant("Deny", get, "project", "p1")]],
  // Resources one by one.
  ["user", inOwn, get, "instance", yes("granted"), [grant("Allow", get, "tenant", "own", only("i1", "i9"))]],
  ["user", inOwn, get, "instance", yes("granted"), [grant("Allow", get, "tenant", "own", only("i*"))]],
  ["user", inOwn, get, "elsewhere", no("not-granted"), [grant("Allow", get, "tenant", "own", only("i1"))]],
  [
    "user",
    inOwn,
    "bcs:fabricInstance:list",
    "list",
    no("not-granted"),
    [grant("Allow", "bcs:*:*", "tenant", "own", only("i1"))],
  ],
  ["user", inOwn, get, "instance", no("denied-by-policy"), [allowGet, grant("Deny", get, "tenant", "own", only("i1"))]],
  ["user", inOwn, get, "elsewhere", yes("granted"), [allowGet, grant("Deny", get, "tenant", "own", only("i1"))]],
  [
    "user",
    inOwn,
    get,
    "instance",
    yes("granted"),
    [grant("Allow", get, "tenant", "own", { Resource: ["bcs:cn-north-*:*:*:*"] })],
  ],
  [
    "user",
    inOwn,
    get,
    "instance",
    no("not-granted"),
    [grant("Allow", get, "tenant", "own", { Resource: ["bcs:eu-west-0:*:*:*"] })],
  ],
  // Conditions: what is not known gives nothing and lifts no denial.
  [
    "user",
    inOwn,
    get,
    "instance",
    yes("granted"),
    [grant("Allow", get, "tenant", "own", from("10.0.0.0/8"))],
    { sourceAddress: "10.1.2.3" },
  ],
  [
    "user",
    inOwn,
    get,
    "instance",
    yes("granted"),
    [grant("Allow", get, "tenant", "own", from("10.0.0.0/8"))],
    { sourceAddress: "::ffff:10.1.2.3" },
  ],
  [
    "user",
    inOwn,
    get,
    "instance",
    no("not-granted"),
    [grant("Allow", get, "tenant", "own", from("10.0.0.0/8"))],
    { sourceAddress: "11.1.2.3" },
  ],
  ["user", inOwn, get, "instance", no("not-granted"), [grant("Allow", get, "tenant", "own", from("10.0.0.0/8"))]],
  [
    "user",
    inOwn,
    get,
    "instance",
    no("denied-by-policy"),
    [allowGet, grant("Deny", get, "tenant", "own", from("10.0.0.0/8"))],
  ],
  // 4 and 5. Business chains: being on one decides, and a denial binds users there too.
  ["member", inOwn, "ltl:service:use", "service", yes("service-opened")],
  ["unopened", inOwn, "ltl:service:use", "service", no("service-not-opened (SERVICE_NOT_OPENED)")],
  ["unopened", inOwn, "ltl:chain:describe", "chain", no("service-not-opened (SERVICE_NOT_OPENED)")],
  ["chainAdministrator", inOwn, "ltl:member:create", "chain", yes("chain-administrator")],
  ["chainAdministrator", inOwn, "ltl:evidence:write", "chainOfMember", yes("chain-administrator")],
  ["member", inOwn, "ltl:evidence:read", "chain", yes("chain-member")],
  ["member", inOwn, "ltl:receipt:read", "chain", yes("chain-member")],
  ["member", inOwn, "ltl:evidence:write", "chainOfMember", yes("chain-member")],
  ["member", inOwn, "ltl:evidence:write", "chain", no("foreign-data-type")],
  ["member", inOwn, "ltl:member:create", "chain", no("chain-administrator-only")],
  ["lockedMember", inOwn, "ltl:evidence:read", "chain", no("member-locked")],
  ["lockedMember", inOwn, "ltl:evidence:write", "chainOfLocked", no("member-locked")],
  ["lockedMember", inOwn, "ltl:receipt:read", "chain", no("member-locked"), [grant("Allow", "ltl:*:*")]],
  ["lockedMember", inOwn, "ltl:member:list", "chain", no("member-locked")],
  ["lockedMember", inOwn, "ltl:service:use", "service", yes("service-opened")],
  ["member", inOwn, "ltl:evidence:read", "chain", no("denied-by-policy"), [grant("Deny", "ltl:evidence:*")]],
  ["member", inOwn, "ltl:evidence:read", "strangersChain", no("not-on-chain"), [grant("Allow", "ltl:*:*")]],
  ["administrator", inOwn, "ltl:evidence:read", "chain", no("not-on-chain")],
  ["account", inOwn, "ltl:chain:describe", "accountOfMembersChain", no("account-of-member (ACCOUNT_KIND_REFUSED)")],
  ["account", inOwn, "ltl:chain:describe", "strangersChain", no("not-on-chain")],
];

function factsOf(grants: readonly EffectiveGrant[]): AccessFacts {
  const project = (tenantId: string, enabled = true) => ({ tenantId, name: "cn-north-4", enabled });
  const projects = { p1: project("own"), p2: project("own"), off: project("own", false), foreign: project("other") };
  const groups = { e1: { enabled: true }, e2: { enabled: true }, off: { enabled: false } };
  const memberships = {
    "c/6": { role: "member", dataTypeCode: "MMMM", locked: false },
    "c/7": { role: "administrator", dataTypeCode: "AAAA", locked: false },
    "c/10": { role: "member", dataTypeCode: "LLLL", locked: true },
  } as const;
  const find = <Value>(of: Record<string, Value>, key: string) => (Object.hasOwn(of, key) ? of[key] : undefined);
  return {
    project: (id) => find(projects, id),
    enterpriseProject: (_tenantId, id) => find(groups, id),
    grantsOf: () => grants,
    membership: (chain, uid) => find(memberships, `${chain}/${uid}`),
    hasMemberOfAccount: (chain, uid) => chain === "e" && uid === "1",
  };
}

it.each(rows.map((row, index) => [index, row[0], row[2], row[3], row[4], row] as const))(
  "%i. %s, %s, %s: %s",
  (_index, _who, _action, _what, _expected, [who, scope, action, what, expected, grants = [], further = {}]) => {
    const question: AccessQuestion = {
      principal: people[who],
      tenant: tenants.own,
      scope,
      sourceAddress: undefined,
      action,
      resource: resources[what],
      nowMs,
      ...further,
    };
    const decision = authorize(question, factsOf(grants));
    const code = decision.allowed || decision.code === "ACCESS_DENIED" ? "" : ` (${decision.code})`;
    expect(`${decision.allowed ? "yes" : "no"}: ${decision.reason}${code}`).toBe(expected);
  },
);

import { Type } from "@concordat/api-kit";
import { BASE, DELETE, GET, inBody, inPath, inQuery, noContent, operation, POST, SOURCE } from "./common.ts";
import {
  createdMs,
  exampleGrantId,
  exampleGroupId,
  exampleMs,
  examplePolicyId,
  exampleProjectId,
  exampleTenantId,
  grantId,
  inTenant,
  inTenantQueryWire,
  inTenantWire,
  paging,
  pagingWire,
  policyId,
} from "./in-tenant.ts";

const granteeKind = Type.Union([Type.Literal("group"), Type.Literal("user")], { description: "group or user." });
const scopeKind = Type.Union([Type.Literal("tenant"), Type.Literal("project"), Type.Literal("enterprise-project")], {
  description: "tenant, project or enterprise-project.",
});
const granteeId = Type.String({ minLength: 1, maxLength: 64, description: "Group id or uid." });
const scopeId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "Project id or enterprise project id; left out for a tenant.",
});

const grant = Type.Object({
  grantId: Type.String(),
  tenantId: Type.String(),
  policyId: Type.String(),
  granteeKind,
  granteeId: Type.String(),
  scopeKind,
  scopeId: Type.String(),
  createdMs,
});

const exampleGrant = {
  grantId: exampleGrantId,
  tenantId: exampleTenantId,
  policyId: examplePolicyId,
  granteeKind: "group" as const,
  granteeId: exampleGroupId,
  scopeKind: "project" as const,
  scopeId: exampleProjectId,
  createdMs: exampleMs,
};

export const grantRoutes = {
  createGrant: operation({
    id: "native:createGrant",
    summary: "Grants a policy to a group or a user, over the tenant, a project or an enterprise project.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/grants`,
    permission: "iam:grant:create",
    mutating: true,
    input: Type.Object({ policyId, granteeKind, granteeId, scopeKind, scopeId: Type.Optional(scopeId), ...inTenant }),
    wire: {
      policyId: inBody("policyId"),
      granteeKind: inBody("granteeKind"),
      granteeId: inBody("granteeId"),
      scopeKind: inBody("scopeKind"),
      scopeId: inBody("scopeId"),
      ...inTenantWire,
    },
    output: grant,
    errors: [
      "ACCESS_DENIED",
      "TENANT_UNKNOWN",
      "POLICY_UNKNOWN",
      "GROUP_UNKNOWN",
      "USER_UNKNOWN",
      "PROJECT_UNKNOWN",
      "ENTERPRISE_PROJECT_UNKNOWN",
      "ACCOUNT_KIND_REFUSED",
    ],
    example: {
      input: {
        policyId: examplePolicyId,
        granteeKind: "group",
        granteeId: exampleGroupId,
        scopeKind: "project",
        scopeId: exampleProjectId,
      },
      output: exampleGrant,
    },
  }),
  listGrants: operation({
    id: "native:listGrants",
    summary: "The grants of a tenant.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/grants`,
    permission: "iam:grant:list",
    mutating: false,
    input: Type.Object({
      ...paging,
      policyId: Type.Optional(policyId),
      granteeId: Type.Optional(granteeId),
      scopeId: Type.Optional(scopeId),
      ...inTenant,
    }),
    wire: {
      ...pagingWire,
      policyId: inQuery("policyId"),
      granteeId: inQuery("granteeId"),
      scopeId: inQuery("scopeId"),
      ...inTenantQueryWire,
    },
    output: Type.Object({ total: Type.Integer(), grants: Type.Array(grant) }),
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN"],
    example: { input: { granteeId: exampleGroupId }, output: { total: 1, grants: [exampleGrant] } },
  }),
  getGrant: operation({
    id: "native:getGrant",
    summary: "A grant.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/grants/{id}`,
    permission: "iam:grant:get",
    mutating: false,
    input: Type.Object({ grantId }),
    wire: { grantId: inPath("id") },
    output: grant,
    errors: ["ACCESS_DENIED", "GRANT_UNKNOWN"],
    example: { input: { grantId: exampleGrantId }, output: exampleGrant },
  }),
  deleteGrant: operation({
    id: "native:deleteGrant",
    summary: "Takes a grant back.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/grants/{id}`,
    permission: "iam:grant:delete",
    mutating: true,
    input: Type.Object({ grantId }),
    wire: { grantId: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "GRANT_UNKNOWN"],
    example: { input: { grantId: exampleGrantId }, output: {} },
  }),
};

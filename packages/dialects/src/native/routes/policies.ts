import { Type } from "@concordat/api-kit";
import { BASE, DELETE, GET, inBody, inPath, inQuery, noContent, operation, POST, PUT, SOURCE } from "./common.ts";
import {
  byName,
  byNameWire,
  createdMs,
  description,
  exampleMs,
  examplePolicyId,
  exampleTenantId,
  inTenant,
  inTenantQueryWire,
  inTenantWire,
  itsName,
  paging,
  pagingWire,
  policyId,
} from "./in-tenant.ts";

const statement = Type.Object({
  Effect: Type.Union([Type.Literal("Allow"), Type.Literal("Deny")]),
  Action: Type.Array(Type.String()),
  Resource: Type.Optional(Type.Array(Type.String())),
  Condition: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.Array(Type.String())))),
});

/** The platform judges what is inside, so that a refusal names the place. */
const givenDocument = Type.Object(
  { Version: Type.Unknown(), Statement: Type.Unknown() },
  { description: 'The policy, as JSON: {"Version":"1.1","Statement":[{"Effect":"Allow","Action":["bcs:*:get*"]}]}.' },
);
const kind = Type.Union([Type.Literal("custom"), Type.Literal("system")], { description: "custom or system." });

const policy = Type.Object({
  policyId: Type.String(),
  kind,
  tenantId: Type.Union([Type.String(), Type.Null()], { description: "Null for a system policy." }),
  name: Type.String(),
  description: Type.String(),
  document: Type.Object({ Version: Type.Literal("1.1"), Statement: Type.Array(statement) }),
  createdMs: Type.Union([createdMs, Type.Null()], { description: "Null for a system policy." }),
});

const exampleDocument = {
  Version: "1.1" as const,
  Statement: [{ Effect: "Allow" as const, Action: ["bcs:fabricInstance:get*", "bcs:fabricInstance:list*"] }],
};
const examplePolicy = {
  policyId: examplePolicyId,
  kind: "custom" as const,
  tenantId: exampleTenantId,
  name: "Instance readers",
  description: "",
  document: exampleDocument,
  createdMs: exampleMs,
};

export const policyRoutes = {
  createPolicy: operation({
    id: "native:createPolicy",
    summary: "Creates a custom policy. What its document asks for and is not supported is refused.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/policies`,
    permission: "iam:policy:create",
    mutating: true,
    input: Type.Object({
      name: itsName,
      document: givenDocument,
      description: Type.Optional(description),
      ...inTenant,
    }),
    wire: {
      name: inBody("name"),
      document: inBody("document"),
      description: inBody("description"),
      ...inTenantWire,
    },
    output: policy,
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN", "NAME_INVALID", "NAME_EXISTS", "DESCRIPTION_INVALID", "POLICY_INVALID"],
    example: { input: { name: "Instance readers", document: exampleDocument }, output: examplePolicy },
  }),
  listPolicies: operation({
    id: "native:listPolicies",
    summary: "The system policies and a tenant's own.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/policies`,
    permission: "iam:policy:list",
    mutating: false,
    input: Type.Object({ ...paging, ...byName, kind: Type.Optional(kind), ...inTenant }),
    wire: { ...pagingWire, ...byNameWire, kind: inQuery("kind"), ...inTenantQueryWire },
    output: Type.Object({ total: Type.Integer(), policies: Type.Array(policy) }),
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN"],
    example: { input: { kind: "custom" }, output: { total: 1, policies: [examplePolicy] } },
  }),
  getPolicy: operation({
    id: "native:getPolicy",
    summary: "A policy.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/policies/{id}`,
    permission: "iam:policy:get",
    mutating: false,
    input: Type.Object({ policyId }),
    wire: { policyId: inPath("id") },
    output: policy,
    errors: ["ACCESS_DENIED", "POLICY_UNKNOWN"],
    example: { input: { policyId: examplePolicyId }, output: examplePolicy },
  }),
  updatePolicy: operation({
    id: "native:updatePolicy",
    summary: "Changes a custom policy, for everybody that it is granted to.",
    source: SOURCE,
    methods: PUT,
    path: `${BASE}/policies/{id}`,
    permission: "iam:policy:update",
    mutating: true,
    input: Type.Object({
      policyId,
      name: Type.Optional(itsName),
      document: Type.Optional(givenDocument),
      description: Type.Optional(description),
    }),
    wire: {
      policyId: inPath("id"),
      name: inBody("name"),
      document: inBody("document"),
      description: inBody("description"),
    },
    output: policy,
    errors: [
      "ACCESS_DENIED",
      "POLICY_UNKNOWN",
      "NAME_INVALID",
      "NAME_EXISTS",
      "DESCRIPTION_INVALID",
      "POLICY_INVALID",
      "RESOURCE_IN_USE",
    ],
    example: {
      input: { policyId: examplePolicyId, description: "For auditors" },
      output: { ...examplePolicy, description: "For auditors" },
    },
  }),
  deletePolicy: operation({
    id: "native:deletePolicy",
    summary: "Removes a custom policy that is granted to nobody.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/policies/{id}`,
    permission: "iam:policy:delete",
    mutating: true,
    input: Type.Object({ policyId }),
    wire: { policyId: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "POLICY_UNKNOWN", "RESOURCE_IN_USE"],
    example: { input: { policyId: examplePolicyId }, output: {} },
  }),
};

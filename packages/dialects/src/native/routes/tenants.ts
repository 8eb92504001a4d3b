import { Type } from "@concordat/api-kit";
import { BASE, GET, inBody, inPath, operation, PUT, SOURCE } from "./common.ts";
import {
  byEnabled,
  byEnabledWire,
  byName,
  byNameWire,
  createdMs,
  enabled,
  exampleMs,
  exampleTenantId,
  itsName,
  paging,
  pagingWire,
  tenantId,
} from "./in-tenant.ts";

const tenant = Type.Object({
  tenantId: Type.String(),
  accountUid: Type.String({ description: "The account that owns the tenant." }),
  name: Type.String(),
  enabled,
  createdMs,
});

const exampleTenant = {
  tenantId: exampleTenantId,
  accountUid: "1000000000000002",
  name: "Shipper",
  enabled: true,
  createdMs: exampleMs,
};

/** A tenant is made with its account: see createAccount. */
export const tenantRoutes = {
  listTenants: operation({
    id: "native:listTenants",
    summary: "The caller's tenant; all of them for installation administrators.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/tenants`,
    permission: "iam:tenant:listAccessible",
    mutating: false,
    input: Type.Object({ ...paging, ...byName, ...byEnabled }),
    wire: { ...pagingWire, ...byNameWire, ...byEnabledWire },
    output: Type.Object({ total: Type.Integer(), tenants: Type.Array(tenant) }),
    errors: ["ACCESS_DENIED"],
    example: { input: { page: 1 }, output: { total: 1, tenants: [exampleTenant] } },
  }),
  getTenant: operation({
    id: "native:getTenant",
    summary: "A tenant.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/tenants/{id}`,
    permission: "iam:tenant:get",
    mutating: false,
    input: Type.Object({ tenantId }),
    wire: { tenantId: inPath("id") },
    output: tenant,
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN"],
    example: { input: { tenantId: exampleTenantId }, output: exampleTenant },
  }),
  updateTenant: operation({
    id: "native:updateTenant",
    summary:
      "Renames a tenant. Installation administrators also disable it, with everybody in it, and enable it again.",
    source: SOURCE,
    methods: PUT,
    path: `${BASE}/tenants/{id}`,
    permission: "iam:tenant:update",
    mutating: true,
    input: Type.Object({ tenantId, name: Type.Optional(itsName), enabled: Type.Optional(enabled) }),
    wire: { tenantId: inPath("id"), name: inBody("name"), enabled: inBody("enabled") },
    output: tenant,
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN", "NAME_INVALID", "NAME_EXISTS", "RESOURCE_IN_USE"],
    example: {
      input: { tenantId: exampleTenantId, enabled: false },
      output: { ...exampleTenant, enabled: false },
    },
  }),
};

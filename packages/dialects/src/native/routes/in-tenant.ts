import { decimalInteger, Type, trueOrFalse } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { inBody, inQuery } from "./common.ts";

/** Fields that the nouns of the tenancy share. */
const hex32 = "^[0-9a-f]{32}$";
const { listPageSizeMax } = platformLimits;

export const tenantId = Type.String({ pattern: hex32, description: "Tenant (domain) id: 32 hex digits." });
export const projectId = Type.String({ pattern: hex32, description: "Project id: 32 hex digits." });
export const groupId = Type.String({ pattern: hex32, description: "Group id: 32 hex digits." });
export const grantId = Type.String({ pattern: hex32, description: "Grant id: 32 hex digits." });
export const policyId = Type.String({
  minLength: 1,
  maxLength: 128,
  description: "Policy id: 32 hex digits, or the name of a system policy.",
});
export const enterpriseProjectId = Type.String({
  pattern: "^(0|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
  description: "Enterprise project id: a UUID, or 0 for the default one.",
});
export const itsName = Type.String({ minLength: 1, maxLength: 128, description: "Name." });
export const description = Type.String({ maxLength: 255, description: "Free text on one line." });
export const enabled = Type.Boolean({ description: "Whether it may be used." });
export const createdMs = Type.Integer({ description: "Milliseconds since the epoch." });

const ofTenant = Type.String({ pattern: hex32, description: "Tenant id; the caller's own when left out." });

/** Of what is made in a tenant. */
export const inTenant = { tenantId: Type.Optional(ofTenant) };
export const inTenantWire = { tenantId: inBody("tenantId") };
export const inTenantQueryWire = { tenantId: inQuery("tenantId") };

/** Of every list. */
export const paging = {
  page: Type.Optional(Type.Integer({ minimum: 1, description: "From 1, which is the default." })),
  pageSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: listPageSizeMax,
      description: `Rows, at most ${listPageSizeMax}; 100 by default.`,
    }),
  ),
};
export const pagingWire = { page: inQuery("page", decimalInteger), pageSize: inQuery("pageSize", decimalInteger) };
export const byName = { name: Type.Optional(Type.String({ maxLength: 128, description: "The exact name." })) };
export const byNameWire = { name: inQuery("name") };
export const byEnabled = {
  enabled: Type.Optional(Type.Boolean({ description: "Only what is enabled, or disabled." })),
};
export const byEnabledWire = { enabled: inQuery("enabled", trueOrFalse) };

export const exampleTenantId = "0605768a5300d5762fc3c00180692870";
export const exampleProjectId = "0605768a5300d5762fc3c00180692873";
export const exampleGroupId = "8b1f0f4a7f7d4d0e9a5b6c7d8e9f0a1b";
export const examplePolicyId = "5c2e7a90b1d34f56a7b8c9d0e1f20314";
export const exampleGrantId = "d4c3b2a190e8f7061524334455667788";
export const exampleEnterpriseProjectId = "7f3e1a52-9c4b-4d6e-8a10-2b3c4d5e6f70";
export const exampleUid = "2000000000000001";
export const exampleMs = 1_700_000_000_000;

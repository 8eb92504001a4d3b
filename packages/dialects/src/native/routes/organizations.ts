import { type Static, Type } from "@concordat/api-kit";
import { BASE, GET, inBody, inPath, inQuery, operation, POST, SOURCE } from "./common.ts";
import { paging, pagingWire } from "./in-tenant.ts";
import { EXAMPLE_MSP, EXAMPLE_PEM, fingerprint, mspFile, mspId, pem, purpose, serialNumber, timeMs } from "./pki.ts";

const organization = Type.Object({
  mspId: Type.String(),
  name: Type.String(),
  tenantId: Type.String(),
  accountUid: Type.String(),
  createdMs: timeMs,
  authorities: Type.Array(
    Type.Object({
      purpose,
      fingerprint,
      standing: Type.Union([Type.Literal("present"), Type.Literal("retired"), Type.Literal("next")]),
      notAfterMs: timeMs,
      certificatePem: pem,
    }),
  ),
  adminCertificatePem: pem,
  checkpointKeys: Type.Array(
    Type.Object({
      algorithm: Type.Union([Type.Literal("Ed25519"), Type.Literal("SM2")]),
      publicKey: Type.String({ description: "Base64." }),
      certificatePem: pem,
    }),
  ),
  channelIds: Type.Array(Type.String()),
});

const exampleOrganization: Static<typeof organization> = {
  mspId: EXAMPLE_MSP,
  name: "Shipper",
  tenantId: "0605768a5300d5762fc3c00180692870",
  accountUid: "1000000000000002",
  createdMs: 1_700_000_000_000,
  authorities: [
    {
      purpose: "identity",
      fingerprint: "ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52",
      standing: "present",
      notAfterMs: 2_331_000_000_000,
      certificatePem: EXAMPLE_PEM,
    },
  ],
  adminCertificatePem: EXAMPLE_PEM,
  checkpointKeys: [{ algorithm: "Ed25519", publicKey: "a2V5", certificatePem: EXAMPLE_PEM }],
  channelIds: ["ltl-4899730875490001"],
};

const begunJob = Type.Object({ jobId: Type.String({ description: "The job that does it." }) });
const exampleJob = { jobId: "7d3b0a52-0c0f-4a7e-9d24-0c2d6c1a4f11" };

export const organizationRoutes = {
  listOrganizations: operation({
    id: "native:listOrganizations",
    summary: "The organizations that the caller may see, by ascending MSP id.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/organizations`,
    permission: "pki:organization:list",
    mutating: false,
    input: Type.Object(paging),
    wire: pagingWire,
    output: Type.Object({ total: Type.Integer(), organizations: Type.Array(organization) }),
    errors: ["ACCESS_DENIED"],
    example: { input: {}, output: { total: 1, organizations: [exampleOrganization] } },
  }),
  getOrganization: operation({
    id: "native:getOrganization",
    summary: "What the world may know of an organization: its authorities, keys and channels.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/organizations/{mspId}`,
    permission: "pki:organization:get",
    mutating: false,
    input: Type.Object({ mspId }),
    wire: { mspId: inPath("mspId") },
    output: organization,
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN"],
    example: { input: { mspId: EXAMPLE_MSP }, output: exampleOrganization },
  }),
  exportOrganizationMsp: operation({
    id: "native:exportOrganizationMsp",
    summary:
      "The MSP folder of an organization, or of the holder of one of its identities, as a list of files. Without private keys.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/organizations/{mspId}/msp`,
    permission: "pki:organization:get",
    mutating: false,
    input: Type.Object({ mspId, serialNumber: Type.Optional(serialNumber) }),
    wire: { mspId: inPath("mspId"), serialNumber: inQuery("serialNumber") },
    output: Type.Object({ files: Type.Array(mspFile) }),
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN", "CERTIFICATE_UNKNOWN"],
    example: {
      input: { mspId: EXAMPLE_MSP },
      output: { files: [{ path: "msp/cacerts/ca-cert.pem", text: EXAMPLE_PEM, secret: false }] },
    },
  }),
  rotateOrganizationAuthority: operation({
    id: "native:rotateOrganizationAuthority",
    summary:
      "Gives an organization a new authority, as a job, while everything goes on: its channels learn of it, what it issued is issued anew.",
    source: SOURCE,
    methods: POST,
    status: 202,
    path: `${BASE}/organizations/{mspId}/authority-rotations`,
    permission: "pki:authority:rotate",
    mutating: true,
    input: Type.Object({ mspId, purpose: Type.Optional(purpose) }),
    wire: { mspId: inPath("mspId"), purpose: inBody("purpose") },
    output: begunJob,
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN", "ROTATION_REFUSED"],
    example: { input: { mspId: EXAMPLE_MSP }, output: exampleJob },
  }),
  rotateOrganizationCheckpointKey: operation({
    id: "native:rotateOrganizationCheckpointKey",
    summary:
      "Gives an organization new checkpoint keys, as a job, while everything goes on. Receipts of before stay valid.",
    source: SOURCE,
    methods: POST,
    status: 202,
    path: `${BASE}/organizations/{mspId}/checkpoint-key-rotations`,
    permission: "pki:authority:rotateCheckpointKey",
    mutating: true,
    input: Type.Object({ mspId }),
    wire: { mspId: inPath("mspId") },
    output: begunJob,
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN"],
    example: { input: { mspId: EXAMPLE_MSP }, output: exampleJob },
  }),
};

import { decimalInteger, Type, trueOrFalse } from "@concordat/api-kit";
import { BASE, GET, inBody, inPath, inQuery, operation, POST, SOURCE, uid } from "./common.ts";
import { paging, pagingWire } from "./in-tenant.ts";
import {
  certificate,
  EXAMPLE_MSP,
  EXAMPLE_PEM,
  exampleCertificate,
  exampleId,
  fingerprint,
  mspFile,
  mspId,
  pem,
  purpose,
  revocationReason,
  role,
  status,
  timeMs,
  whichCertificate,
  whichCertificateWire,
} from "./pki.ts";

const onePath = `${BASE}/organizations/{mspId}/certificates/{purpose}/{serialNumber}`;
const stateErrors = [
  "ACCESS_DENIED",
  "ORGANIZATION_UNKNOWN",
  "CERTIFICATE_UNKNOWN",
  "CERTIFICATE_STATE_REFUSED",
] as const;
const validDays = Type.Integer({ minimum: 1, maximum: 3650, description: "Days, at most as long as the authority." });

const revocationList = Type.Object({
  authority: fingerprint,
  isRetired: Type.Boolean(),
  number: Type.Integer({ description: "Grows with every list of the authority." }),
  thisUpdateMs: timeMs,
  nextUpdateMs: timeMs,
  entryCount: Type.Integer(),
  pem,
});

/** A change of a certificate's standing: freeze, unfreeze, renew. */
const change = (verb: "freeze" | "unfreeze" | "renew", summary: string) =>
  operation({
    id: `native:${verb}Certificate`,
    summary,
    source: SOURCE,
    methods: POST,
    path: `${onePath}/${verb}`,
    permission: `pki:certificate:${verb}`,
    mutating: true,
    input: Type.Object(whichCertificate),
    wire: whichCertificateWire,
    output: certificate,
    errors: stateErrors,
    example: { input: exampleId, output: exampleCertificate },
  });

export const certificateRoutes = {
  enrolCertificate: operation({
    id: "native:enrolCertificate",
    summary:
      "Issues a certificate of an organization: for a key made here, which is answered once, or for the key of a certificate request.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/organizations/{mspId}/certificates`,
    permission: "pki:certificate:create",
    mutating: true,
    input: Type.Object({
      mspId,
      role: Type.Union(
        [
          Type.Literal("admin"),
          Type.Literal("client"),
          Type.Literal("peer"),
          Type.Literal("orderer"),
          Type.Literal("server"),
        ],
        { description: "admin, client, peer, orderer, or for TLS server." },
      ),
      commonName: Type.String({ minLength: 1, maxLength: 64, description: "Name; for TLS the first host." }),
      purpose: Type.Optional(purpose),
      hosts: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
          maxItems: 32,
          description: "For TLS: further DNS names and addresses.",
        }),
      ),
      attributes: Type.Optional(
        Type.Record(Type.String(), Type.String(), { description: "Fabric attributes of an identity, as JSON." }),
      ),
      validDays: Type.Optional(validDays),
      certificateRequest: Type.Optional(
        Type.String({ maxLength: 16_384, description: "PKCS#10, PEM: certifies its key instead of making one." }),
      ),
      withFolder: Type.Optional(
        Type.Boolean({ description: "Answers the MSP folder of an identity too, with its key." }),
      ),
    }),
    wire: {
      mspId: inPath("mspId"),
      role: inBody("role"),
      commonName: inBody("commonName"),
      purpose: inBody("purpose"),
      hosts: inBody("hosts"),
      attributes: inBody("attributes"),
      validDays: inBody("validDays"),
      certificateRequest: inBody("certificateRequest"),
      withFolder: inBody("withFolder"),
    },
    output: Type.Object({
      certificate,
      privateKeyPem: Type.Union([Type.String(), Type.Null()], {
        description: "PKCS#8: answered here and nowhere else.",
      }),
      authorityPem: pem,
      files: Type.Optional(Type.Array(mspFile)),
    }),
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN", "CERTIFICATE_REQUEST_INVALID", "CERTIFICATE_STATE_REFUSED"],
    example: {
      input: { mspId: EXAMPLE_MSP, role: "peer", commonName: "peer0" },
      output: {
        certificate: exampleCertificate,
        privateKeyPem: "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
        authorityPem: EXAMPLE_PEM,
      },
    },
  }),
  enrolPrincipal: operation({
    id: "native:enrolPrincipal",
    summary: "Gives a user a new certificate and key: its transactions carry it from then on.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/principals/{uid}/certificates`,
    permission: "pki:certificate:create",
    mutating: true,
    input: Type.Object({ uid, validDays: Type.Optional(validDays) }),
    wire: { uid: inPath("uid"), validDays: inBody("validDays") },
    output: certificate,
    errors: ["ACCESS_DENIED", "USER_UNKNOWN", "CERTIFICATE_STATE_REFUSED"],
    example: {
      input: { uid: "2000000000000001" },
      output: { ...exampleCertificate, role: "client", commonName: "2000000000000001", uid: "2000000000000001" },
    },
  }),
  listCertificates: operation({
    id: "native:listCertificates",
    summary: "The certificates of the organizations that the caller may see, latest first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/certificates`,
    permission: "pki:certificate:list",
    mutating: false,
    input: Type.Object({
      ...paging,
      mspId: Type.Optional(mspId),
      purpose: Type.Optional(purpose),
      role: Type.Optional(role),
      status: Type.Optional(status),
      uid: Type.Optional(uid),
      commonName: Type.Optional(Type.String({ maxLength: 64, description: "Part of the common name." })),
      expiresBeforeMs: Type.Optional(
        Type.Integer({ minimum: 0, description: "Milliseconds since the epoch: only those that end before." }),
      ),
      currentOnly: Type.Optional(Type.Boolean({ description: "Leaves out what a newer one has replaced." })),
    }),
    wire: {
      ...pagingWire,
      mspId: inQuery("mspId"),
      purpose: inQuery("purpose"),
      role: inQuery("role"),
      status: inQuery("status"),
      uid: inQuery("uid"),
      commonName: inQuery("commonName"),
      expiresBeforeMs: inQuery("expiresBeforeMs", decimalInteger),
      currentOnly: inQuery("currentOnly", trueOrFalse),
    },
    output: Type.Object({ total: Type.Integer(), certificates: Type.Array(certificate) }),
    errors: ["ACCESS_DENIED"],
    example: { input: { role: "peer" }, output: { total: 1, certificates: [exampleCertificate] } },
  }),
  getCertificate: operation({
    id: "native:getCertificate",
    summary: "A certificate and its standing.",
    source: SOURCE,
    methods: GET,
    path: onePath,
    permission: "pki:certificate:get",
    mutating: false,
    input: Type.Object(whichCertificate),
    wire: whichCertificateWire,
    output: certificate,
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN", "CERTIFICATE_UNKNOWN"],
    example: { input: exampleId, output: exampleCertificate },
  }),
  freezeCertificate: change(
    "freeze",
    "Puts a certificate on hold: nothing new is written in its name until it is unfrozen.",
  ),
  unfreezeCertificate: change("unfreeze", "Takes a certificate off hold."),
  renewCertificate: change("renew", "Issues a certificate anew now, instead of shortly before its end."),
  revokeCertificate: operation({
    id: "native:revokeCertificate",
    summary: "Revokes a certificate for good.",
    source: SOURCE,
    methods: POST,
    path: `${onePath}/revoke`,
    permission: "pki:certificate:revoke",
    mutating: true,
    input: Type.Object({ ...whichCertificate, reason: Type.Optional(revocationReason) }),
    wire: { ...whichCertificateWire, reason: inBody("reason") },
    output: certificate,
    errors: stateErrors,
    example: {
      input: { ...exampleId, reason: "keyCompromise" },
      output: { ...exampleCertificate, status: "revoked", reason: "keyCompromise" },
    },
  }),
  listCertificateRevocations: operation({
    id: "native:listCertificateRevocations",
    summary: "The revocation lists of an organization's authorities, the present one's first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/organizations/{mspId}/revocation-lists/{purpose}`,
    permission: "pki:certificate:list",
    mutating: false,
    input: Type.Object({ mspId, purpose }),
    wire: { mspId: inPath("mspId"), purpose: inPath("purpose") },
    output: Type.Object({ revocationLists: Type.Array(revocationList) }),
    errors: ["ACCESS_DENIED", "ORGANIZATION_UNKNOWN"],
    example: {
      input: { mspId: EXAMPLE_MSP, purpose: "identity" },
      output: {
        revocationLists: [
          {
            authority: "ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52",
            isRetired: false,
            number: 3,
            thisUpdateMs: 1_700_000_000_000,
            nextUpdateMs: 1_700_604_800_000,
            entryCount: 1,
            pem: "-----BEGIN X509 CRL-----\n...\n-----END X509 CRL-----\n",
          },
        ],
      },
    },
  }),
};

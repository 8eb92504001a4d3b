import { Type } from "@concordat/api-kit";
import { BASE, GET, operation, POST, SOURCE } from "./common.ts";

const masterKeyStatus = Type.Object({
  source: Type.String({ description: "The file or the environment variable that it comes from." }),
  keyCount: Type.Integer({ description: "The present key and earlier ones that may still open something." }),
  waitingCount: Type.Integer({ description: "Rows and files that an earlier key sealed." }),
});
const serverCertificate = Type.Object({
  source: Type.Union([Type.Literal("own-authority"), Type.Literal("files")]),
  certificatePem: Type.String(),
  notAfterMs: Type.Integer({ description: "Milliseconds since the epoch." }),
});

const exampleKey = { source: "CONCORDAT_MASTER_KEY", keyCount: 2, waitingCount: 0 };
const exampleCertificate = {
  source: "own-authority" as const,
  certificatePem: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n",
  notAfterMs: 1_866_000_000_000,
};

export const installationRoutes = {
  getMasterKey: operation({
    id: "native:getMasterKey",
    summary: "Says where the master key comes from and what an earlier one still seals. Never the key.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/master-key`,
    permission: "platform:masterKey:get",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: masterKeyStatus,
    errors: ["ACCESS_DENIED"],
    example: { input: {}, output: exampleKey },
  }),
  rotateMasterKey: operation({
    id: "native:rotateMasterKey",
    summary: "Makes a new master key and seals everything anew with it, as a job, while the server goes on.",
    source: SOURCE,
    methods: POST,
    status: 202,
    path: `${BASE}/master-key/rotations`,
    permission: "platform:masterKey:rotate",
    mutating: true,
    input: Type.Object({}),
    wire: {},
    output: Type.Object({ jobId: Type.String() }),
    errors: ["ACCESS_DENIED", "ROTATION_REFUSED"],
    example: { input: {}, output: { jobId: "7d3b0a52-0c0f-4a7e-9d24-0c2d6c1a4f11" } },
  }),
  forgetEarlierMasterKeys: operation({
    id: "native:forgetEarlierMasterKeys",
    summary:
      "Removes earlier master keys from their file for good. Rotate every data folder that uses the file before: nothing else opens what they sealed.",
    source: SOURCE,
    methods: POST,
    path: `${BASE}/master-key/forget-earlier`,
    permission: "platform:masterKey:rotate",
    mutating: true,
    input: Type.Object({}),
    wire: {},
    output: masterKeyStatus,
    errors: ["ACCESS_DENIED", "ROTATION_REFUSED"],
    example: { input: {}, output: { ...exampleKey, keyCount: 1 } },
  }),
  getServerCertificate: operation({
    id: "native:getServerCertificate",
    summary: "The TLS certificate that the server shows.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/server-certificate`,
    permission: "platform:serverCertificate:get",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: serverCertificate,
    errors: ["ACCESS_DENIED", "CERTIFICATE_UNKNOWN"],
    example: { input: {}, output: exampleCertificate },
  }),
  rotateServerCertificate: operation({
    id: "native:rotateServerCertificate",
    summary:
      "Replaces the server's TLS certificate: by a new one of its own authority, or by what the operator's files hold now. Open connections go on.",
    source: SOURCE,
    methods: POST,
    path: `${BASE}/server-certificate/rotations`,
    permission: "platform:serverCertificate:rotate",
    mutating: true,
    input: Type.Object({}),
    wire: {},
    output: serverCertificate,
    errors: ["ACCESS_DENIED", "CERTIFICATE_UNKNOWN"],
    example: { input: {}, output: exampleCertificate },
  }),
};

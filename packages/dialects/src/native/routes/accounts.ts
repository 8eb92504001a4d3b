import { Type } from "@concordat/api-kit";
import { BASE, inBody, inPath, name, operation, POST, SOURCE, uid } from "./common.ts";

const principalWithKey = Type.Object({
  principal: Type.Object({
    uid: Type.String(),
    accountUid: Type.String(),
    kind: Type.Union([Type.Literal("account"), Type.Literal("ram-user")]),
    name: Type.String(),
    mspId: Type.String(),
    ledgerServiceOpened: Type.Boolean(),
  }),
  accessKey: Type.Object(
    { accessKeyId: Type.String(), accessKeySecret: Type.String() },
    { description: "The secret is answered here and nowhere else." },
  ),
});

const exampleAccount = {
  uid: "1000000000000002",
  accountUid: "1000000000000002",
  kind: "account" as const,
  name: "Shipper",
  mspId: "ShipperMSP",
  ledgerServiceOpened: true,
};
const exampleKey = { accessKeyId: "LTAIexample0000000000002", accessKeySecret: "example-secret" };

export const accountRoutes = {
  createAccount: operation({
    id: "native:createAccount",
    summary:
      "Creates an account: an organization with its own CA, and a first access key. For installation administrators.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/accounts`,
    permission: "platform:account:create",
    mutating: true,
    input: Type.Object({
      name,
      ledgerService: Type.Optional(Type.Boolean({ description: "Opens the trusted ledger service; yes by default." })),
    }),
    wire: { name: inBody("name"), ledgerService: inBody("ledgerService") },
    output: principalWithKey,
    errors: ["ACCESS_DENIED", "NAME_INVALID", "NAME_EXISTS"],
    example: { input: { name: "Shipper" }, output: { principal: exampleAccount, accessKey: exampleKey } },
  }),
  createRamUser: operation({
    id: "native:createRamUser",
    summary: "Creates a RAM user of an account, with a first access key.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/accounts/{uid}/users`,
    permission: "iam:user:create",
    mutating: true,
    input: Type.Object({ accountUid: uid, name }),
    wire: { accountUid: inPath("uid"), name: inBody("name") },
    output: principalWithKey,
    errors: ["ACCESS_DENIED", "ACCOUNT_UNKNOWN", "NAME_INVALID", "NAME_EXISTS"],
    example: {
      input: { accountUid: "1000000000000002", name: "truck-7" },
      output: {
        principal: { ...exampleAccount, uid: "2000000000000001", kind: "ram-user", name: "truck-7" },
        accessKey: exampleKey,
      },
    },
  }),
};

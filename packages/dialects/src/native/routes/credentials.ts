import { Type } from "@concordat/api-kit";
import { BASE, DELETE, GET, inBody, inPath, noContent, operation, POST, PUT, SOURCE, uid } from "./common.ts";

const accessKeyId = Type.String({ minLength: 1, maxLength: 128, description: "Access key id." });
const active = Type.Boolean({ description: "Whether it may be used." });
const secret = Type.String({ description: "Answered here and nowhere else." });
const createdMs = Type.Integer({ description: "Milliseconds since the epoch." });

export const accessKey = Type.Object({ accessKeyId, uid, active, createdMs });

const exampleUid = "2000000000000001";
const exampleKey = {
  accessKeyId: "LTAIexample0000000000002",
  uid: exampleUid,
  active: true,
  createdMs: 1_700_000_000_000,
};
const ofUser = { uid };
const ofUserInPath = { uid: inPath("uid") };

/** Passwords and access keys. */
export const credentialRoutes = {
  setPassword: operation({
    id: "native:setPassword",
    summary:
      "Sets a user's password and ends its other sessions. Without a password a random one is made and answered once. One's own needs the old one.",
    source: SOURCE,
    methods: PUT,
    path: `${BASE}/users/{uid}/password`,
    permission: "iam:password:update",
    mutating: true,
    input: Type.Object({
      uid,
      password: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 256,
          writeOnly: true,
          description: "8 to 64 characters, at least 5 different ones, without the user's name.",
        }),
      ),
      oldPassword: Type.Optional(
        Type.String({ maxLength: 256, writeOnly: true, description: "The present password, to change one's own." }),
      ),
    }),
    wire: { ...ofUserInPath, password: inBody("password"), oldPassword: inBody("oldPassword") },
    output: Type.Object({ password: Type.Optional(secret) }),
    errors: [
      "ACCESS_DENIED",
      "USER_UNKNOWN",
      "PASSWORD_INVALID",
      "CREDENTIALS_WRONG",
      "CREDENTIALS_SLOWED",
      "OVERLOADED",
    ],
    example: { input: { uid: exampleUid }, output: { password: "example-password" } },
  }),
  createAccessKey: operation({
    id: "native:createAccessKey",
    summary: "Creates an access key of a user, who can have two.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/users/{uid}/access-keys`,
    permission: "iam:accessKey:create",
    mutating: true,
    input: Type.Object(ofUser),
    wire: ofUserInPath,
    output: Type.Object({ accessKey, accessKeySecret: secret }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN", "KEY_LIMIT_REACHED"],
    example: { input: { uid: exampleUid }, output: { accessKey: exampleKey, accessKeySecret: "example-secret" } },
  }),
  listAccessKeys: operation({
    id: "native:listAccessKeys",
    summary: "Lists a user's access keys, oldest first, without their secrets.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/users/{uid}/access-keys`,
    permission: "iam:accessKey:list",
    mutating: false,
    input: Type.Object(ofUser),
    wire: ofUserInPath,
    output: Type.Object({ accessKeys: Type.Array(accessKey) }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN"],
    example: { input: { uid: exampleUid }, output: { accessKeys: [exampleKey] } },
  }),
  setAccessKeyActive: operation({
    id: "native:setAccessKeyActive",
    summary: "Enables or disables an access key.",
    source: SOURCE,
    methods: PUT,
    status: 204,
    path: `${BASE}/access-keys/{id}`,
    permission: "iam:accessKey:update",
    mutating: true,
    input: Type.Object({ accessKeyId, active }),
    wire: { accessKeyId: inPath("id"), active: inBody("active") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "ACCESS_KEY_UNKNOWN"],
    example: { input: { accessKeyId: "LTAIexample0000000000002", active: false }, output: {} },
  }),
  deleteAccessKey: operation({
    id: "native:deleteAccessKey",
    summary: "Deletes an access key; the installation's first one can only be disabled.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/access-keys/{id}`,
    permission: "iam:accessKey:delete",
    mutating: true,
    input: Type.Object({ accessKeyId }),
    wire: { accessKeyId: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "ACCESS_KEY_UNKNOWN", "RESOURCE_IN_USE"],
    example: { input: { accessKeyId: "LTAIexample0000000000002" }, output: {} },
  }),
};

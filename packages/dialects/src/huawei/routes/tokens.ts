import { type OutputCodec, type Static, Type } from "@concordat/api-kit";
import {
  DELETE,
  EXAMPLE_DOMAIN,
  EXAMPLE_PROJECT,
  EXAMPLE_URL,
  GET,
  id,
  inBody,
  inHeader,
  inQuery,
  instant,
  name,
  operation,
  optional,
  POST,
  subjectToken,
} from "./common.ts";

const named = Type.Object({ id: Type.String(), name: Type.String() });
const owned = Type.Object({ id: Type.String(), name: Type.String(), domain: named });

const domainReference = Type.Object({ id: optional(id), name: optional(name) });
const userReference = Type.Object({
  id: optional(id),
  name: optional(name),
  domain: optional(domainReference),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
const scope = Type.Object({
  project: optional(Type.Object({ id: optional(id), name: optional(name), domain: optional(domainReference) })),
  domain: optional(domainReference),
});
const identity = Type.Object({
  methods: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 8 }),
  password: optional(Type.Object({ user: userReference })),
  hw_ak_sk: optional(
    Type.Object({
      access: Type.Object({ key: Type.String({ minLength: 1, maxLength: 128 }) }),
      secret: Type.Object({ key: Type.String({ minLength: 1, maxLength: 128 }) }),
    }),
  ),
  token: optional(Type.Object({ id: optional(subjectToken) })),
});
const auth = Type.Object({ identity, scope: optional(scope) });

const token = Type.Object({
  expires_at: instant,
  issued_at: instant,
  methods: Type.Array(Type.String()),
  catalog: optional(
    Type.Array(
      Type.Object({
        type: Type.String(),
        id: Type.String(),
        name: Type.String(),
        endpoints: Type.Array(
          Type.Object({
            id: Type.String(),
            interface: Type.Literal("public"),
            region: Type.String(),
            region_id: Type.String(),
            url: Type.String(),
          }),
        ),
      }),
    ),
  ),
  roles: Type.Array(named),
  project: optional(owned),
  domain: optional(named),
  user: Type.Object({
    id: Type.String(),
    name: Type.String(),
    password_expires_at: Type.String({ description: "Empty: passwords do not expire." }),
    domain: named,
  }),
});

const described = Type.Object({ token });
const issued = Type.Object({ subjectToken, token });

export type AuthRequest = Static<typeof auth>;
export type ScopeRequest = Static<typeof scope>;
export type TokenBody = Static<typeof token>;

/** The token itself travels in a header, its description in the body. */
const inSubjectHeader: OutputCodec<Static<typeof issued>> = {
  encode: ({ subjectToken: text, token: body }) => ({ data: { token: body }, headers: { "X-Subject-Token": text } }),
  decode: ({ data, headers }) => {
    const answer = data as Static<typeof described>;
    const text = Object.entries(headers ?? {}).find(([header]) => header.toLowerCase() === "x-subject-token")?.[1];
    return { subjectToken: text ?? "", token: answer.token };
  },
};

const exampleToken = {
  expires_at: "2026-01-03T03:04:05.000000Z",
  issued_at: "2026-01-02T03:04:05.000000Z",
  methods: ["password"],
  catalog: [
    {
      type: "iam",
      id: "100a6a3477f1495286579b819d399e36",
      name: "iam",
      endpoints: [
        {
          id: "33e1cbdd86d34e89a63cf8ad16a5f49f",
          interface: "public" as const,
          region: "cn-north-4",
          region_id: "cn-north-4",
          url: EXAMPLE_URL,
        },
      ],
    },
  ],
  roles: [{ id: "0", name: "te_admin" }],
  project: { id: EXAMPLE_PROJECT, name: "cn-north-4", domain: { id: EXAMPLE_DOMAIN, name: "Shipper" } },
  user: {
    id: "7116d09f88fa41908676fdd4b039e95b",
    name: "clerk",
    password_expires_at: "",
    domain: { id: EXAMPLE_DOMAIN, name: "Shipper" },
  },
};

export const tokenRoutes = {
  createToken: operation({
    id: "huawei-iam:tokens",
    summary: "Issues a token for a password, an access key or another token; it counts for 24 hours.",
    source: "Huawei BCS document, sections 1.4.1, 1.4.2 and 2.4.1",
    methods: POST,
    status: 201,
    path: "/v3/auth/tokens",
    permission: "none: it is how callers show who they are",
    mutating: true,
    input: Type.Object({
      noCatalog: optional(
        Type.String({ maxLength: 64, description: "Any text that is not empty leaves the catalog out." }),
      ),
      auth,
      scope: optional(scope),
    }),
    // An example of section 1.4.2 writes `scope` beside `auth`; it counts there too.
    wire: { noCatalog: inQuery("nocatalog"), auth: inBody("auth"), scope: inBody("scope") },
    output: issued,
    answer: inSubjectHeader,
    errors: ["CREDENTIALS_WRONG", "CREDENTIALS_SLOWED", "PRINCIPAL_DISABLED", "PROJECT_UNKNOWN", "ACCESS_DENIED"],
    example: {
      input: {
        auth: {
          identity: {
            methods: ["password"],
            password: { user: { name: "clerk", password: "example-password", domain: { name: "Shipper" } } },
          },
          scope: { project: { name: "cn-north-4" } },
        },
      },
      output: { subjectToken: "MIIexample", token: exampleToken },
    },
  }),
  showToken: operation({
    id: "huawei-iam:showToken",
    summary: "Describes the token in X-Subject-Token, if it still counts.",
    source: "Supplement: IAM API KeystoneValidateToken, which clients of token authentication call",
    methods: GET,
    path: "/v3/auth/tokens",
    permission: "iam:token:get",
    mutating: false,
    input: Type.Object({ noCatalog: optional(Type.String({ maxLength: 64 })), subjectToken }),
    wire: { noCatalog: inQuery("nocatalog"), subjectToken: inHeader("X-Subject-Token") },
    output: issued,
    answer: inSubjectHeader,
    errors: ["CREDENTIAL_UNKNOWN"],
    example: { input: { subjectToken: "MIIexample" }, output: { subjectToken: "MIIexample", token: exampleToken } },
  }),
  revokeToken: operation({
    id: "huawei-iam:revokeToken",
    summary: "Ends the token in X-Subject-Token.",
    source: "Supplement: Keystone's DELETE /v3/auth/tokens, the counterpart of its validation",
    methods: DELETE,
    status: 204,
    path: "/v3/auth/tokens",
    permission: "iam:token:delete",
    mutating: true,
    input: Type.Object({ subjectToken }),
    wire: { subjectToken: inHeader("X-Subject-Token") },
    output: Type.Object({}),
    answer: { encode: () => ({ data: undefined }), decode: () => ({}) },
    errors: ["CREDENTIAL_UNKNOWN"],
    example: { input: { subjectToken: "MIIexample" }, output: {} },
  }),
};

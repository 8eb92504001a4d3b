import { type OutputCodec, type Static, Type } from "@concordat/api-kit";
import {
  BASE,
  DELETE,
  GET,
  hex64,
  inBody,
  inPath,
  inQuery,
  noContent,
  operation,
  POST,
  SOURCE,
  uid,
} from "./common.ts";

const scope = Type.Object(
  {
    kind: Type.Union([Type.Literal("unscoped"), Type.Literal("tenant"), Type.Literal("project")]),
    tenantId: Type.Optional(Type.String()),
    projectId: Type.Optional(Type.String()),
  },
  { description: "How far it reaches." },
);
const who = Type.Object({
  uid,
  userId: Type.String(),
  accountUid: uid,
  name: Type.String(),
  kind: Type.Union([Type.Literal("account"), Type.Literal("ram-user")]),
  installationAdministrator: Type.Boolean(),
});
const csrfToken = Type.String({ description: "To be sent in the header X-CSRF-Token by calls that change something." });
const expiresMs = Type.Integer({ description: "Milliseconds since the epoch." });

const session = Type.Object({
  sessionId: hex64,
  kind: Type.String({ description: "The API that it was opened with." }),
  uid,
  scope,
  issuedMs: Type.Integer(),
  expiresMs,
});

const opened = Type.Object({
  principal: who,
  tenantId: Type.String(),
  csrfToken,
  expiresMs,
  cookie: Type.String({ description: "Travels in the header Set-Cookie." }),
});
const ended = Type.Object({
  cookie: Type.Optional(Type.String({ description: "Travels in the header Set-Cookie." })),
});

/** The session itself is in the cookie and nowhere else, where no script of a page can read it. */
const withCookie: OutputCodec<Static<typeof opened>> = {
  encode: ({ cookie, ...data }) => ({ data, headers: { "set-cookie": cookie } }),
  decode: ({ data, headers }) => ({ ...Object(data), cookie: headers?.["set-cookie"] }),
};
const cookieOnly: OutputCodec<Static<typeof ended>> = {
  encode: ({ cookie }) => ({ data: undefined, ...(cookie === undefined ? {} : { headers: { "set-cookie": cookie } }) }),
  decode: ({ headers }) => (headers?.["set-cookie"] === undefined ? {} : { cookie: headers["set-cookie"] }),
};

const exampleWho = {
  uid: "2000000000000001",
  userId: "0123456789abcdef0123456789abcdef",
  accountUid: "1000000000000002",
  name: "truck-7",
  kind: "ram-user" as const,
  installationAdministrator: false,
};
const exampleTenant = "fedcba9876543210fedcba9876543210";
const exampleSession = {
  sessionId: "ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52",
  kind: "console",
  uid: exampleWho.uid,
  scope: { kind: "tenant" as const, tenantId: exampleTenant },
  issuedMs: 1_700_000_000_000,
  expiresMs: 1_700_043_200_000,
};

/** What is called without credentials, in order to get some. */
export const signInRoutes = {
  createSession: operation({
    id: "native:createSession",
    summary: "Signs in with name and password. The session is a cookie for browsers; it ends after 12 hours.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/sessions`,
    permission: "iam:session:create",
    mutating: true,
    anonymous: true,
    input: Type.Object({
      userName: Type.String({ minLength: 1, maxLength: 256, description: "The user's name." }),
      password: Type.String({ minLength: 1, maxLength: 256, writeOnly: true, description: "The user's password." }),
      tenantName: Type.Optional(
        Type.String({ minLength: 1, maxLength: 256, description: "By default the installation's first tenant." }),
      ),
    }),
    wire: { userName: inBody("userName"), password: inBody("password"), tenantName: inBody("tenantName") },
    output: opened,
    answer: withCookie,
    errors: ["CREDENTIALS_WRONG", "CREDENTIALS_SLOWED", "PRINCIPAL_DISABLED", "OVERLOADED"],
    example: {
      input: { userName: "truck-7", password: "example-password", tenantName: "Shipper" },
      output: {
        principal: exampleWho,
        tenantId: exampleTenant,
        csrfToken: "ZXhhbXBsZSB0b2tlbg",
        expiresMs: exampleSession.expiresMs,
        cookie: "concordat-session-0123456789abcdef=ZXhhbXBsZQ; Path=/api/v1; HttpOnly; SameSite=Strict",
      },
    },
  }),
};

export const sessionRoutes = {
  getCurrentSession: operation({
    id: "native:getCurrentSession",
    summary: "Tells who the caller is, by which credential, and the CSRF token of its console session.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/sessions/current`,
    permission: "iam:user:get",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: Type.Object({
      principal: who,
      tenantId: Type.String(),
      scope,
      credentialKind: Type.String(),
      csrfToken: Type.Optional(csrfToken),
    }),
    errors: [],
    example: {
      input: {},
      output: {
        principal: exampleWho,
        tenantId: exampleTenant,
        scope: exampleSession.scope,
        credentialKind: "console-session",
        csrfToken: "ZXhhbXBsZSB0b2tlbg",
      },
    },
  }),
  deleteCurrentSession: operation({
    id: "native:deleteCurrentSession",
    summary: "Signs out: ends the session or token that the call is made with.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/sessions/current`,
    permission: "iam:session:delete",
    mutating: true,
    input: Type.Object({}),
    wire: {},
    output: ended,
    answer: cookieOnly,
    errors: ["CREDENTIAL_UNKNOWN"],
    example: {
      input: {},
      output: { cookie: "concordat-session-0123456789abcdef=; Path=/api/v1; HttpOnly; SameSite=Strict; Max-Age=0" },
    },
  }),
  listSessions: operation({
    id: "native:listSessions",
    summary: "Lists sessions and tokens of every API, newest first; one's own by default.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/sessions`,
    permission: "iam:session:list",
    mutating: false,
    input: Type.Object({ uid: Type.Optional(uid) }),
    wire: { uid: inQuery("uid") },
    output: Type.Object({ sessions: Type.Array(session) }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN"],
    example: { input: { uid: exampleWho.uid }, output: { sessions: [exampleSession] } },
  }),
  revokeSession: operation({
    id: "native:revokeSession",
    summary: "Ends a session or token.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/sessions/{id}`,
    permission: "iam:session:delete",
    mutating: true,
    input: Type.Object({ sessionId: hex64 }),
    wire: { sessionId: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "CREDENTIAL_UNKNOWN"],
    example: { input: { sessionId: exampleSession.sessionId }, output: {} },
  }),
};

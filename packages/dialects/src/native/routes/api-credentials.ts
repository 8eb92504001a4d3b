import { Type } from "@concordat/api-kit";
import { BASE, DELETE, GET, inBody, inPath, noContent, operation, POST, PUT, SOURCE, uid } from "./common.ts";

const apiKeyId = Type.String({ minLength: 1, maxLength: 64, description: "16 letters and digits." });
const clientId = Type.String({ minLength: 1, maxLength: 64, description: "32 lower-case hex digits." });
const active = Type.Boolean({ description: "Whether it may be used." });
const secret = Type.String({ description: "Answered here and nowhere else." });
const createdMs = Type.Integer({ description: "Milliseconds since the epoch." });
const grantTypes = Type.Array(Type.Union([Type.Literal("client_credentials"), Type.Literal("password")]), {
  minItems: 1,
  maxItems: 2,
  description: "How tokens may be asked for.",
});
const scopes = Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
  maxItems: 20,
  description: "What tokens may be asked for.",
});
const clientName = Type.String({ minLength: 1, maxLength: 64, description: "1 to 64 printable characters." });

const apiKey = Type.Object({ apiKey: apiKeyId, uid, active, createdMs });
const oauthClient = Type.Object({ clientId, uid, name: clientName, grantTypes, scopes, active, createdMs });

const exampleUid = "2000000000000001";
const exampleApiKey = { apiKey: "exampleApiKey001", uid: exampleUid, active: true, createdMs: 1_700_000_000_000 };
const exampleClient = {
  clientId: "0123456789abcdef0123456789abcdef",
  uid: exampleUid,
  name: "till",
  grantTypes: ["client_credentials" as const],
  scopes: ["tokens.read"],
  active: true,
  createdMs: 1_700_000_000_000,
};

/** Key pairs of the BIF API and OAuth 2 clients. */
export const apiCredentialRoutes = {
  createApiKey: operation({
    id: "native:createApiKey",
    summary: "Creates an API key and secret of a user, as the BIF API asks for them.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/users/{uid}/api-keys`,
    permission: "iam:apiKey:create",
    mutating: true,
    input: Type.Object({ uid }),
    wire: { uid: inPath("uid") },
    output: Type.Object({ apiKey, apiSecret: secret }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN", "KEY_LIMIT_REACHED"],
    example: { input: { uid: exampleUid }, output: { apiKey: exampleApiKey, apiSecret: "example-secret" } },
  }),
  listApiKeys: operation({
    id: "native:listApiKeys",
    summary: "Lists a user's API keys, oldest first, without their secrets.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/users/{uid}/api-keys`,
    permission: "iam:apiKey:list",
    mutating: false,
    input: Type.Object({ uid }),
    wire: { uid: inPath("uid") },
    output: Type.Object({ apiKeys: Type.Array(apiKey) }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN"],
    example: { input: { uid: exampleUid }, output: { apiKeys: [exampleApiKey] } },
  }),
  setApiKeyActive: operation({
    id: "native:setApiKeyActive",
    summary: "Enables or disables an API key. Tokens that it was given live on to their end.",
    source: SOURCE,
    methods: PUT,
    status: 204,
    path: `${BASE}/api-keys/{id}`,
    permission: "iam:apiKey:update",
    mutating: true,
    input: Type.Object({ apiKey: apiKeyId, active }),
    wire: { apiKey: inPath("id"), active: inBody("active") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "CREDENTIAL_UNKNOWN"],
    example: { input: { apiKey: "exampleApiKey001", active: false }, output: {} },
  }),
  deleteApiKey: operation({
    id: "native:deleteApiKey",
    summary: "Deletes an API key. Tokens that it was given live on to their end.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/api-keys/{id}`,
    permission: "iam:apiKey:delete",
    mutating: true,
    input: Type.Object({ apiKey: apiKeyId }),
    wire: { apiKey: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "CREDENTIAL_UNKNOWN"],
    example: { input: { apiKey: "exampleApiKey001" }, output: {} },
  }),
  createOAuthClient: operation({
    id: "native:createOAuthClient",
    summary: "Creates an OAuth 2 client that acts as a user.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/users/{uid}/oauth-clients`,
    permission: "iam:oauthClient:create",
    mutating: true,
    input: Type.Object({ uid, name: clientName, grantTypes, scopes }),
    wire: {
      uid: inPath("uid"),
      name: inBody("name"),
      grantTypes: inBody("grantTypes"),
      scopes: inBody("scopes"),
    },
    output: Type.Object({ client: oauthClient, clientSecret: secret }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN", "CREDENTIAL_INVALID", "KEY_LIMIT_REACHED"],
    example: {
      input: { uid: exampleUid, name: "till", grantTypes: ["client_credentials"], scopes: ["tokens.read"] },
      output: { client: exampleClient, clientSecret: "example-secret" },
    },
  }),
  listOAuthClients: operation({
    id: "native:listOAuthClients",
    summary: "Lists the OAuth 2 clients that act as a user, oldest first, without their secrets.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/users/{uid}/oauth-clients`,
    permission: "iam:oauthClient:list",
    mutating: false,
    input: Type.Object({ uid }),
    wire: { uid: inPath("uid") },
    output: Type.Object({ clients: Type.Array(oauthClient) }),
    errors: ["ACCESS_DENIED", "USER_UNKNOWN"],
    example: { input: { uid: exampleUid }, output: { clients: [exampleClient] } },
  }),
  setOAuthClientActive: operation({
    id: "native:setOAuthClientActive",
    summary: "Enables or disables an OAuth 2 client. Tokens that it was given live on to their end.",
    source: SOURCE,
    methods: PUT,
    status: 204,
    path: `${BASE}/oauth-clients/{id}`,
    permission: "iam:oauthClient:update",
    mutating: true,
    input: Type.Object({ clientId, active }),
    wire: { clientId: inPath("id"), active: inBody("active") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "CREDENTIAL_UNKNOWN"],
    example: { input: { clientId: exampleClient.clientId, active: false }, output: {} },
  }),
  deleteOAuthClient: operation({
    id: "native:deleteOAuthClient",
    summary: "Deletes an OAuth 2 client. Tokens that it was given live on to their end.",
    source: SOURCE,
    methods: DELETE,
    status: 204,
    path: `${BASE}/oauth-clients/{id}`,
    permission: "iam:oauthClient:delete",
    mutating: true,
    input: Type.Object({ clientId }),
    wire: { clientId: inPath("id") },
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "CREDENTIAL_UNKNOWN"],
    example: { input: { clientId: exampleClient.clientId }, output: {} },
  }),
};

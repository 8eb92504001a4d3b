import { asJson, operationFor, type Static, Type } from "@concordat/api-kit";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";

const operation = operationFor<PlatformErrorCode | AdministrationErrorCode>();
const text = (lengthMax: number) => Type.String({ minLength: 1, maxLength: lengthMax });
const inForm = (name: string) => ({ in: "body", name }) as const;

const tokenAnswer = Type.Object({
  access_token: Type.String({ description: "A JSON Web Token, RS256." }),
  token_type: Type.Literal("Bearer"),
  expires_in: Type.Integer({ description: "Seconds." }),
  scope: Type.Optional(Type.String({ description: "Where it is not the one that was asked for." })),
});

const keySet = Type.Object({
  keys: Type.Array(
    Type.Object(
      { kty: Type.String(), kid: Type.String(), alg: Type.String(), use: Type.String() },
      { additionalProperties: true },
    ),
  ),
});

export const oauthRoutes = {
  createToken: operation({
    id: "oracle:createToken",
    summary: "Gives an access token, good for an hour, to a client for itself or for a user whose password it has.",
    source: "Oracle identity domain REST API, /oauth2/v1/token; RFC 6749, sections 4.3 and 4.4",
    methods: ["POST"],
    path: "/oauth2/v1/token",
    permission: "iam:session:create",
    mutating: false,
    input: Type.Object({
      grantType: text(128),
      scope: Type.Optional(text(2_048)),
      userName: Type.Optional(text(256)),
      password: Type.Optional(text(1_024)),
      clientId: Type.Optional(text(128)),
      clientSecret: Type.Optional(text(256)),
    }),
    wire: {
      grantType: inForm("grant_type"),
      scope: inForm("scope"),
      userName: inForm("username"),
      password: inForm("password"),
      clientId: inForm("client_id"),
      clientSecret: inForm("client_secret"),
    },
    output: tokenAnswer,
    answer: asJson<Static<typeof tokenAnswer>>({ "cache-control": "no-store", pragma: "no-cache" }),
    errors: ["CREDENTIALS_WRONG", "CREDENTIALS_SLOWED", "PRINCIPAL_DISABLED"],
    example: {
      input: { grantType: "client_credentials", scope: "stablecoin" },
      output: { access_token: "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl", token_type: "Bearer", expires_in: 3_600 },
    },
  }),
  listSigningKeys: operation({
    id: "oracle:listSigningKeys",
    summary: "The public keys that access tokens are verified with. For everybody.",
    source: "Oracle identity domain REST API, /admin/v1/SigningCert/jwk; RFC 7517",
    methods: ["GET"],
    path: "/admin/v1/SigningCert/jwk",
    permission: "platform:signingKey:read",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: keySet,
    // Short, so that a key that has just been made is soon known everywhere.
    answer: asJson<Static<typeof keySet>>({ "cache-control": "public, max-age=60" }),
    errors: [],
    example: { input: {}, output: { keys: [{ kty: "RSA", kid: "0".repeat(32), alg: "RS256", use: "sig" }] } },
  }),
};

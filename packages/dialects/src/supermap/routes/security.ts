import { operationFor, Type } from "@concordat/api-kit";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";
import { formats } from "../representation/formats.ts";

const operation = operationFor<PlatformErrorCode | AdministrationErrorCode>();

export const BASE = "/iserver/services/security";
const SOURCE = "SuperMap iServer REST API";
/** The client's calls name no format. */
const CLIENT = "npm @supermap/iclient-common 11.1.1, SecurityManager";

const format = Type.Union(
  formats.map((name) => Type.Literal(name)),
  { description: "Left out with its dot: html for GET, rjson for everything else." },
);
const inPath = { in: "path", name: "format" } as const;
const inBody = (name: string) => ({ in: "body", name }) as const;
const text = (lengthMax: number) => Type.String({ minLength: 1, maxLength: lengthMax });
const signInErrors = ["CREDENTIALS_WRONG", "CREDENTIALS_SLOWED", "PRINCIPAL_DISABLED"] as const;

/** How a token may be bound to where it is used. */
export const clientTypes = ["IP", "Referer", "RequestIP", "NONE"] as const;
/** A year. The documents name no limit; a token that never ends would be a password. */
export const EXPIRATION_MINUTES_MAX = 525_600;

export const securityRoutes = {
  login: operation({
    id: "supermap:login",
    summary: "Begins a session: the answer sets its cookie.",
    source: `${SOURCE}, login; ${CLIENT}`,
    methods: ["POST"],
    path: `${BASE}/login.{format}`,
    permission: "iam:session:create",
    mutating: false,
    input: Type.Object({
      format,
      userName: text(256),
      password: text(1_024),
      rememberMe: Type.Optional(Type.Boolean({ description: "Also sets a cookie that outlives the browser session." })),
    }),
    wire: {
      format: inPath,
      userName: inBody("username"),
      password: inBody("password"),
      rememberMe: inBody("rememberme"),
    },
    output: Type.Object({ succeed: Type.Literal(true), referer: Type.String() }),
    errors: signInErrors,
    example: {
      input: { format: "rjson", userName: "admin", password: "example-password" },
      output: { succeed: true, referer: "/iserver/services" },
    },
  }),
  logout: operation({
    id: "supermap:logout",
    summary: "Ends the session of the cookies that are shown.",
    source: `${SOURCE}, logout; ${CLIENT} (by GET)`,
    methods: ["GET", "POST"],
    path: `${BASE}/logout.{format}`,
    permission: "iam:session:delete",
    mutating: false,
    input: Type.Object({ format }),
    wire: { format: inPath },
    output: Type.Object({ succeed: Type.Literal(true) }),
    errors: [],
    example: { input: { format: "rjson" }, output: { succeed: true } },
  }),
  getTokenForm: operation({
    id: "supermap:getTokenForm",
    summary: "The form that asks for a token.",
    source: `${SOURCE}, tokens, GET and HEAD`,
    methods: ["GET"],
    path: `${BASE}/tokens.{format}`,
    permission: "iam:session:create",
    mutating: false,
    input: Type.Object({ format }),
    wire: { format: inPath },
    output: Type.Object({
      userName: Type.String(),
      password: Type.String(),
      clientType: Type.String(),
      ip: Type.String(),
      referer: Type.String(),
      expiration: Type.Integer(),
    }),
    errors: [],
    example: {
      input: { format: "rjson" },
      output: { userName: "", password: "", clientType: "NONE", ip: "", referer: "", expiration: 60 },
    },
  }),
  createToken: operation({
    id: "supermap:createToken",
    summary:
      "Gives a token, bound to an address or a page where that is asked for. The answer's body is the token itself.",
    source: `${SOURCE}, tokens, POST; ${CLIENT}`,
    methods: ["POST"],
    path: `${BASE}/tokens.{format}`,
    permission: "iam:session:create",
    mutating: false,
    input: Type.Object({
      format,
      userName: text(256),
      password: text(1_024),
      clientType: Type.Union(clientTypes.map((name) => Type.Literal(name))),
      ip: Type.Optional(Type.String({ maxLength: 64, description: "With IP." })),
      referer: Type.Optional(Type.String({ maxLength: 2_048, description: "With Referer: http or https." })),
      expiration: Type.Integer({ minimum: 1, maximum: EXPIRATION_MINUTES_MAX, description: "Minutes." }),
    }),
    wire: {
      format: inPath,
      userName: inBody("userName"),
      password: inBody("password"),
      clientType: inBody("clientType"),
      ip: inBody("ip"),
      referer: inBody("referer"),
      expiration: inBody("expiration"),
    },
    output: Type.String(),
    errors: signInErrors,
    example: {
      input: { format: "rjson", userName: "admin", password: "example-password", clientType: "NONE", expiration: 60 },
      output: "0aC3ExampleToken",
    },
  }),
};

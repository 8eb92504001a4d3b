import { openApiDocument } from "@concordat/api-kit";
import { signInRoutes } from "./routes/sessions.ts";
import { routes } from "./routes/table.ts";

/** The OpenAPI document of the native API, derived from its table. */
export function nativeOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Concordat native API",
    version: "1",
    description:
      "Receipts, channels, business chains with their members, devices and collaborations, Fabric networks and accounts. Calls that change something take an Idempotency-Key header.",
    table: { ...routes, ...signInRoutes },
    securitySchemes: {
      basic: {
        type: "http",
        scheme: "basic",
        description:
          "Access key id and secret, or a user's name (or tenant/name) and password. Use it on loopback or TLS only.",
      },
      authToken: { type: "apiKey", in: "header", name: "X-Auth-Token", description: "A token of the IAM API." },
      consoleSession: {
        type: "apiKey",
        in: "cookie",
        name: "concordat-session-<installation id>",
        description: "A session of POST /api/v1/sessions. Calls that change something show X-CSRF-Token too.",
      },
      acs3Signature: { type: "apiKey", in: "header", name: "Authorization", description: "ACS3-HMAC-SHA256." },
    },
    errorBody: {
      mediaType: "application/problem+json",
      schema: {
        type: "object",
        required: ["type", "title", "status", "code"],
        properties: {
          type: { type: "string" },
          title: { type: "string" },
          status: { type: "integer" },
          code: { type: "string" },
          remedy: { type: "string" },
          grpcCode: { description: "Of a call that a Fabric network refused." },
          details: { type: "array", items: { type: "string" }, description: "What its peers said." },
        },
      },
    },
  });
}

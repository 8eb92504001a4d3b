import { openApiDocument } from "@concordat/api-kit";
import { routes } from "./routes/table.ts";

/** The OpenAPI document of the native API, derived from its table. */
export function nativeOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Concordat native API",
    version: "1",
    description:
      "Receipts, channels, business chains and accounts. Calls that change something take an Idempotency-Key header.",
    table: routes,
    securitySchemes: {
      basic: {
        type: "http",
        scheme: "basic",
        description: "Access key id and secret. Use it on loopback or TLS only.",
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
        },
      },
    },
  });
}

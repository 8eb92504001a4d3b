import { openApiDocument } from "@concordat/api-kit";
import { iamRoutes } from "./routes/table.ts";

const text = { type: "string" };

/** The OpenAPI document of the IAM operations, derived from their table. */
export function iamOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Huawei Cloud IAM, as far as clients of BCS and HBS use it",
    version: "v3",
    description:
      "Tokens, projects, domains and regions. Paths may end in a slash. Fields that are not named here are passed over. " +
      "POST /v3/auth/tokens needs no credential.",
    table: iamRoutes,
    securitySchemes: {
      token: { type: "apiKey", in: "header", name: "X-Auth-Token" },
      signature: {
        type: "apiKey",
        in: "header",
        name: "Authorization",
        description: "SDK-HMAC-SHA256 or SDK-HMAC-SM3.",
      },
    },
    errorBody: {
      mediaType: "application/json",
      schema: {
        type: "object",
        required: ["error_msg", "error_code", "request_id"],
        properties: { error_msg: text, error_code: text, request_id: text },
      },
    },
  });
}

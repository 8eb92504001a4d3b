import { openApiDocument } from "@concordat/api-kit";
import { routes } from "./routes/table.ts";

/** The OpenAPI document of this API, derived from its table. */
export function oracleStablecoinOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Oracle stablecoin API",
    version: "1",
    description: "The endpoints that give and verify the access tokens of the API.",
    table: routes,
    securitySchemes: {
      client: { type: "http", scheme: "basic", description: "The client's id and secret." },
    },
    requestMediaType: "application/x-www-form-urlencoded",
    errorBody: {
      mediaType: "application/json",
      schema: {
        type: "object",
        required: ["error"],
        properties: { error: { type: "string" }, error_description: { type: "string" } },
      },
    },
  });
}

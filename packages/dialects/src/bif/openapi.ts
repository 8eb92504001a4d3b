import { openApiDocument } from "@concordat/api-kit";
import { routes } from "./routes/table.ts";

/** The OpenAPI document of this API, derived from its table. */
export function bifOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Xinghuo BIF open API",
    version: "1.5.7",
    description: "Calls are a POST of a JSON object. Refusals answer 200 with a number in errorCode.",
    table: routes,
    // The one operation served so far gives the token that the others are to show in their body.
    securitySchemes: {},
    errorBody: {
      mediaType: "application/json",
      schema: {
        type: "object",
        required: ["errorCode", "message"],
        properties: { errorCode: { type: "integer" }, message: { type: "string" } },
      },
    },
  });
}

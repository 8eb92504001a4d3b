import { openApiDocument } from "@concordat/api-kit";
import { routes } from "./routes/table.ts";

/** The OpenAPI document of this API, derived from its table. */
export function supermapOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "SuperMap iServer",
    version: "11",
    description:
      "Sessions and tokens. The suffix of a path is the format of the answer: rjson, json, xml or html; without one, html for GET and " +
      "rjson for everything else. Other methods than POST may be sent as POST with _method in the query.",
    table: routes,
    securitySchemes: {
      token: { type: "apiKey", in: "query", name: "token", description: "Or the header of the same name." },
      session: { type: "apiKey", in: "cookie", name: "JSESSIONID" },
    },
    errorBody: {
      mediaType: "application/rjson",
      schema: {
        type: "object",
        required: ["succeed", "error"],
        properties: {
          succeed: { const: false },
          error: {
            type: "object",
            required: ["code", "errorMsg"],
            properties: { code: { type: "integer" }, errorMsg: { type: "string" } },
          },
        },
      },
    },
  });
}

import { openApiDocument } from "@concordat/api-kit";
import { routes } from "./routes/table.ts";

const text = { type: "string" };
const common = (name: string, required: boolean, schema: unknown) => ({ name, in: "query", required, schema });

/** The OpenAPI document of this API, derived from its table. */
export function aliyunLtlOpenApi(): Readonly<Record<string, unknown>> {
  return openApiDocument({
    title: "Aliyun Link Trusted Ledger",
    version: "2019-05-10",
    description:
      "All actions are called at / and told apart by the Action parameter. Parameters travel in the query, in a form body, or in both. " +
      "Data has the form of the vendor's document, section by section.",
    table: routes,
    securitySchemes: {
      rpcSignature: {
        type: "apiKey",
        in: "query",
        name: "Signature",
        description: "RPC signature version 1, HMAC-SHA1.",
      },
      acs3Signature: { type: "apiKey", in: "header", name: "Authorization", description: "ACS3-HMAC-SHA256." },
    },
    envelope: (data) => ({
      type: "object",
      required: ["RequestId", "Code", "Success"],
      properties: {
        Message: text,
        RequestId: text,
        Data: data,
        Code: { type: "integer", description: "200, or the negative number of a business error." },
        Success: { type: "boolean" },
      },
    }),
    errorBody: {
      mediaType: "application/json",
      schema: {
        type: "object",
        properties: { Recommend: text, Message: text, RequestId: text, HostId: text, Code: text },
      },
    },
    commonParameters: [
      common("Version", true, { const: "2019-05-10" }),
      common("ApiVersion", true, { const: "1.0.0" }),
      common("Format", false, { enum: ["JSON", "XML"] }),
    ],
  });
}

import { createRequire } from "node:module";
import PopCore from "@alicloud/pop-core";
import type { Bootstrap } from "./server.ts";

/** One of the official clients in one of its ways of calling, unmodified. Answers the body, also where the client throws for it. */
export interface OfficialClient {
  readonly name: string;
  call(action: string, parameters: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>>;
}

const TIMEOUT_MS = 60_000;
const API_VERSION = "2019-05-10";

// CommonJS packages whose named exports only `require` sees.
const require = createRequire(import.meta.url);
const openApi: typeof import("@alicloud/openapi-client") = require("@alicloud/openapi-client");
const { RuntimeOptions }: typeof import("@alicloud/tea-util") = require("@alicloud/tea-util");

function popCore(bootstrap: Bootstrap, method: "GET" | "POST"): OfficialClient {
  const { endpoint, accessKeyId, accessKeySecret } = bootstrap.aliyun;
  const client = new PopCore({ endpoint, apiVersion: API_VERSION, accessKeyId, accessKeySecret });
  return {
    name: `pop-core ${method}`,
    async call(action, parameters) {
      try {
        return await client.request(action, { ApiVersion: "1.0.0", ...parameters }, { method, timeout: TIMEOUT_MS });
      } catch (error) {
        // It throws for every business refusal; the body is in `data`.
        if (error instanceof Error && "data" in error && typeof error.data === "object") return { ...error.data };
        throw error;
      }
    },
  };
}

function openApiClient(
  bootstrap: Bootstrap,
  method: "GET" | "POST",
  signatureAlgorithm: "v2" | undefined,
): OfficialClient {
  const { accessKeyId, accessKeySecret } = bootstrap.aliyun;
  const client = new openApi.default(
    new openApi.Config({
      accessKeyId,
      accessKeySecret,
      endpoint: new URL(bootstrap.aliyun.endpoint).host,
      protocol: "http",
      ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }),
    }),
  );
  return {
    name: `openapi-client ${signatureAlgorithm ?? "ACS3"} ${method}`,
    async call(action, parameters) {
      const params = new openApi.Params({
        action,
        version: API_VERSION,
        protocol: "HTTP",
        pathname: "/",
        method,
        authType: "AK",
        style: "RPC",
        reqBodyType: "formData",
        bodyType: "json",
      });
      const business = { ApiVersion: "1.0.0", ...parameters };
      const request = new openApi.OpenApiRequest(method === "GET" ? { query: business } : { body: business });
      const runtime = new RuntimeOptions({ readTimeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS });
      const { body } = await client.callApi(params, request, runtime);
      return { ...body };
    },
  };
}

export function officialClients(bootstrap: Bootstrap): OfficialClient[] {
  return [
    popCore(bootstrap, "GET"),
    popCore(bootstrap, "POST"),
    openApiClient(bootstrap, "GET", undefined),
    openApiClient(bootstrap, "POST", undefined),
    openApiClient(bootstrap, "GET", "v2"),
    openApiClient(bootstrap, "POST", "v2"),
  ];
}

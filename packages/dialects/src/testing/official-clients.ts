import { createRequire } from "node:module";
import { KEY_ID, KEY_SECRET } from "./fake-platform.ts";

// The packages are CommonJS with a `default` of their own: loading them by require is the form that they document.
const require = createRequire(import.meta.url);
const PopCore = require("@alicloud/pop-core") as typeof import("@alicloud/pop-core");
const openApi = require("@alicloud/openapi-client") as typeof import("@alicloud/openapi-client");
const { RuntimeOptions } = require("@alicloud/tea-util") as typeof import("@alicloud/tea-util");

interface Answer {
  readonly Code: number;
  readonly Success: boolean;
  readonly Data: unknown;
}

/** Calls an action with its own parameters; lists go as the client itself flattens them. */
export type Call = (action: string, own: Readonly<Record<string, unknown>>) => Promise<Answer>;

const VERSION = "2019-05-10";

/** The vendor's general clients in all their ways, against the address of a running server. */
export function officialClients(address: () => string): Readonly<Record<string, Call>> {
  return {
    "pop-core GET": popCore("GET", address),
    "pop-core POST": popCore("POST", address),
    "openapi-client ACS3 GET": openApiClient("GET", undefined, address),
    "openapi-client ACS3 POST": openApiClient("POST", undefined, address),
    "openapi-client v2 GET": openApiClient("GET", "v2", address),
    "openapi-client v2 POST": openApiClient("POST", "v2", address),
  };
}

function popCore(method: "GET" | "POST", address: () => string): Call {
  return (action, own) => {
    const config = { endpoint: address(), apiVersion: VERSION, accessKeyId: KEY_ID, accessKeySecret: KEY_SECRET };
    return new PopCore(config).request(action, own, { method });
  };
}

function openApiClient(method: "GET" | "POST", signatureAlgorithm: "v2" | undefined, address: () => string): Call {
  return async (action, own) => {
    const config = new openApi.Config({
      accessKeyId: KEY_ID,
      accessKeySecret: KEY_SECRET,
      endpoint: new URL(address()).host,
      protocol: "HTTP",
      ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }),
    });
    const params = new openApi.Params({
      action,
      version: VERSION,
      protocol: "HTTP",
      pathname: "/",
      method,
      authType: "AK",
      style: "RPC",
      reqBodyType: "formData",
      bodyType: "json",
    });
    const request = new openApi.OpenApiRequest(method === "GET" ? { query: { ...own } } : { body: { ...own } });
    const answer = await new openApi.default(config).callApi(params, request, new RuntimeOptions({}));
    return answer["body"] as Answer;
  };
}

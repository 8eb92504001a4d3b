import { createRequire } from "node:module";
import { systemClock } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIZ_CHAIN_ID, CHAIN_CODE, KEY_ID, KEY_SECRET } from "../testing/fake-platform.ts";
import { createLtlHarnessAt, type Fields } from "../testing/ltl-harness.ts";
import { routes } from "./routes/table.ts";

// Both packages are CommonJS with a `default` of their own: loading them by require is the form that they document.
const require = createRequire(import.meta.url);
const PopCore = require("@alicloud/pop-core") as typeof import("@alicloud/pop-core");
const openApi = require("@alicloud/openapi-client") as typeof import("@alicloud/openapi-client");
const { RuntimeOptions } = require("@alicloud/tea-util") as typeof import("@alicloud/tea-util");

interface Answer {
  readonly Code: number;
  readonly Success: boolean;
  readonly Data: unknown;
}
type Call = (action: string, own: Fields) => Promise<Answer>;

const VERSION = "2019-05-10";
const harness = createLtlHarnessAt(systemClock);
let address = "";
beforeAll(async () => {
  address = await harness.server.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => harness.server.close());

function popCore(method: "GET" | "POST"): Call {
  return (action, own) => {
    const config = { endpoint: address, apiVersion: VERSION, accessKeyId: KEY_ID, accessKeySecret: KEY_SECRET };
    return new PopCore(config).request(action, own, { method });
  };
}

function openApiClient(method: "GET" | "POST", signatureAlgorithm: "v2" | undefined): Call {
  return async (action, own) => {
    const config = new openApi.Config({
      accessKeyId: KEY_ID,
      accessKeySecret: KEY_SECRET,
      endpoint: new URL(address).host,
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

const clients: Readonly<Record<string, Call>> = {
  "pop-core GET": popCore("GET"),
  "pop-core POST": popCore("POST"),
  "openapi-client ACS3 GET": openApiClient("GET", undefined),
  "openapi-client ACS3 POST": openApiClient("POST", undefined),
  "openapi-client v2 GET": openApiClient("GET", "v2"),
  "openapi-client v2 POST": openApiClient("POST", "v2"),
};

describe.each(Object.entries(clients))("%s", (name, call) => {
  const record = {
    ApiVersion: "1.0.0",
    ProductKey: CHAIN_CODE,
    Key: `0001_${CHAIN_CODE}_0X58_${name.replaceAll(/\W/g, "")}`,
  };
  const value = "某公司 <某业务> & 'it''s' (100%) *~!+\n=";
  const page = { CurrentPage: "1", PageSize: "10" };
  const chain = { ApiVersion: "1.0.0", BizChainId: BIZ_CHAIN_ID };

  it("calls every action", async () => {
    const own: Readonly<Record<keyof typeof routes, Fields>> = {
      SetData: { ...record, Value: value },
      GetData: record,
      AttachData: { ...record, Value: "4.2", BusinessId: "a".repeat(64) },
      GetBlockChainInfo: record,
      GetHistoryDataCount: record,
      GetHistoryDataList: { ...record, ...page },
      ListProofChain: { ApiVersion: "1.0.0", Num: "1", Size: "10" },
      DescribeResourceInfo: chain,
      DescribeCapacityInfo: chain,
    };
    const answers: Record<string, unknown> = {};
    for (const [action, fields] of Object.entries(own)) {
      const answer = await call(action, fields);
      expect([action, answer.Code, answer.Success]).toEqual([action, 200, true]);
      answers[action] = answer.Data;
    }
    expect(Object.keys(answers).sort()).toEqual(Object.keys(routes).sort());
    expect(answers["GetData"]).toBe(value);
    expect(answers["GetHistoryDataCount"]).toBe("2");
    expect(answers["GetHistoryDataList"]).toMatchObject({
      Data: [
        { value: "4.2", seq: "1" },
        { value, seq: "2" },
      ],
    });
    expect(answers["ListProofChain"]).toMatchObject({ Total: 1, PageData: [{ BizChainCode: CHAIN_CODE }] });
  });

  it("shows a refusal by its code", async () => {
    const refused = call("GetData", { ...record, ApiVersion: "2" });
    const code = await refused.then(
      (answer) => answer.Code,
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );
    expect(code).toBe(-113);
    await expect(call("GetData", { ...record, BusinessId: "b".repeat(64) })).rejects.toMatchObject({
      code: "InvalidParameter.Key",
    });
  });
});

import { type AnyOperation, createClient, type Transport, type WireAnswer } from "@concordat/api-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIZ_CHAIN_ID, CHAIN_CODE } from "../testing/fake-platform.ts";
import { commonFields, createLtlHarness, type Fields, signedGet, signedPost } from "../testing/ltl-harness.ts";
import { handlers } from "./plugin.ts";
import { routes } from "./routes/table.ts";

type Send = (fields: Fields) => ReturnType<typeof signedGet>;

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const ways: Readonly<Record<string, Send>> = {
  "GET, all in the query": (fields) => signedGet(harness.server, fields),
  "POST, all in the form": (fields) => signedPost(harness.server, fields, () => false),
  "POST, all in the query": (fields) => signedPost(harness.server, fields, () => true),
  "POST, own parameters in the form": (fields) =>
    signedPost(harness.server, fields, (name) => name in commonFields("") || name === "Signature"),
};

function transportOver(send: Send): Transport {
  return async ({ operation, fields }): Promise<WireAnswer> => {
    const own = Object.fromEntries(fields.map(({ field, value }) => [field.name, String(value)]));
    const response = await send({ ...commonFields(operation.name), ...own });
    const body = response.json();
    if (body.Code !== 200) throw new Error(response.body);
    expect(Object.keys(body)).toEqual(["Message", "RequestId", "Data", "Code", "Success"]);
    expect(body).toMatchObject({ Message: "", Success: true });
    expect(body.RequestId).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    expect(response.headers["x-acs-request-id"]).toBe(body.RequestId);
    return { data: body.Data, headers: { "concordat-tx": String(response.headers["concordat-tx"] ?? "") } };
  };
}

describe("every row", () => {
  it.each(Object.entries<AnyOperation>(routes))("%s: the example's output survives the wire", (_name, row) => {
    const answer = row.answer.encode(row.example.output);
    const sent = JSON.parse(JSON.stringify({ data: answer.data, headers: answer.headers ?? {} }));
    expect(row.answer.decode(sent)).toEqual(row.example.output);
  });

  it.each(Object.entries<AnyOperation>(routes))(
    "%s: has a handler, a matcher of its own name and a section",
    (name, row) => {
      expect(Object.keys(handlers)).toContain(name);
      expect(row.matcher).toEqual({ parameter: "Action", value: name });
      expect(row.source).toMatch(/section 4\.2\.[789]\.\d+$/);
    },
  );
});

describe.each(Object.entries(ways))("%s", (way, send) => {
  const client = createClient(routes, transportOver(send));
  const key = `0001_${CHAIN_CODE}_0X58_${way.replaceAll(/\W/g, "")}`;
  const record = { key, chainCode: CHAIN_CODE };

  it("answers each row's example request", async () => {
    for (const [name, row] of Object.entries<AnyOperation>(routes)) {
      const call = client[name as keyof typeof routes] as (input: unknown) => Promise<unknown>;
      const input = { ...(row.example.input as object), ...("key" in (row.example.input as object) ? { key } : {}) };
      if ("businessId" in input && !row.mutating) delete input.businessId;
      await expect(call(input), name).resolves.toBeDefined();
    }
  });

  it("writes and reads back", async () => {
    const own = { ...record, key: `${key}2` };
    const first = await client.SetData({ ...own, value: "某公司 <某业务> & 数据 100%+1\n" });
    expect(first.txIds).toHaveLength(1);
    const businessId = "ABCDEF".padEnd(64, "0");
    await client.AttachData({ ...own, value: "4.2", businessId });
    expect(await client.GetData(own)).toBe("4.2");
    expect(await client.GetData({ ...own, businessId: "1".padStart(16, "0") })).toBe("某公司 <某业务> & 数据 100%+1\n");
    expect(await client.GetHistoryDataCount(own)).toBe(2);
    const rows = await client.GetHistoryDataList({ ...own, page: 2, pageSize: 1 });
    expect(rows).toMatchObject([{ rank: 2, total: 2, txId: first.txIds[0], dataTypeCode: "0X58" }]);
    expect(await client.GetHistoryDataList({ ...own, page: 3, pageSize: 1 })).toEqual([]);
    const info = await client.GetBlockChainInfo({ ...own, businessId: "1".padStart(16, "0") });
    expect(info).toMatchObject({
      transactionHash: first.txIds[0],
      blockHeight: 1,
      endorsementNames: ["Carrier", "Shipper"],
    });
  });

  it("describes the chain", async () => {
    const bizChainId = BIZ_CHAIN_ID;
    expect(await client.DescribeResourceInfo({ bizChainId })).toMatchObject({
      edition: "enterprise",
      region: "cn-shanghai",
    });
    expect(await client.DescribeCapacityInfo({ bizChainId })).toMatchObject({
      usedCount: 3,
      memberUsedCapacityBytes: 20,
    });
    expect((await client.ListProofChain({ page: 1, pageSize: 10 })).chains).toHaveLength(1);
    expect((await client.ListProofChain({ page: 1, pageSize: 10, name: "other" })).chains).toHaveLength(0);
  });
});

describe("the document's forms", () => {
  const key = `0001_${CHAIN_CODE}_0X58_forms`;
  const fields = { Key: key, ProductKey: CHAIN_CODE };

  it("prints types and field order as the document does", async () => {
    const send = (action: string, own: Fields) => signedGet(harness.server, { ...commonFields(action), ...own });
    await send("SetData", { ...fields, Value: "a<b>&\r\n" });
    expect((await send("DescribeCapacityInfo", { BizChainId: BIZ_CHAIN_ID })).body).toMatch(
      /^\{"Message":"","RequestId":"[-0-9A-F]{36}","Data":\{"CountQuota":10000000,"MemberUsedCapacity":20,"CapacityQuota":800000000000,"UsedCapacity":30,"UsedCount":3,"MemberUsedCount":2\},"Code":200,"Success":true\}$/,
    );
    expect((await send("DescribeResourceInfo", { BizChainId: BIZ_CHAIN_ID })).json().Data).toEqual({
      Status: "NORMAL",
      AuthorizeType: "企业版",
      EffectiveTime: 1586125838680,
      ExpiredTime: 1666125838680,
      Region: "cn-shanghai",
    });
    expect((await send("GetHistoryDataCount", fields)).json().Data).toBe("1");
    const history = (await send("GetHistoryDataList", { ...fields, CurrentPage: "1", PageSize: "2" })).json().Data;
    expect(history).toEqual({
      Data: [
        expect.objectContaining({
          code: "0X58",
          blockHeight: "1",
          totalCount: "1",
          seq: "1",
          timestamp: "1600000000001",
        }),
      ],
    });
    const info = JSON.parse((await send("GetBlockChainInfo", fields)).json().Data);
    expect(Object.keys(info.blockChainInfo)).toEqual([
      "chainName",
      "blockHeight",
      "transactionHash",
      "iotId",
      "endorsementNames",
      "timestamp",
      "blockHash",
      "previousHash",
      "dataHash",
    ]);
    expect(info.blockChainInfo).toMatchObject({
      blockHeight: 1,
      endorsementNames: "Carrier,Shipper",
      timestamp: "1600000000001",
    });
  });

  it("answers XML when asked, in any letter case", async () => {
    const send = (action: string, own: Fields) =>
      signedGet(harness.server, { ...commonFields(action), Format: "xMl", ...own });
    const list = await send("ListProofChain", { Num: "1", Size: "2" });
    expect(list.headers["content-type"]).toBe("text/xml;charset=utf-8");
    expect(list.body).toContain("<ListProofChainResponse><Message></Message><RequestId>");
    expect(list.body).toContain(
      "<Data><PageData><RoleType>ADMIN</RoleType><BizChainId>4899730875490001</BizChainId><DataTypeCode>0X58</DataTypeCode>",
    );
    expect(list.body).toContain(
      "<Name>冷链 &lt;Cold&gt; &amp; chain</Name></PageData><Size>2</Size><Num>1</Num><Total>1</Total></Data>",
    );
    expect(list.body).toMatch(/<Code>200<\/Code><Success>true<\/Success><\/ListProofChainResponse>$/);
    expect((await send("GetData", fields)).body).toContain("<Data>a&lt;b&gt;&amp;&#13;\n</Data>");
    const history = await send("GetHistoryDataList", { ...fields, CurrentPage: "1", PageSize: "2" });
    expect(history.body).toContain("<Data><Data><chainName>");
  });

  it("refuses to alter what XML cannot carry", async () => {
    const own = { Key: `${key}-control`, ProductKey: CHAIN_CODE };
    await signedGet(harness.server, { ...commonFields("SetData"), ...own, Value: "a\u0001b" });
    const refused = await signedGet(harness.server, { ...commonFields("GetData"), ...own, Format: "XML" });
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain("<Error><Recommend>Ask for it with Format=JSON.</Recommend>");
    expect(refused.body).toContain("<Code>InvalidParameter.Format</Code></Error>");
    const read = await signedGet(harness.server, { ...commonFields("GetData"), ...own });
    expect(read.json().Data).toBe("a\u0001b");
  });

  it("serves its OpenAPI document", async () => {
    const document = (await harness.server.inject("/openapi/aliyun-ltl.json")).json();
    expect(Object.keys(document.paths)).toHaveLength(Object.keys(routes).length);
    expect(document.paths["/#Action=SetData"].get.parameters.map(({ name }: { name: string }) => name)).toContain(
      "ProductKey",
    );
  });
});

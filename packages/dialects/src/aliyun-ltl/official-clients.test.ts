import type { AnyOperation } from "@concordat/api-kit";
import { systemClock } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAIN_CODE } from "../testing/fake-platform.ts";
import { createLtlHarnessAt, exampleFields, type Fields } from "../testing/ltl-harness.ts";
import { officialClients } from "../testing/official-clients.ts";
import { routes } from "./routes/table.ts";

const harness = createLtlHarnessAt(systemClock);
let address = "";
beforeAll(async () => {
  address = await harness.server.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => harness.server.close());

const clients = officialClients(() => address);

describe.each(Object.entries(clients))("%s", (name, call) => {
  const record = {
    ApiVersion: "1.0.0",
    ProductKey: CHAIN_CODE,
    Key: `0001_${CHAIN_CODE}_0X58_${name.replaceAll(/\W/g, "")}`,
  };
  const value = "某公司 <某业务> & 'it''s' (100%) *~!+\n=";
  const page = { CurrentPage: "1", PageSize: "10" };

  it("calls every action", async () => {
    const own: Partial<Record<keyof typeof routes, Fields>> = {
      SetData: { ...record, Value: value },
      GetData: record,
      AttachData: { ...record, Value: "4.2", BusinessId: "a".repeat(64) },
      GetBlockChainInfo: record,
      GetHistoryDataCount: record,
      GetHistoryDataList: { ...record, ...page },
    };
    const others = Object.entries<AnyOperation>(routes).filter(([action]) => !(action in own));
    const actions = [...Object.keys(own), ...others.map(([action]) => action)];
    const answers: Record<string, unknown> = {};
    for (const action of actions as (keyof typeof routes)[]) {
      const answer = await call(action, own[action] ?? { ApiVersion: "1.0.0", ...exampleFields(action) });
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
    expect(answers["CreateMember"]).toMatch(/^[0-9]{16}$/);
    expect(answers["ListMember"]).toMatchObject({ Num: 1, PageData: [{ MemberContact: "张三" }, {}] });
    expect(answers["ListDevice"]).toMatchObject({ PageData: [{ LastSaveTime: expect.any(Number) }] });
    expect(answers["DescribeMemberCapacityInfo"]).toContainEqual(expect.objectContaining({ UsedCount: "26666" }));
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

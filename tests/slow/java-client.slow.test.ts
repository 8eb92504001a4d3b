import { expect, test } from "vitest";
import { evidenceKey } from "../support/aliyun.ts";
import { buildJava, runJava } from "../support/java.ts";
import { newInstallation, startServer } from "../support/server.ts";

test("the official Java client works unmodified", async () => {
  const classPath = await buildJava({ folder: ".", output: "." });
  const server = await startServer(await newInstallation("java"));
  const { aliyun } = server.bootstrap;
  const { bizChainId, productKey, dataTypeCode } = aliyun.proofChain;
  const stdout = await runJava(classPath, "ltl.Main", {
    environment: {
      LTL_ENDPOINT: new URL(aliyun.endpoint).host,
      LTL_ACCESS_KEY_ID: aliyun.accessKeyId,
      LTL_ACCESS_KEY_SECRET: aliyun.accessKeySecret,
      LTL_PRODUCT_KEY: productKey,
      LTL_BIZ_CHAIN_ID: bizChainId,
      LTL_KEY: evidenceKey(server.bootstrap, "java"),
    },
  });
  const results = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  const accepted = { Code: "200", Success: "true", RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) };
  const value = "温度 21.5 °C & 湿度=40 %, a+b~c*(d)'!";

  expect(results.listProofChain).toMatchObject({
    ...accepted,
    "Data.Total": "1",
    "Data.PageData.Length": "1",
    "Data.PageData[0].BizChainId": bizChainId,
    "Data.PageData[0].BizChainCode": productKey,
    "Data.PageData[0].DataTypeCode": dataTypeCode,
    "Data.PageData[0].RoleType": "ADMIN",
  });
  expect(results.setData).toMatchObject(accepted);
  expect(results.getData).toMatchObject({ ...accepted, Data: value });
  expect(results.setDataAgain).toMatchObject({ Code: "-317", Success: "false" });
  expect(results.attachData).toMatchObject(accepted);
  expect(results.attachDataUnnamed).toMatchObject(accepted);
  expect(results.getDataByBusinessId).toMatchObject({ ...accepted, Data: "second" });
  expect(results.getLatestData).toMatchObject({ ...accepted, Data: "third" });
  expect(results.getHistoryDataCount).toMatchObject({ ...accepted, Data: "3" });
  const { blockChainInfo } = JSON.parse(results.getBlockChainInfo.Data);
  expect(blockChainInfo).toMatchObject({ blockHash: expect.stringMatching(/^[0-9a-f]{64}$/), iotId: "" });
  expect(results.getHistoryDataList).toMatchObject([
    { value: "third", totalCount: "3", code: dataTypeCode, transactionHash: blockChainInfo.transactionHash },
    { value: "second", totalCount: "3", businessId: "ab".repeat(32) },
  ]);
  expect(results.describeResourceInfo).toMatchObject({
    ...accepted,
    "Data.Status": "NORMAL",
    "Data.AuthorizeType": "标准版",
  });
  expect(Number(results.describeResourceInfo["Data.ExpiredTime"])).toBeGreaterThan(Date.now());
  expect(results.describeCapacityInfo).toMatchObject({
    ...accepted,
    "Data.UsedCount": "3",
    "Data.MemberUsedCount": "3",
  });
  const usedBytes = Buffer.byteLength(value) + "second".length + "third".length;
  expect(results.describeCapacityInfo["Data.UsedCapacity"]).toBe(String(usedBytes));
  expect(results.wrongChainCode).toMatchObject({ Code: "-101", Success: "false" });
  // The client compares the server's string to sign with its own: only where they are equal does it blame the secret.
  expect(results.wrongSecret).toMatchObject({ errorCode: "SDK.InvalidAccessKeySecret" });
  expect(results.unknownKey).toMatchObject({ errorCode: "InvalidAccessKeyId.NotFound" });
  expect(await server.stop()).toBe(0);
});

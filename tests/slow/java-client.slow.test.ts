import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { evidenceKey } from "../support/aliyun.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, startServer } from "../support/server.ts";

const run = promisify(execFile);
const project = join(repositoryRoot, "tests/java");
const BUILD_TRIES = 4;

/** Compiles the program; Maven fetches the official client on its first run. @returns the class path */
async function build(): Promise<string> {
  const words = ["-q", "-B", "-U", "compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath.txt"];
  for (let count = 1; ; count += 1) {
    try {
      await run("mvn", words, { cwd: project, maxBuffer: 16 * 1024 * 1024 });
      break;
    } catch (error) {
      // A package mirror may fail for a moment; a real fault fails every time.
      if (count === BUILD_TRIES) throw error;
      await pause(5_000 * count);
    }
  }
  return [join(project, "target/classes"), readFileSync(join(project, "target/classpath.txt"), "utf8").trim()].join(
    delimiter,
  );
}

test("the official Java client works unmodified", async () => {
  const classPath = await build();
  const server = await startServer(await newInstallation("java"));
  const { aliyun } = server.bootstrap;
  const { bizChainId, productKey, dataTypeCode } = aliyun.proofChain;
  const { stdout } = await run("java", ["-Dfile.encoding=UTF-8", "-cp", classPath, "ltl.Main"], {
    env: {
      ...process.env,
      LTL_ENDPOINT: new URL(aliyun.endpoint).host,
      LTL_ACCESS_KEY_ID: aliyun.accessKeyId,
      LTL_ACCESS_KEY_SECRET: aliyun.accessKeySecret,
      LTL_PRODUCT_KEY: productKey,
      LTL_BIZ_CHAIN_ID: bizChainId,
      LTL_KEY: evidenceKey(server.bootstrap, "java"),
    },
    maxBuffer: 16 * 1024 * 1024,
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

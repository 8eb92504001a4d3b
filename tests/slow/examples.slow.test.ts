import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, startServer } from "../support/server.ts";

const run = promisify(execFile);

function runExample(file: string, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [join(repositoryRoot, "examples", file), ...words]);
}

test("the ledger as a library", async () => {
  const { stdout } = await runExample("embedded-ledger.ts");
  expect(stdout).toMatch(/^on disk in block 1 as transaction [0-9a-f]{64}\n/);
  expect(stdout).toContain("the receipt is valid, signed by FoodsMSP\n");
  expect(stdout).toContain("a changed one is invalid\n");
});

test("Aliyun's npm client", async () => {
  const server = await startServer(await newInstallation("example"));
  const { stdout } = await runExample("aliyun-pop-core.js", join(server.dataFolder, "bootstrap.json"));
  expect(stdout).toMatch(/^"temperature 3\.5 C" is in block \d+, transaction [0-9a-f]{64}\n$/);
  expect(await server.stop()).toBe(0);
});

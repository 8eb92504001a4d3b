import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, runCommand, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { readZip } from "../support/zip.ts";

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

/** As `unzip` does. */
async function unpack(zip: string, folder: string): Promise<void> {
  for (const [name, text] of Object.entries(await readZip(await readFile(zip)))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

test("a Fabric network made by commands, and the official Gateway client", async () => {
  const server = await startServer(await newInstallation("example-fabric"));
  const folder = await temporaryFolder("example-fabric-files");
  const zip = join(folder, "connection.zip");
  const concordat = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await runCommand(server, [...words, "--data", server.dataFolder]);
    expect(exitCode, `${words.join(" ")}: ${stderr}`).toBe(0);
    return JSON.parse(stdout);
  };
  // The commands of docs/guides/fabric-network.md, in its order.
  const contract = ["--channel", "goods", "--contract", "basic"];
  const definition = [...contract, "--version", "1.0", "--sequence", "1"];
  const source = join(repositoryRoot, "examples/fabric-contract");
  await concordat("network", "create", "--name", "demo", "--organizations", "Org1MSP,Org2MSP", "--wait");
  const { nodes } = await concordat("node", "list", "demo");
  expect(nodes).toHaveLength(3);
  await concordat("channel", "create", "--network", "demo", "--channel", "goods");
  const { packageId } = await concordat(
    ...["contract", "install", "--network", "demo", "--folder", source, "--label", "basic_1.0"],
  );
  for (const organization of ["Org1MSP", "Org2MSP"]) {
    const words = ["--organization", organization, "--package-id", packageId];
    await concordat("contract", "approve", ...definition, ...words);
  }
  expect(await concordat("contract", "readiness", ...definition)).toMatchObject({ ready: true });
  await concordat("contract", "commit", ...definition);
  expect((await concordat("contract", "list", "--channel", "goods")).contracts).toContainEqual(
    expect.objectContaining({
      name: "basic",
      organizations: [
        expect.objectContaining({ mspId: "Org1MSP", status: expect.objectContaining({ state: "running" }) }),
        expect.objectContaining({ mspId: "Org2MSP", status: expect.objectContaining({ state: "running" }) }),
      ],
    }),
  );
  const { txId } = await concordat("contract", "invoke", ...contract, "--function", "put", "--arg", "a", "--arg", "1");
  expect(await concordat("contract", "query", ...contract, "--function", "get", "--arg", "a")).toMatchObject({
    result: "1",
  });
  expect((await concordat("contract", "logs", ...contract, "--lines", "100")).lines).not.toEqual([]);
  const proof = { receipt: join(folder, "receipt.json"), trust: join(folder, "trust.json") };
  await writeFile(proof.receipt, JSON.stringify(await concordat("receipt", "get", txId)));
  await writeFile(proof.trust, JSON.stringify(await concordat("trust-bundle", "get")));
  const verdict = await runCommand(server, ["verify-receipt", proof.receipt, "--trust", proof.trust]);
  expect(verdict.stdout).toMatch(/^VALID: /);
  await concordat("network", "connection", "--network", "demo", "--organization", "Org1MSP", "--output", zip);
  expect((await stat(zip)).mode & 0o777).toBe(0o600);
  await unpack(zip, join(folder, "connection"));
  const { stdout } = await runExample("fabric-gateway-client.js", join(folder, "connection"), "goods", "basic");
  expect(stdout).toMatch(/^"hello" is in block \d+, transaction [0-9a-f]{64}, code 0\n$/);
  expect(await server.stop()).toBe(0);
});

import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createCaller, evidenceKey } from "../support/aliyun.ts";
import { guideCommands, type Learn, runGuide } from "../support/guide.ts";
import { ltlCalls } from "../support/ltl-calls.ts";
import { createNativeApi } from "../support/native.ts";
import { readRepositoryFile, repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";
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

const aliyunGuide = "docs/guides/aliyun-ltl.md";

test("the LTL guide names every action", () => {
  const { text } = readRepositoryFile(aliyunGuide);
  expect(Object.keys(ltlCalls).filter((action) => !text.includes(`\`${action}\``))).toEqual([]);
});

/** What each command of the LTL guide answers, and the names that later commands use. */
function ltlLessons(server: RunningServer): Readonly<Record<string, Learn>> {
  const { bizChainId, productKey } = server.bootstrap.aliyun.proofChain;
  const expectMembers = async (members: readonly object[]) => {
    const { body } = await createNativeApi(server.bootstrap).get(`/chains/${bizChainId}/members`);
    expect(body).toMatchObject({ members });
  };
  return {
    "account create": ({ principal }) => ({ ACCOUNT_UID: principal.uid }),
    "user create-ram": ({ principal }) => ({ MEMBER_UID: principal.uid }),
    "chain add-member": ({ member }) => ({ MEMBER_ID: member.memberId }),
    "chain lock-member": () => expectMembers([{ name: "Mill", locked: true }]),
    "chain unlock-member": () => expectMembers([{ name: "Mill", locked: false }]),
    "device-product create": (product) => ({ DEVICE_PRODUCT_KEY: product.productKey }),
    "device-identity create": ({ devices }) => ({ IOT_ID: devices.at(-1).iotId }),
    "device-group register": ({ deviceGroupId }) => ({ DEVICE_GROUP_ID: deviceGroupId }),
    async "ltl-demo"(parameters) {
      const caller = createCaller(server.bootstrap);
      const record = { ProductKey: productKey, Value: "21.5 C" };
      const Key = evidenceKey(server.bootstrap, "guide");
      const { body, txIds } = await caller.call("SetDataWithSignature", { ...record, Key, ...parameters });
      caller.close();
      expect(body).toMatchObject({ Code: 200 });
      return { TX_ID: txIds[0] };
    },
    "device list": ({ devices }) => ({ DEVICE_ID: devices.at(-1).deviceId }),
    "device-identity update": (identity) => {
      expect(identity).toMatchObject({ enabled: false });
    },
    "example:device": expectDevice,
    "example:collaboration": expectCollaboration,
    "phase-group list": ({ phaseGroups }) => ({ PHASE_GROUP_ID: phaseGroups.at(-1).phaseGroupId }),
    "phase list": ({ phases }) => ({ PHASE_ID: phases.at(-1).phaseId }),
    "chain get-provenance": (graph) => {
      expect(graph).toMatchObject({
        complete: true,
        edges: [
          { from: 0, to: 1 },
          { from: 1, to: 2 },
        ],
      });
    },
    "verify-receipt": (text) => {
      expect(text).toMatch(/^VALID: /);
    },
    "chain update BIZ_CHAIN_ID --expires-ms": (chain) => {
      expect(chain).toMatchObject({ expiresMs: 4_102_444_800_000 });
    },
    "chain update": (chain) => {
      expect(chain).toMatchObject({ memberQuota: 200 });
    },
  };
}

function expectCollaboration(stdout: string): void {
  const lines = [
    /^Selling sale-1042 \{.+\} by Shop: block (\d+), receipt valid$/,
    /^ {2}Milling sack-12 \{.+\} by Mill: block (\d+), receipt valid$/,
    /^ {4}Growing harvest-7 \{.+\} by Farm: block (\d+), receipt valid$/,
    /^$/,
  ].map((form, place) => form.exec(stdout.split("\n")[place] ?? ""));
  expect(lines, stdout).not.toContain(null);
  const [sold = 0, milled = 0, grown = 0] = lines.map((line) => Number(line?.[1]));
  expect([sold > milled, milled > grown, stdout.split("\n").length], stdout).toEqual([true, true, 4]);
}

function expectDevice(stdout: string): void {
  expect(stdout).toMatch(/^"21\.5 C" of device ([0-9A-F]{24}) is in block \d+\n(.+\n){4}$/);
  expect(stdout).toContain("the same signature again: -106, ");
  expect(stdout).toContain("another value: -111, ");
  expect(stdout).toContain("another value with its digest: -106, ");
  const iotId = /of device (\S+)/.exec(stdout)?.[1];
  expect(stdout).toMatch(new RegExp(`\\ndevice \\d{16} is ${iotId}, last upload \\d{13}\\n$`));
}

test("the commands of the LTL guide, its device and its rice", async () => {
  const server = await startServer(await newInstallation("example-ltl"));
  const { proofChain, collaborationChain } = server.bootstrap.aliyun;
  const places = { BIZ_CHAIN_ID: proofChain.bizChainId, COLLABORATION_CHAIN_ID: collaborationChain.bizChainId };
  const folder = await temporaryFolder("example-ltl-files");
  await runGuide(guideCommands(aliyunGuide), { server, folder, places, lessons: ltlLessons(server) });
  expect((await stat(join(folder, "device.json"))).mode & 0o777).toBe(0o600);
  // Both can be run again on the same installation.
  const bootstrapFile = join(server.dataFolder, "bootstrap.json");
  expectDevice((await runExample("aliyun-device.js", bootstrapFile)).stdout);
  expectCollaboration((await runExample("aliyun-collaboration.js", bootstrapFile)).stdout);
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

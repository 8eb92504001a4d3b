import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Contract, GatewayError } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  connectGateway,
  createTestNetwork,
  filesBelow,
  type GatewayConnection,
  type TestNetwork,
} from "../support/fabric-network.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

/* Chaincodes from registry packages, which nobody here wrote, run as they were published. */

const CHANNEL = "published";
/** The exchange takes orders of its operators from members of this organization. */
const ORGANIZATIONS = ["CuratorOrg", "UsersOrg"] as const;

const folder = join(repositoryRoot, "tests/registry-chaincodes");

let server: RunningServer;
let network: TestNetwork;
let curator: GatewayConnection;
let user: GatewayConnection;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const contractOf = ({ gateway }: GatewayConnection, name: string) => gateway.getNetwork(CHANNEL).getContract(name);

beforeAll(async () => {
  await promisify(execFile)("bash", [join(folder, "setup.sh")]);
  server = await startServer(await newInstallation("fabric-registry"));
  network = await createTestNetwork(server, { organizations: ORGANIZATIONS });
  await network.createChannel(CHANNEL);
  curator = connectGateway(await network.connection("CuratorOrg"));
  user = connectGateway(await network.connection("UsersOrg"));
}, 600_000);

afterAll(async () => {
  curator?.close();
  user?.close();
  await server?.stop();
});

/** What a call of the official client says, its peers' own words included. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    (value) => new Error(`It succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GatewayError);
  const { message, details } = error as GatewayError;
  return [message, ...details.map((detail) => detail.message)].join("\n");
}

/**
 * The files of the published package, with what it depends on in a node_modules of its own. Its manifest's ranges admit versions that came
 * later and do not fit each other: the overrides of the package.json that installs it pick those of its time.
 */
async function publishedPackage() {
  const own = "@gala-chain/dex/";
  const files = await filesBelow(join(folder, "gala-dex/node_modules"));
  return files
    .filter(({ path }) => !/^\.[^/]+$/.test(path))
    .map(({ path, content }) => ({
      path: path.startsWith(own) ? path.slice(own.length) : `node_modules/${path}`,
      content,
    }));
}

describe("the exchange of @gala-chain/dex, with all its dependencies in the package", () => {
  /** What is used of @gala-chain/api, which signs what its users ask of a contract. */
  interface GalaApi {
    readonly signatures: {
      genKeyPair(): { readonly privateKey: string; readonly publicKey: string };
      getSignature(asked: object, privateKey: Buffer): string;
      getEthAddress(publicKey: string): string;
    };
  }
  interface Answer {
    readonly Status: number;
    readonly Message?: string;
    readonly ErrorKey?: string;
    readonly Data?: unknown;
  }

  const modules = join(folder, "gala-dex/node_modules");
  const { signatures }: GalaApi = createRequire(join(modules, "modules.js"))("@gala-chain/api");
  const operator = signatures.genKeyPair();
  const alias = ({ publicKey }: { readonly publicKey: string }) => `eth|${signatures.getEthAddress(publicKey)}`;
  const signed = (asked: object, { privateKey } = operator) =>
    JSON.stringify({ ...asked, signature: signatures.getSignature(asked, Buffer.from(privateKey, "hex")) });
  const evaluate = async (fn: string, ...args: string[]) =>
    JSON.parse(text(await contractOf(curator, "dex").evaluateTransaction(fn, ...args)));
  const submit = async (by: GatewayConnection, fn: string, ...args: string[]): Promise<Answer> =>
    JSON.parse(text(await contractOf(by, "dex").submitTransaction(fn, ...args)));

  beforeAll(async () => {
    await network.define(CHANNEL, "dex", await network.installFiles("gala-dex_1.1.4", await publishedPackage()));
  });

  test("describes itself", async () => {
    const metadata = await evaluate("org.hyperledger.fabric:GetMetadata");
    const names = metadata.contracts.DexV3Contract.transactions.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["CreatePool", "Swap", "ConfigureDexFeeAddress"]));
    expect(await evaluate("DexV3Contract:GetContractVersion")).toEqual({ Status: 1, Data: "1.1.4" });
    const api = { contractName: "DexV3Contract", contractVersion: "1.1.4", channelId: CHANNEL, chaincodeId: "dex" };
    expect(await evaluate("DexV3Contract:GetContractAPI")).toMatchObject({ Status: 1, Data: api });
  });

  test("refuses in its own words what is incomplete, unsigned or asked by a member of another organization", async () => {
    expect(await submit(curator, "ConfigureDexFeeAddress", "{}")).toMatchObject({
      Status: 0,
      ErrorKey: "DTO_VALIDATION_FAILED",
    });
    const asked = { newAuthorities: [alias(operator)], uniqueKey: "refused" };
    expect(await submit(curator, "ConfigureDexFeeAddress", JSON.stringify(asked))).toMatchObject({
      Status: 0,
      Message: "Signature is missing.",
    });
    expect(await submit(user, "ConfigureDexFeeAddress", signed(asked))).toMatchObject({
      Status: 0,
      ErrorKey: "ORGANIZATION_NOT_ALLOWED",
    });
    expect(await evaluate("GetDexFeeConfigration", signed({}))).toMatchObject({ Status: 0 });
  });

  test("writes what its operator signed, and reads it for everybody who may", async () => {
    expect(await evaluate("GetBatchSubmitAuthorities", "{}")).toMatchObject({ ErrorKey: "OBJECT_NOT_FOUND" });
    const asked = signed({ newAuthorities: [alias(operator)], uniqueKey: "first" });
    const settings = { Status: 1, Data: { authorities: [alias(operator)], protocolFee: 0.1 } };
    expect(await submit(curator, "ConfigureDexFeeAddress", asked)).toEqual(settings);
    expect(await evaluate("GetDexFeeConfigration", signed({}))).toEqual(settings);
    expect(await submit(curator, "ConfigureDexFeeAddress", asked)).toMatchObject({
      Status: 0,
      ErrorKey: "UNIQUE_TRANSACTION_CONFLICT",
    });
    const fee = await submit(curator, "SetProtocolFee", signed({ protocolFee: 0.25, uniqueKey: "second" }));
    expect(fee).toEqual({ Status: 1, Data: { protocolFee: 0.25 } });
    expect(await evaluate("GetDexFeeConfigration", signed({}))).toMatchObject({ Data: { protocolFee: 0.25 } });
    const stranger = signatures.genKeyPair();
    const theirs = await submit(curator, "SetProtocolFee", signed({ protocolFee: 0, uniqueKey: "third" }, stranger));
    expect(theirs).toMatchObject({ Status: 0, ErrorKey: "UNAUTHORIZED" });
  });
});

/**
 * Writes what the generator makes of its templates: its own template engine fills them with its own forms of the asset's name. The generator
 * itself cannot run any more, since one of its libraries expects streams as old versions of Node had them.
 */
async function generateContract(destination: string, asset: string): Promise<void> {
  const generator = createRequire(join(folder, "generator-fabric/node_modules/generator-fabric/generators/contract/"));
  const camelcase: (text: string, options?: { readonly pascalCase: boolean }) => string = generator("camelcase");
  const decamelize: (text: string, separator: string) => string = generator("decamelize");
  const ejs: { render(template: string, values: object): string } = createRequire(generator.resolve("mem-fs-editor"))(
    "ejs",
  );
  const assetCamelCase = camelcase(asset);
  const values = {
    name: "fruit-contract",
    version: "0.0.1",
    description: "Keeps fruit",
    author: "Orchard",
    license: "Apache-2.0",
    asset,
    camelcase,
    spdxAndLicense: "SPDX-License-Identifier: Apache-2.0",
    assetCamelCase,
    assetPascalCase: camelcase(asset, { pascalCase: true }),
    assetDashSeparator: decamelize(assetCamelCase, "-"),
    assetSpaceSeparator: decamelize(assetCamelCase, " "),
  };
  const templates = join(dirname(generator.resolve("./index.js")), "templates/v2/default/javascript");
  for (const { path, content } of await filesBelow(templates)) {
    const target = join(destination, path.replace(/\bmy-(?=contract|transactions)/, `${values.assetDashSeparator}-`));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, ejs.render(Buffer.from(content).toString(), values));
  }
}

describe("the contract that generator-fabric writes", () => {
  let fruit: Contract;
  const evaluate = async (fn: string, ...args: string[]) => text(await fruit.evaluateTransaction(fn, ...args));
  const submit = async (fn: string, ...args: string[]) => text(await fruit.submitTransaction(fn, ...args));

  beforeAll(async () => {
    const generated = await temporaryFolder("generated-contract");
    await generateContract(generated, "DriedFruit");
    await network.define(CHANNEL, "fruit", await network.install(generated, "fruit_0.0.1"));
    fruit = contractOf(user, "fruit");
  });

  test("creates, reads, updates and deletes", async () => {
    expect(await evaluate("driedFruitExists", "001")).toBe("false");
    await submit("createDriedFruit", "001", "a plum");
    expect(await evaluate("driedFruitExists", "001")).toBe("true");
    expect(JSON.parse(await evaluate("readDriedFruit", "001"))).toEqual({ value: "a plum" });
    await submit("updateDriedFruit", "001", "a prune");
    expect(JSON.parse(await evaluate("readDriedFruit", "001"))).toEqual({ value: "a prune" });
    await submit("deleteDriedFruit", "001");
    expect(await evaluate("driedFruitExists", "001")).toBe("false");
  });

  test("refuses in its own words", async () => {
    await submit("createDriedFruit", "002", "a fig");
    expect(await refusalOf(submit("createDriedFruit", "002", "a date"))).toContain(
      "The dried fruit 002 already exists",
    );
    const missing = "The dried fruit 003 does not exist";
    expect(await refusalOf(evaluate("readDriedFruit", "003"))).toContain(missing);
    expect(await refusalOf(submit("updateDriedFruit", "003", "a date"))).toContain(missing);
    expect(await refusalOf(submit("deleteDriedFruit", "003"))).toContain(missing);
    expect(await refusalOf(submit("peelDriedFruit", "002"))).toContain("does not exist: peelDriedFruit");
    expect(await refusalOf(submit("createDriedFruit", "004"))).toContain(
      "Expected 2 parameters, but 1 have been supplied",
    );
  });
});

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Contract, GatewayError } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  connectGateway,
  createTestNetwork,
  type GatewayConnection,
  type TestNetwork,
} from "../support/fabric-network.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/* Contracts that run as services of their own, which the peers dial: one on the official shim for Node, one on that for Python. */

const CHANNEL = "services";
const setup = join(repositoryRoot, "tests/registry-chaincodes/setup.sh");
const run = promisify(execFile);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A chaincode service as its own server mode starts it. */
class Service {
  readonly address: string;
  readonly #start: (packageId: string, address: string) => ChildProcess;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(address: string, start: (packageId: string, address: string) => ChildProcess) {
    this.address = address;
    this.#start = start;
  }

  start(packageId: string): void {
    const child = this.#start(packageId, this.address);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (part: string) => {
        this.#output = (this.#output + part).slice(-20_000);
      });
    }
    this.#child = child;
  }

  output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

let server: RunningServer;
let network: TestNetwork;
let connected: GatewayConnection;
let node: Service;
let python: Service;

/** A port that nothing listens at. */
async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  if (address === null || typeof address === "string") throw new TypeError("A TCP port was asked for.");
  probe.close();
  await once(probe, "close");
  return `127.0.0.1:${address.port}`;
}

const contractOf = (name: string, inner?: string): Contract =>
  connected.gateway.getNetwork(CHANNEL).getContract(name, inner);

beforeAll(async () => {
  await run("bash", [setup]);
  const environment = (await run("bash", [setup, "--python"])).stdout.trim();
  node = new Service(await freeAddress(), (packageId, address) =>
    spawn("fabric-chaincode-node", ["server", "--chaincode-address", address, "--chaincode-id", packageId], {
      cwd: join(repositoryRoot, "tests/chaincodes/general"),
      env: {
        ...process.env,
        PATH: [join(repositoryRoot, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
        CORE_CHAINCODE_LOGGING_LEVEL: "warning",
      },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  python = new Service(await freeAddress(), (packageId, address) =>
    spawn(join(environment, "bin/python"), ["-B", "-W", "ignore", "asset_contract.py"], {
      cwd: join(repositoryRoot, "tests/registry-chaincodes/python"),
      env: { ...process.env, CHAINCODE_ID: packageId, CHAINCODE_SERVER_ADDRESS: address },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const allowed = [node, python].flatMap(({ address }) => ["--contract-address", address]);
  server = await startServer(await newInstallation("fabric-ccaas"), { serverArguments: allowed });
  network = await createTestNetwork(server, { organizations: ["AlphaMSP", "BetaMSP"] });
  await network.createChannel(CHANNEL);
  connected = connectGateway(await network.connection());
}, 600_000);

afterAll(async () => {
  connected?.close();
  await Promise.all([node?.stop(), python?.stop(), server?.stop()]);
});

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    (value) => new Error(`It succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GatewayError);
  const { message, details } = error as GatewayError;
  return [message, ...details.map((detail) => detail.message)].join("\n");
}

/** Until the service listens and the peers have tried again. */
const whenItAnswers = (call: () => Promise<Uint8Array>, answer: string) =>
  expect.poll(() => call().then(text, String), { timeout: 90_000, interval: 300 }).toBe(answer);

/** A service that both organizations approved; it runs when this returns, or is about to. */
async function deploy(name: string, service: Service): Promise<string> {
  const connection = { address: service.address, dial_timeout: "10s", tls_required: false };
  const packageId = await network.installService(`${name}_1.0`, connection);
  service.start(packageId);
  await network.define(CHANNEL, name, packageId);
  return packageId;
}

describe("a contract on fabric-shim in its server mode", () => {
  let packageId: string;
  const contract = () => contractOf("general", "General");

  beforeAll(async () => {
    packageId = await deploy("general", node);
  });

  test("puts, gets and queries for both organizations' peers", async () => {
    await whenItAnswers(
      () => contract().submitTransaction("put", "a", '{"kind":"shoe","size":7}'),
      '{"kind":"shoe","size":7}',
    );
    await contract().submitTransaction("put", "b", '{"kind":"shoe","size":4}');
    expect(text(await contract().evaluateTransaction("get", "a"))).toBe('{"kind":"shoe","size":7}');
    expect(JSON.parse(text(await contract().evaluateTransaction("range", "a", "c")))).toEqual(["a", "b"]);
    const query = JSON.stringify({ selector: { kind: "shoe", size: { $gt: 5 } } });
    expect(JSON.parse(text(await contract().evaluateTransaction("select", query)))).toEqual(["a"]);
    expect(await refusalOf(contract().evaluateTransaction("get", "nothing"))).toContain("chaincode response 500");
  });

  test("is found again after it was gone, and keeps what it wrote", async () => {
    await node.stop();
    const refusal = await refusalOf(contract().submitTransaction("put", "while-gone", "1"));
    expect(refusal).toContain("could not launch chaincode");
    node.start(packageId);
    await whenItAnswers(() => contract().submitTransaction("put", "after", "1"), "1");
    expect(text(await contract().evaluateTransaction("get", "b"))).toBe('{"kind":"shoe","size":4}');
    await expect(contract().evaluateTransaction("get", "while-gone")).rejects.toThrow(GatewayError);
  });

  test("is not dialled by a package that names another address", async () => {
    const elsewhere = await freeAddress();
    const strange = await network.installService("strange_1.0", { address: elsewhere, tls_required: false });
    await network.define(CHANNEL, "strange", strange);
    const refusal = await refusalOf(contractOf("strange").evaluateTransaction("get", "a"));
    expect(refusal).toContain(`the service address ${elsewhere} is not allowed`);
  });

  test("is not taken for another package", async () => {
    const other = await network.installService("other_1.0", { address: node.address, tls_required: false });
    await network.define(CHANNEL, "other", other);
    const refusal = await refusalOf(contractOf("other", "General").evaluateTransaction("get", "a"));
    expect(refusal).toContain(`it registered as "${packageId}" where "${other}" was expected`);
  });
});

describe("a contract on fabric-chaincode-python", () => {
  const contract = () => contractOf("assets", "AssetContract");

  test("creates, reads and removes, and refuses in its own words", async () => {
    await deploy("assets", python);
    await whenItAnswers(() => contract().evaluateTransaction("caller"), "AlphaMSP").catch((error: unknown) => {
      throw new Error(python.output(), { cause: error });
    });
    expect(text(await contract().submitTransaction("create", "vase", "blue"))).toBe("blue");
    expect(text(await contract().evaluateTransaction("read", "vase"))).toBe("blue");
    expect(await refusalOf(contract().submitTransaction("create", "vase", "red"))).toContain(
      "asset vase already exists",
    );
    await contract().submitTransaction("remove", "vase");
    expect(await refusalOf(contract().evaluateTransaction("read", "vase"))).toContain("asset vase does not exist");
    expect(await refusalOf(contract().evaluateTransaction("paint", "vase"))).toContain("paint");
  });

  test("describes itself", async () => {
    const metadata = JSON.parse(
      text(await contractOf("assets", "org.hyperledger.fabric").evaluateTransaction("get_metadata")),
    );
    expect(Object.keys(metadata.contracts)).toContain("AssetContract");
  });
});

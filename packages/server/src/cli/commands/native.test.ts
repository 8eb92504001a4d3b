import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "../run.ts";

interface Heard {
  readonly call: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: string | undefined;
}

/** A server that answers what a test tells it, and remembers what it heard. */
let server: Server;
let heard: Heard[];
let answers: { readonly status?: number; readonly body: unknown }[];
let folder: string;
let url: string;

beforeEach(async () => {
  heard = [];
  answers = [];
  folder = mkdtempSync(join(tmpdir(), "concordat-native-"));
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const key = request.headers["idempotency-key"];
    heard.push({
      call: `${request.method} ${request.url}`,
      body: text === "" ? {} : JSON.parse(text),
      key: typeof key === "string" ? key : undefined,
    });
    const { status = 200, body } = answers.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function run(...words: readonly string[]) {
  let printed = "";
  let warned = "";
  const access = ["--url", url, "--access-key-id", "LTAI0", "--data", folder];
  const code = await runCommandLine([...words, ...(words.includes("package") ? [] : access)], {
    environment: { CONCORDAT_ACCESS_KEY_SECRET: "secret" },
    fileSystem: nodeFileSystem,
    print: (text) => {
      printed += `${text}\n`;
    },
    warn: (text) => {
      warned += `${text}\n`;
    },
  });
  return { code, printed, warned };
}

const write = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const installed = {
  packageId: `basic_1.0:${"0".repeat(64)}`,
  label: "basic_1.0",
  runtime: "node",
  sizeBytes: 9,
  installedMs: 1,
};

/** A folder as a contract's sources are. */
function chaincode(): string {
  const source = join(folder, "chaincode");
  mkdirSync(join(source, "lib"), { recursive: true });
  mkdirSync(join(source, ".git"));
  writeFileSync(join(source, "package.json"), '{"name":"basic","scripts":{"start":"node lib/main.js"}}');
  writeFileSync(join(source, "lib/main.js"), "// runs", { mode: 0o755 });
  writeFileSync(join(source, ".git/HEAD"), "ref");
  symlinkSync("/etc/hostname", join(source, "outside"));
  return source;
}

it("every command of networks and contracts has the words that it is known by", async () => {
  const verbsOf = async (group: string) => {
    const { printed } = await run(group, "--help");
    return [...printed.matchAll(/^ {2}([a-z][a-z-]*) (?:\[|<)/gm)].map((match) => match[1]);
  };
  expect(await verbsOf("network")).toEqual(expect.arrayContaining(["create", "list", "get", "delete", "connection"]));
  expect(await verbsOf("node")).toEqual(["list", "start", "stop", "help"]);
  expect(await verbsOf("channel")).toEqual(expect.arrayContaining(["get", "create", "list", "join"]));
  const contract = ["package", "install", "list-installed", "list", "start", "stop", "approve", "readiness", "commit"];
  expect(await verbsOf("contract")).toEqual(expect.arrayContaining([...contract, "invoke", "query", "logs"]));
  expect((await run("contract", "invoke", "--help")).printed).toContain("--arg <text>");
});

describe("arguments of a call", () => {
  const which = ["--channel", "goods", "--contract", "basic"];
  const outcome = { txId: "0", block: 4, validationCode: "VALID", result: "", resultIsBase64: false };

  it("are repeated, and keep commas, spaces and emptiness", async () => {
    answers.push({ body: outcome });
    const { code, printed } = await run(
      ...["contract", "invoke", ...which, "--function", "put"],
      ...["--arg", "a,b", "--arg", "", "--arg", "-1", "--endorsing-organizations", "Org1MSP,Org2MSP"],
    );
    expect([code, JSON.parse(printed)]).toEqual([0, outcome]);
    expect(heard).toEqual([
      {
        call: "POST /api/v1/channels/goods/contracts/basic/invocations",
        body: { function: "put", args: ["a,b", "", "-1"], endorsingOrganizations: ["Org1MSP", "Org2MSP"] },
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it("end with the exit code of a failure when the verdict is one", async () => {
    const refused = { ...outcome, validationCode: "MVCC_READ_CONFLICT" };
    answers.push({ body: refused });
    const { code, printed, warned } = await run("contract", "invoke", ...which, "--function", "put");
    expect([code, JSON.parse(printed)]).toEqual([1, refused]);
    expect(warned).toContain("did not take effect: MVCC_READ_CONFLICT");
  });

  it("are transient by name, from the line or from a file", async () => {
    answers.push({ body: { result: "1", resultIsBase64: false } });
    const secret = write("pin", "12=3\n");
    await run(
      "contract",
      "query",
      ...which,
      "--function",
      "get",
      "--transient",
      "a=x=y",
      "--transient",
      `b=@${secret}`,
    );
    expect(heard[0]).toMatchObject({ body: { transient: { a: base64("x=y"), b: base64("12=3\n") } }, key: undefined });
  });

  it("are refused where they are missing or malformed", async () => {
    const invoke = ["contract", "invoke", ...which];
    expect(await run(...invoke)).toMatchObject({ code: 2, warned: expect.stringContaining("--function") });
    const nameless = await run(...invoke, "--function", "f", "--transient", "x");
    expect([nameless.code, nameless.warned]).toEqual([2, expect.stringContaining("name=value")]);
    const absent = await run(...invoke, "--function", "f", "--transient", `x=@${join(folder, "none")}`);
    expect([absent.code, absent.warned]).toEqual([1, expect.stringContaining("cannot be read (ENOENT)")]);
    expect(heard).toEqual([]);
  });

  it("that the network refused are told with what its peers said", async () => {
    const details = ["peer0.org1msp.demo: chaincode response 500, no such key"];
    answers.push({ status: 409, body: { title: "Refused.", code: "CONTRACT_CALL_REFUSED", details } });
    const { code, warned } = await run("contract", "query", ...which, "--function", "get");
    expect([code, warned]).toEqual([1, `concordat: Refused. (CONTRACT_CALL_REFUSED)\n  ${details[0]}\n`]);
  });
});

it("a contract's version is not the program's", async () => {
  answers.push({ body: { approvals: { Org1MSP: true }, ready: true } });
  const words = ["--channel", "goods", "--contract", "basic", "--version", "1.0", "--sequence", "2"];
  expect((await run("contract", "readiness", ...words)).code).toBe(0);
  expect(heard.map(({ call }) => call)).toEqual([
    "GET /api/v1/channels/goods/contracts/basic/readiness?version=1.0&sequence=2",
  ]);
});

describe("contract install", () => {
  it("sends a file's content", async () => {
    answers.push({ status: 201, body: installed });
    const file = write("basic.tgz", "a package");
    const { code, printed } = await run("contract", "install", "--network", "demo", "--file", file);
    expect([code, JSON.parse(printed)]).toEqual([0, installed]);
    expect(heard).toMatchObject([
      { call: "POST /api/v1/networks/demo/contracts", body: { file: base64("a package") } },
    ]);
  });

  it("packs a folder as `contract package` does", async () => {
    const source = chaincode();
    const output = join(folder, "basic.tgz");
    const parts = ["--folder", source, "--label", "basic_1.0"];
    const packed = await run("contract", "package", ...parts, "--output", output);
    expect([packed.code, packed.warned]).toEqual([0, ""]);
    answers.push({ status: 201, body: installed });
    const { code, warned } = await run("contract", "install", "--network", "demo", ...parts);
    expect([code, warned]).toEqual([0, ""]);
    expect(heard[0]?.body["file"]).toBe(readFileSync(output).toString("base64"));
  });

  it.each([
    [["--network", "demo"], "give --file, or its source by --folder, --label, --type."],
    [["--network", "demo", "--folder", "."], "--folder and --label go together"],
    [["--network", "demo", "--file", "x", "--folder", ".", "--label", "a"], "--file excludes --folder"],
    [["--file", "x"], "required option '--network <text>' not specified"],
    [["--network", "demo", "--folder", ".", "--label", "a", "--type", "wasm"], "Allowed choices"],
  ])("%j is wrong usage", async (words, reason) => {
    const { code, warned } = await run(
      "contract",
      "install",
      ...words.map((word) => (word === "." ? chaincode() : word)),
    );
    expect([code, warned]).toEqual([2, expect.stringContaining(reason)]);
    expect(heard).toEqual([]);
  });

  it("names what cannot be read", async () => {
    const none = join(folder, "none");
    const file = await run("contract", "install", "--network", "demo", "--file", none);
    expect([file.code, file.warned]).toEqual([1, expect.stringContaining(`${none} cannot be read (ENOENT)`)]);
    const nowhere = await run("contract", "package", "--folder", none, "--label", "a", "--output", join(folder, "o"));
    expect([nowhere.code, nowhere.warned]).toEqual([1, expect.stringContaining("cannot be read (ENOENT)")]);
    const directory = await run("contract", "install", "--network", "demo", "--file", folder);
    expect([directory.code, directory.warned]).toEqual([1, expect.stringContaining("cannot be read (EISDIR)")]);
  });
});

describe("network connection", () => {
  const words = ["network", "connection", "--network", "demo", "--organization", "Org1MSP"];

  it("writes the zip for its owner alone, also over a file that others could read", async () => {
    const output = join(folder, "connection.zip");
    writeFileSync(output, "old", { mode: 0o644 });
    answers.push({ status: 201, body: { fileName: "demo.zip", file: base64("PK zip") } });
    const { code, printed } = await run(...words, "--output", output);
    expect([code, JSON.parse(printed)]).toEqual([0, { fileName: "demo.zip", file: output }]);
    expect(printed).not.toContain(base64("PK zip"));
    expect(readFileSync(output, "utf8")).toBe("PK zip");
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it("asks where to before it asks the server, and says when it cannot write", async () => {
    expect(await run(...words)).toMatchObject({ code: 2, warned: expect.stringContaining("--output") });
    expect(heard).toEqual([]);
    answers.push({ status: 201, body: { fileName: "demo.zip", file: base64("PK zip") } });
    const { code, warned } = await run(...words, "--output", join(folder, "none", "connection.zip"));
    expect([code, warned]).toEqual([1, expect.stringContaining("cannot be written (ENOENT)")]);
  });
});

describe("device-identity export", () => {
  const iotId = "2122232425262728292A2B2C";
  const key = "2122232425262728292a2b2c2d2e2f30";
  const body = { format: "concordat-device/1", iotId, productKey: "a1B2c3D4e5F", algorithm: "aes-128", key };
  const words = ["device-identity", "export", iotId];

  it("writes what goes on the device for its owner alone, or prints it", async () => {
    const output = join(folder, "device.json");
    writeFileSync(output, "old", { mode: 0o644 });
    answers.push({ body }, { body });
    const { code, printed } = await run(...words, "--output", output);
    expect([code, JSON.parse(printed)]).toEqual([0, { file: output }]);
    expect(JSON.parse(readFileSync(output, "utf8"))).toEqual(body);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await run(...words)).printed)).toEqual(body);
    expect(heard.map(({ call }) => call)).toEqual(Array(2).fill(`POST /api/v1/devices/${iotId}/export`));
  });

  it("asks for no key that it has no place for, and leaves nothing where none was given", async () => {
    const nowhere = await run(...words, "--output", join(folder, "none", "device.json"));
    expect([nowhere.code, nowhere.warned]).toEqual([1, expect.stringContaining("cannot be written (ENOENT)")]);
    expect(heard).toEqual([]);
    const output = write("device.json", "old");
    answers.push({ status: 409, body: { title: "Handed out.", code: "DEVICE_IDENTITY_EXPORTED" } });
    const { code, warned } = await run(...words, "--output", output);
    expect([code, warned]).toEqual([1, "concordat: Handed out. (DEVICE_IDENTITY_EXPORTED)\n"]);
    expect(readFileSync(output, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["device.json"]);
  });
});

it("every command of chains, their members and their devices has the words that it is known by", async () => {
  const verbsOf = async (group: string) => {
    const { printed } = await run(group, "--help");
    return [...printed.matchAll(/^ {2}([a-z][a-z-]*) (?:\[|<)/gm)].map((match) => match[1]);
  };
  const members = ["add-member", "list-members", "update-member", "lock-member", "unlock-member", "get-member-usage"];
  expect(await verbsOf("chain")).toEqual(
    expect.arrayContaining(["create", "list", "update", ...members, "get-provenance"]),
  );
  expect(await verbsOf("device-group")).toEqual(["register", "list", "authorize", "unauthorize", "help"]);
  expect(await verbsOf("device")).toEqual(["list", "authorize", "unauthorize", "help"]);
  expect(await verbsOf("device-identity")).toEqual(["create", "list", "get", "export", "update", "help"]);
  expect(await verbsOf("phase-group")).toEqual(["list", "help"]);
  expect(await verbsOf("phase")).toEqual(["list", "help"]);
});

describe("network create --wait", () => {
  const jobId = "7d3b0a52-0c0f-4a7e-9d24-0c2d6c1a4f11";
  const network = {
    networkId: "5a0c6d44-3b0e-4f4e-8c58-0f6f0b9a7f10",
    name: "demo",
    tenantId: "t",
    projectId: "p",
    status: "creating",
    organizations: ["Org1MSP"],
    channelIds: [],
    createdMs: 1,
  };
  const job = (status: string, progress: number, error: unknown = null) => ({
    body: {
      jobId,
      tenantId: "t",
      projectId: null,
      uid: "1",
      kind: "createNetwork",
      resource: { kind: "network", id: "n", name: "demo" },
      status,
      steps: [],
      progress,
      output: {},
      error,
      createdMs: 1,
      updatedMs: 1,
      startedMs: null,
      endedMs: null,
    },
  });
  const create = ["network", "create", "--name", "demo", "--organizations", "Org1MSP,Org2MSP"];

  it("tells the job's progress until it has ended", async () => {
    answers.push({ status: 202, body: { network, jobId } }, job("running", 50), job("succeeded", 100));
    const { code, printed, warned } = await run(...create, "--wait");
    expect([code, JSON.parse(printed)]).toEqual([0, { network, jobId }]);
    expect(warned).toBe("createNetwork: running, 50 %\ncreateNetwork: succeeded, 100 %\n");
    expect(heard.map(({ call }) => call)).toEqual([
      "POST /api/v1/networks",
      `GET /api/v1/jobs/${jobId}`,
      `GET /api/v1/jobs/${jobId}`,
    ]);
    expect(heard[0]?.body).toEqual({ name: "demo", organizations: ["Org1MSP", "Org2MSP"] });
  });

  it("fails with the job, and does not wait unless asked to", async () => {
    const error = { code: "FABRIC_UNAVAILABLE", message: "No port is free." };
    answers.push({ status: 202, body: { network, jobId } }, job("failed", 50, error));
    const failed = await run(...create, "--wait");
    expect(failed.code).toBe(1);
    expect(failed.warned).toContain("The job failed: No port is free. (FABRIC_UNAVAILABLE)");
    answers.push({ status: 202, body: { network, jobId } });
    expect((await run(...create)).code).toBe(0);
    expect(heard).toHaveLength(3);
  });
});

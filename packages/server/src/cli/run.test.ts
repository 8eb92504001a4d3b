import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BootstrapFile, writeBootstrapFile } from "../bootstrap/bootstrap-file.ts";
import { VERSION } from "../version.ts";
import { runCommandLine } from "./run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concordat-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(words: readonly string[], environment: Record<string, string> = {}) {
  let printed = "";
  let warned = "";
  const code = await runCommandLine(words, {
    environment,
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

const bootstrap: BootstrapFile = {
  // Nothing listens on port 1 of the loopback address.
  url: "http://127.0.0.1:1",
  aliyun: {
    endpoint: "http://127.0.0.1:1",
    accessKeyId: "LTAI000000000000",
    accessKeySecret: "very secret",
    uid: "1000000000000001",
    region: "cn-shanghai",
    proofChain: { bizChainId: "2000000000000002", productKey: "abcdefghij123456", dataTypeCode: "0A1B" },
  },
};

describe("the database of up", () => {
  it.each([
    ["an argument", ["--database", "mysql://user:hush@db/x"], {}],
    ["the variable", [], { CONCORDAT_DATABASE: "postgres://user:hu%zzsh@db/x" }],
    ["the address", ["--advertise", "https://user:hush@db/path"], {}],
  ] as const)("is refused as %s without being repeated", async (_, words, environment) => {
    const before = process.env["CONCORDAT_DATABASE"];
    Object.assign(process.env, environment);
    try {
      const { code, printed, warned } = await run(["up", "--data", folder, ...words], environment);
      expect(code).toBe(2);
      expect(warned).toContain("must be of the form");
      expect(printed + warned).not.toMatch(/hush|hu%zzsh/);
    } finally {
      if (before === undefined) delete process.env["CONCORDAT_DATABASE"];
      else process.env["CONCORDAT_DATABASE"] = before;
    }
  });
});

describe("the command line", () => {
  it("prints its version and its help", async () => {
    expect(await run(["--version"])).toEqual({ code: 0, printed: `${VERSION}\n`, warned: "" });
    for (const words of [[], ["--help"], ["help"]]) {
      const { code, printed } = await run(words);
      expect([code, printed]).toEqual([0, expect.stringContaining("Usage: concordat")]);
      for (const name of ["up", "verify", "verify-receipt", "verify-page", "bootstrap", "bench", "chain"]) {
        expect(printed).toMatch(new RegExp(`^  ${name} `, "m"));
      }
    }
    expect((await run(["up", "--help"])).printed).toContain("--insecure-http");
  });

  it.each([
    [["upp"], "unknown command 'upp'"],
    [["up", "--port", "70000"], "A port is a number from 0 to 65535."],
    [["up", "--port", "x"], "A port is a number from 0 to 65535."],
    [["up", "--region", "Not A Region"], "A region has"],
    [["up", "--tls-cert", "cert.pem"], "--tls-cert and --tls-key go together."],
    [["up", "--tls-cert", "a", "--tls-key", "b", "--insecure-http"], "exclude each other"],
    [["verify-receipt"], "missing required argument 'file'"],
    [["verify-page"], "required option '--out <file>' not specified"],
    [["chain", "create"], "missing required argument 'name'"],
    [["chain", "create", "Cold-chain", "--valid-days", "many"], "Days from now"],
    [["bench", "--seconds", "0"], "Give a whole number"],
  ])("refuses %j with exit code 2 and says why", async (words, reason) => {
    const { code, warned } = await run(words);
    expect([code, warned]).toEqual([2, expect.stringContaining(reason)]);
    expect(warned).toMatch(/^concordat: /);
  });

  it("turns refusals into one sentence, a remedy and exit code 1", async () => {
    expect(await run(["bootstrap", "--forget", "--data", folder])).toEqual({
      code: 1,
      printed: "",
      warned: `concordat: There is no ${join(folder, "bootstrap.json")}.\n  Name the data folder of the installation with --data.\n`,
    });
    expect((await run(["verify", "--data", folder])).warned).toContain(`There is no ledger in ${folder}.`);
  });
});

describe("bootstrap", () => {
  it("tells where the credentials are without showing them, and forgets them", async () => {
    const path = join(folder, "bootstrap.json");
    await writeBootstrapFile(nodeFileSystem, path, bootstrap);
    const shown = await run(["bootstrap", "--data", folder]);
    expect([shown.code, shown.printed]).toEqual([0, expect.stringContaining("holds secrets")]);
    expect(shown.printed).not.toContain("very secret");
    expect((await run(["bootstrap", "--forget", "--data", join(folder, "missing")])).code).toBe(1);
    const forgotten = await run(["bootstrap", "--forget", "--data", folder]);
    expect(forgotten.printed).toBe(`The secrets are gone from ${path}.\n`);
    expect(readFileSync(path, "utf8")).not.toContain("very secret");
    expect((await run(["bootstrap", "--data", folder])).printed).toContain("holds no secrets");
  });
});

describe("commands of the native API", () => {
  it("have the words of the operation, for every noun", async () => {
    const { printed } = await run(["--help"]);
    for (const group of [
      "tenant",
      "project",
      "enterprise-project",
      "user",
      "group",
      "policy",
      "grant",
      "device-product",
    ]) {
      expect(printed).toMatch(new RegExp(`^  ${group} `, "m"));
    }
    expect((await run(["policy", "--help"])).printed).toMatch(/create .*<name> <document>/);
    expect((await run(["group", "--help"])).printed).toMatch(/add-member .*<group-id> <uid>/);
    const update = (await run(["project", "update", "--help"])).printed;
    expect(update).toContain("--enabled [true|false]");
  });

  it("take JSON from a file, and refuse one that does not hold it", async () => {
    const file = join(folder, "policy.json");
    const create = (path: string) => run(["policy", "create", "Readers", `@${path}`, "--data", folder]);
    expect((await create(file)).warned).toContain(`There is no file ${file}.`);
    writeFileSync(file, "[]");
    expect((await create(file)).warned).toContain(`${file} does not hold what --document takes.`);
    writeFileSync(file, "{}");
    // The next step is to look for the server.
    expect((await create(file)).warned).toContain("bootstrap.json");
    expect((await run(["policy", "create", "Readers", "{"])).code).toBe(2);
  });

  it("take secrets from the environment, never from the command line", async () => {
    const { printed } = await run(["password", "set", "--help"]);
    expect(printed).toContain("CONCORDAT_PASSWORD in the environment");
    expect(printed).toContain("CONCORDAT_OLD_PASSWORD in the environment");
    expect(printed).not.toContain("--password");
    const refused = await run(["password", "set", "1000000000000001", "--password", "secret", "--data", folder]);
    expect([refused.code, refused.warned]).toEqual([2, expect.stringContaining("unknown option")]);
  });

  it("need credentials, and say when the server does not answer", async () => {
    expect((await run(["chain", "list", "--data", folder])).warned).toContain("There is no");
    const { aliyun, url } = bootstrap;
    const { accessKeySecret: _, ...rest } = aliyun;
    await writeBootstrapFile(nodeFileSystem, join(folder, "bootstrap.json"), { url, aliyun: rest });
    const secretless = await run(["chain", "list", "--data", folder]);
    expect(secretless.warned).toContain("CONCORDAT_ACCESS_KEY_SECRET");
    const silent = await run(["chain", "list", "--data", folder], { CONCORDAT_ACCESS_KEY_SECRET: "very secret" });
    expect([silent.code, silent.warned]).toEqual([
      1,
      "concordat: The server at http://127.0.0.1:1 does not answer (ECONNREFUSED).\n  Start it with: concordat up, or name another with --url.\n",
    ]);
  });
});

it.each([
  ["http://ledger.example:8080", "would travel to ledger.example:8080 without encryption"],
  ["ftp://127.0.0.1", "is not the address of a server"],
  ["nonsense", "is not the address of a server"],
])("never sends a secret to %s", async (url, reason) => {
  await writeBootstrapFile(nodeFileSystem, join(folder, "bootstrap.json"), bootstrap);
  const { code, warned } = await run(["chain", "list", "--data", folder, "--url", url]);
  expect([code, warned]).toEqual([1, expect.stringContaining(reason)]);
});

describe("verify-receipt", () => {
  it("judges what is no receipt invalid, and names a file that is not there", async () => {
    const file = join(folder, "receipt.json");
    expect((await run(["verify-receipt", file])).code).toBe(2);
    writeFileSync(file, "{}");
    const { code, printed } = await run(["verify-receipt", file, "--json"]);
    expect([code, JSON.parse(printed)]).toEqual([1, expect.objectContaining({ status: "invalid" })]);
  });
});

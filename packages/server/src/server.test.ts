import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get as httpsGet } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileSystem, nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetSecrets } from "./bootstrap/bootstrap-file.ts";
import { type RunningServer, type ServerOptions, startServer } from "./server.ts";
import { startScreen } from "./start-screen.ts";
import { ownAuthorityPath } from "./tls.ts";

let folder: string;
const running: RunningServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concordat-server-"));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  options: Partial<ServerOptions> = {},
  fileSystem: FileSystem = nodeFileSystem,
): Promise<RunningServer> {
  const server = await startServer(
    {
      dataDirectory: join(folder, "data"),
      host: "127.0.0.1",
      port: 0,
      region: "cn-shanghai",
      transport: { kind: "http" },
      masterKeyFile: join(folder, "master.key"),
      ...options,
    },
    {
      clock: systemClock,
      random: systemRandom,
      fileSystem,
      log: silentLogger,
      environment: {},
      processId: process.pid,
    },
  );
  running.push(server);
  return server;
}

async function stop(server: RunningServer): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.close();
}

const readBootstrap = (server: RunningServer) => JSON.parse(readFileSync(server.folder.bootstrap, "utf8"));

/** What signing in with the password of bootstrap.json answers. */
async function consoleStatus(server: RunningServer): Promise<number> {
  const { userName, password, domainName } = readBootstrap(server).huawei;
  const response = await fetch(`${server.url}/api/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ userName, password, tenantName: domainName }),
  });
  return response.status;
}

describe("a first start", () => {
  it("makes an installation that answers, and writes how to reach it for its owner's eyes", async () => {
    const server = await start();
    const health = await fetch(`${server.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      // Those of the first two business chains and the audit channel.
      { status: "ok", version: server.version, channelCount: 3, failedChannels: [] },
    ]);
    const bootstrap = readBootstrap(server);
    expect(bootstrap).toEqual({
      url: server.url,
      aliyun: {
        endpoint: server.url,
        accessKeyId: expect.any(String),
        accessKeySecret: expect.any(String),
        uid: expect.stringMatching(/^\d{16}$/),
        region: "cn-shanghai",
        proofChain: {
          bizChainId: expect.stringMatching(/^\d{16}$/),
          productKey: expect.stringMatching(/^[A-Za-z0-9]{16}$/),
          dataTypeCode: expect.stringMatching(/^[0-9A-Z]{4}$/),
        },
        collaborationChain: { bizChainId: expect.stringMatching(/^\d{16}$/) },
      },
      huawei: {
        endpoint: server.url,
        iamEndpoint: server.url,
        domainName: "administrator",
        domainId: expect.stringMatching(/^[0-9a-f]{32}$/),
        userName: "administrator",
        password: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
        projectName: "cn-north-4",
        projectId: expect.stringMatching(/^[0-9a-f]{32}$/),
        accessKeyId: bootstrap.aliyun.accessKeyId,
        secretAccessKey: bootstrap.aliyun.accessKeySecret,
      },
      bif: {
        endpoint: server.url,
        apiKey: expect.stringMatching(/^[A-Za-z0-9]{16}$/),
        apiSecret: expect.any(String),
        backboneBid: expect.stringMatching(/^did:bid:ef/),
        privateKey: expect.stringMatching(/^priSPK/),
        publicKey: expect.stringMatching(/^b06566[0-9a-f]{64}$/),
      },
      oracle: {
        endpoint: server.url,
        tokenEndpoint: `${server.url}/oauth2/v1/token`,
        clientId: expect.stringMatching(/^[0-9a-f]{32}$/),
        clientSecret: expect.any(String),
      },
      supermap: {
        endpoint: `${server.url}/iserver`,
        userName: "administrator",
        password: bootstrap.huawei.password,
      },
    });
    expect(await consoleStatus(server)).toBe(201);
    expect(statSync(server.folder.bootstrap).mode & 0o777).toBe(0o600);
    expect(statSync(server.folder.directory).mode & 0o777).toBe(0o700);
    expect(startScreen(server)).toContain(bootstrap.aliyun.accessKeyId);
    expect(startScreen(server)).not.toContain(bootstrap.aliyun.accessKeySecret);
  });

  it("that was cut off before bootstrap.json is completed by the next, and nothing is made twice", async () => {
    const failing: FileSystem = {
      ...nodeFileSystem,
      rename: async (from, to) => {
        if (to.endsWith("bootstrap.json")) throw new TypeError("cut off");
        await nodeFileSystem.rename(from, to);
      },
    };
    await expect(start({}, failing)).rejects.toThrow("cut off");
    const server = await start();
    const { aliyun } = readBootstrap(server);
    const accessKey = server.bootstrap.aliyun.accessKeyId;
    expect(aliyun.accessKeySecret).toBeDefined();
    expect(aliyun.accessKeyId).toBe(accessKey);
    const health: unknown = await (await fetch(`${server.url}/healthz`)).json();
    expect(health).toMatchObject({ status: "ok", channelCount: 3 });
    expect(await consoleStatus(server)).toBe(201);
  });
});

describe("a later start", () => {
  it("keeps everything but the address, and does not bring back what was forgotten", async () => {
    const first = await start();
    const { url, ...sections } = readBootstrap(first);
    await forgetSecrets(nodeFileSystem, first.folder.bootstrap);
    expect(startScreen(first)).toContain("Warning");
    await stop(first);
    const second = await start();
    expect(second.url).not.toBe(url);
    const after = readBootstrap(second);
    const moved = JSON.parse(JSON.stringify(sections).replaceAll(url, second.url));
    expect({ url: second.url, ...moved }).toMatchObject(after);
    const secrets = /password|accessKeySecret|secretAccessKey|apiSecret|privateKey|clientSecret/;
    expect(JSON.stringify(sections)).toMatch(secrets);
    expect(JSON.stringify(after)).not.toMatch(secrets);
    expect(startScreen(second)).not.toContain("Warning");
  });

  it("adds the collaboration chain to the file of an earlier release, and changes nothing else in it", async () => {
    const first = await start();
    const before = readBootstrap(first);
    await stop(first);
    const { collaborationChain, ...aliyun } = before.aliyun;
    writeFileSync(first.folder.bootstrap, JSON.stringify({ ...before, aliyun }));
    const second = await start();
    const after = readBootstrap(second);
    expect(after.aliyun.collaborationChain).toEqual(collaborationChain);
    expect(JSON.parse(JSON.stringify(after).replaceAll(second.url, before.url))).toEqual(before);
  });

  it("is refused while another holds the folder, and after its master key is gone", async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: "DATA_FOLDER_LOCKED" });
    await stop(first);
    await expect(start({ masterKeyFile: join(folder, "other.key") })).rejects.toMatchObject({
      code: "MASTER_KEY_MISSING",
    });
    // A refused start leaves nothing held.
    await start();
  });
});

describe("what belongs to no dialect", () => {
  it("answers unknown paths with a small JSON 404, and the root with where to look", async () => {
    const server = await start();
    const missing = await fetch(`${server.url}/nothing/here?secret=1`);
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { code: "NOT_FOUND", message: "There is nothing here." },
    ]);
    expect(await (await fetch(server.url)).json()).toMatchObject({ name: "Concordat", coverage: "/coverage" });
    const coverage = await fetch(`${server.url}/coverage`, { headers: { accept: "application/json" } });
    expect([coverage.status, coverage.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    for (const path of ["/openapi/aliyun-ltl.json", "/openapi/native.json"]) {
      expect(await (await fetch(server.url + path)).json()).toMatchObject({ openapi: "3.1.0" });
    }
  });
});

it("serves TLS of its own authority when told to", async () => {
  const server = await start({ transport: { kind: "tls-own" } });
  expect(server.url).toMatch(/^https:/);
  const ca = readFileSync(ownAuthorityPath(server.folder));
  const status = await new Promise((resolve, reject) => {
    httpsGet(`${server.url}/healthz`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
  expect(status).toBe(200);
  expect(startScreen(server)).toContain(ownAuthorityPath(server.folder));
});

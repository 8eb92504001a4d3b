import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "node:tls";
import { nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import { type BootstrapFile, type RunningServer, startServer } from "@concordat/server";
import { verifyReceipt } from "@concordat/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeParameters, signedParameters } from "../support/aliyun.ts";
import { type HttpsAnswer, httpsCall, type PacedLoad, startPacedLoad } from "../support/paced-load.ts";
import { runCommand } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

/* Every key of a running installation is changed while 500 signed calls a second go on, over connections that stay open and new ones. */

const CALLS_PER_SECOND = 500;
/** Calls before, between and after the changes. */
const SETTLE_MS = 1_000;

let folder: string;
let server: RunningServer;
let bootstrap: BootstrapFile;
let mspId: string;
let ca: string;
let agent: Agent;
let load: PacedLoad;
/** Ids of acknowledged records. */
const written: string[] = [];
/** Certificates that new connections were shown, in order. */
const shown: string[] = [];

const aliyunKey = () => ({
  accessKeyId: bootstrap.aliyun.accessKeyId,
  accessKeySecret: String(bootstrap.aliyun.accessKeySecret),
});

function recordOf(id: string): Record<string, string> {
  const { productKey, dataTypeCode } = bootstrap.aliyun.proofChain;
  return { ProductKey: productKey, Key: `0001_${productKey}_${dataTypeCode}_${id}` };
}

async function signed(action: string, parameters: Record<string, string>, over = agent) {
  const form = encodeParameters(signedParameters(action, parameters, aliyunKey(), "GET"));
  return httpsCall(over, `${server.url}/?${form}`);
}

/** Three reads to one write; each fiftieth call over a connection of its own. */
async function loadCall(index: number): Promise<string | undefined> {
  if (index % 50 === 49) return newConnectionCall();
  const last = written.at(-1);
  if (index % 4 !== 0 && last !== undefined) return faultOf(await signed("GetData", recordOf(last)));
  const id = `load-${index}`;
  const fault = faultOf(await signed("SetData", { ...recordOf(id), Value: `value ${index}` }));
  if (fault === undefined) written.push(id);
  return fault;
}

async function newConnectionCall(): Promise<string | undefined> {
  const own = new Agent({ keepAlive: false, ca });
  try {
    shown.push(await shownFingerprint());
    return faultOf(await signed("ListProofChain", { Num: "1", Size: "10" }, own));
  } finally {
    own.destroy();
  }
}

function faultOf({ status, text }: HttpsAnswer): string | undefined {
  const isGood = status === 200 && JSON.parse(text).Success === true;
  return isGood ? undefined : `${status} ${text}`;
}

/** What a new connection is shown, once it has been checked against the server's authority. */
function shownFingerprint(): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.end();
      resolve(fingerprint256);
    });
    socket.on("error", reject);
  });
}

async function start(): Promise<void> {
  server = await startServer(
    {
      dataDirectory: join(folder, "data"),
      host: "127.0.0.1",
      port: 0,
      region: "cn-shanghai",
      transport: { kind: "tls-own" },
      masterKeyFile: join(folder, "master.key"),
    },
    {
      clock: systemClock,
      random: systemRandom,
      fileSystem: nodeFileSystem,
      log: silentLogger,
      environment: {},
      processId: process.pid,
    },
  );
  bootstrap = server.bootstrap;
}

async function native(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const { accessKeyId, accessKeySecret } = aliyunKey();
  const answer = await httpsCall(agent, `${server.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${accessKeyId}:${accessKeySecret}`).toString("base64")}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === "" ? {} : JSON.parse(answer.text);
}

async function untilEnded(jobId: unknown): Promise<unknown> {
  for (;;) {
    const { status } = await native("GET", `/jobs/${String(jobId)}`);
    if (["succeeded", "failed", "cancelled"].includes(String(status))) return status;
    await pause(50);
  }
}

/** The receipts of the last records written, and of the first. */
async function receipts() {
  const found = await Promise.all(
    [...written.slice(0, 3), ...written.slice(-3)].map(async (id) => {
      const { ProductKey: chainCode = "", Key: key = "" } = recordOf(id);
      return native("GET", `/receipts?${new URLSearchParams({ chainCode, key, envelope: "true" })}`);
    }),
  );
  const all = found.flatMap((answer) => answer["receipts"]);
  expect(all).toHaveLength(6);
  return all;
}

async function expectValid(all: readonly unknown[]): Promise<void> {
  const trust = await native("GET", "/trust-bundle");
  const verdicts = all.map((receipt) => verifyReceipt(receipt, trust));
  expect(verdicts.map(({ status, reasons }) => [status, reasons])).toEqual(verdicts.map(() => ["valid", []]));
}

beforeAll(async () => {
  folder = await temporaryFolder("rotations");
  await start();
  mspId = `Org${bootstrap.aliyun.uid}MSP`;
  ca = await readFile(join(folder, "data/tls/ca.pem"), "utf8");
  agent = new Agent({ keepAlive: true, maxSockets: 64, ca });
  load = startPacedLoad(CALLS_PER_SECOND, loadCall);
  await pause(SETTLE_MS);
});

afterAll(async () => {
  await load.stop();
  agent.destroy();
  await server.close();
});

describe("under 500 calls a second", () => {
  /** Runs one change; receipts from before it must hold afterwards, and so must those made since. */
  async function change(work: () => Promise<void>): Promise<void> {
    const before = await receipts();
    await work();
    await pause(SETTLE_MS);
    await expectValid([...before, ...(await receipts())]);
    expect(load.failures).toEqual([]);
  }

  test("the server's TLS certificate is replaced, and new connections are shown the new one", async () => {
    const first = await shownFingerprint();
    await change(async () => {
      await native("POST", "/server-certificate/rotations");
      expect(await shownFingerprint()).not.toBe(first);
    });
    expect(shown.at(-1)).toBe(await shownFingerprint());
    expect(shown).toContain(first);
  });

  test("the master key is replaced, everything is sealed anew, and the earlier key is forgotten", async () => {
    const keyFile = join(folder, "master.key");
    const [earlier] = (await readFile(keyFile, "utf8")).trim().split("\n");
    await change(async () => {
      const { jobId } = await native("POST", "/master-key/rotations");
      expect(await untilEnded(jobId)).toBe("succeeded");
      expect(await native("GET", "/master-key")).toMatchObject({ keyCount: 2, waitingCount: 0 });
      expect(await native("POST", "/master-key/forget-earlier")).toMatchObject({ keyCount: 1 });
    });
    const keys = (await readFile(keyFile, "utf8")).trim().split("\n");
    expect(keys).toHaveLength(1);
    expect(keys).not.toContain(earlier);
  });

  test.each([
    ["an organization's CA", "authority-rotations", { purpose: "identity" }],
    ["an organization's checkpoint key", "checkpoint-key-rotations", {}],
  ])("%s is replaced", async (_what, path, body) => {
    await change(async () => {
      const { jobId } = await native("POST", `/organizations/${mspId}/${path}`, body);
      expect(await untilEnded(jobId)).toBe("succeeded");
    });
  });

  test("no call of the whole run failed, and there were as many as promised", async () => {
    const seconds = 4 * (SETTLE_MS / 1_000);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.sent).toBeGreaterThan(seconds * CALLS_PER_SECOND);
    console.log(`${load.sent} calls, ${written.length} records, ${shown.length} new connections`);
  });

  test("and after a restart under the new keys everything is there, and verifies from the files alone", async () => {
    await server.close();
    await start();
    for (const id of [...written.slice(0, 3), ...written.slice(-3)]) {
      expect(faultOf(await signed("GetData", recordOf(id)))).toBeUndefined();
    }
    await expectValid(await receipts());
    await server.close();
    const installation = { dataFolder: join(folder, "data"), configFolder: folder };
    const { exitCode, stdout, stderr } = await runCommand(installation, ["verify", "--data", join(folder, "data")]);
    expect([exitCode, stderr], stdout).toEqual([0, ""]);
  });
});

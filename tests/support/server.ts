import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll } from "vitest";
import type { HuaweiAccess } from "./huawei.ts";
import { repositoryRoot } from "./repository.ts";
import { temporaryFolder } from "./temporary.ts";

/** The members of bootstrap.json that the tests use. */
export interface Bootstrap {
  readonly url: string;
  readonly aliyun: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly uid: string;
    readonly proofChain: { readonly bizChainId: string; readonly productKey: string; readonly dataTypeCode: string };
    readonly collaborationChain: { readonly bizChainId: string };
  };
  readonly huawei: HuaweiAccess;
  readonly bif: {
    readonly endpoint: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly backboneBid: string;
    /** In the text form of that chain. */
    readonly privateKey: string;
  };
  readonly oracle: { readonly tokenEndpoint: string; readonly clientId: string; readonly clientSecret: string };
  readonly supermap: { readonly endpoint: string; readonly userName: string; readonly password: string };
}

export interface Installation {
  readonly dataFolder: string;
  /** Holds the master key: outside the data folder, as the product demands. */
  readonly configFolder: string;
}

export interface RunningServer extends Installation {
  readonly bootstrap: Bootstrap;
  readonly pid: number;
  /** Everything that the process printed so far. */
  output(): string;
  /** SIGTERM, then waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const commandFile = join(repositoryRoot, "packages/server/src/main.ts");
const children = new Set<ChildProcess>();

function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
}

process.once("exit", killAll);
afterAll(killAll);

export async function newInstallation(name: string): Promise<Installation> {
  const folder = await temporaryFolder(name);
  return { dataFolder: join(folder, "data"), configFolder: join(folder, "config") };
}

function environmentOf(installation: Installation): NodeJS.ProcessEnv {
  const {
    CONCORDAT_MASTER_KEY: _key,
    CONCORDAT_DATA: _data,
    CONCORDAT_PORT: _port,
    CONCORDAT_DATABASE: _database,
    ...rest
  } = process.env;
  return { ...rest, XDG_CONFIG_HOME: installation.configFolder };
}

/** Starts the real server process on a free port and waits until it is healthy. */
export async function startServer(
  installation: Installation,
  options: {
    readonly nodeArguments?: readonly string[];
    readonly serverArguments?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<RunningServer> {
  const words = ["up", "--data", installation.dataFolder, "--port", "0", ...(options.serverArguments ?? [])];
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), commandFile, ...words], {
    env: { ...environmentOf(installation), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-1_000_000);
    });
  }
  const ended = once(child, "exit").then(([code]: (number | null)[]) => {
    children.delete(child);
    return code ?? null;
  });
  const bootstrap = await untilHealthy(installation, child, () => output);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    ...installation,
    bootstrap,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}

/** bootstrap.json may still be the one of an earlier run: its port then refuses connections, or answers "starting". */
async function untilHealthy(installation: Installation, child: ChildProcess, output: () => string): Promise<Bootstrap> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}:\n${output()}`);
    }
    if (performance.now() > deadline) throw new Error(`The server did not become healthy:\n${output()}`);
    const bootstrap = await readBootstrap(installation);
    if (bootstrap !== undefined && output().includes(bootstrap.url) && (await isHealthy(bootstrap.url)))
      return bootstrap;
    await pause(20);
  }
}

async function readBootstrap(installation: Installation): Promise<Bootstrap | undefined> {
  const text = await readFile(join(installation.dataFolder, "bootstrap.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

export async function isHealthy(url: string): Promise<boolean> {
  return statusOf(`${url}/healthz`).then(
    (status) => status === 200,
    () => false,
  );
}

/** Over TLS nothing is verified: who answers is not what is asked here. */
function statusOf(url: string): Promise<number> {
  if (!url.startsWith("https:")) return fetch(url).then(({ status }) => status);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { rejectUnauthorized: false, agent: false }, (incoming) => {
      incoming.resume().on("end", () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on("error", reject).end();
  });
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one `concordat` command to its end, or kills it (SIGKILL) after a while. */
export async function runCommand(
  installation: Installation,
  words: readonly string[],
  options: {
    readonly killAfterMs?: number;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [commandFile, ...words], {
    env: { ...environmentOf(installation), ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const { killAfterMs } = options;
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const [exitCode]: (number | null)[] = await once(child, "close");
  clearTimeout(timer);
  children.delete(child);
  return { exitCode: exitCode ?? null, stdout, stderr };
}

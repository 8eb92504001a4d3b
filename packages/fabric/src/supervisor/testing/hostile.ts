import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { bytesToUtf8 } from "@concordat/base";
import { callRequest } from "../../shim/testing/calls.ts";
import { MemorySimulation, memoryState } from "../../shim/testing/memory-simulation.ts";
import { contractManifest, type HostFixture, nodePackage } from "./hosts.ts";

export interface Outcome {
  readonly got?: unknown;
  readonly refused?: string;
}

/** What testdata/hostile/index.js answers. */
export interface HostileReport {
  readonly user: { readonly id: number; readonly status: string };
  readonly files: Readonly<Record<string, Outcome>>;
  readonly root: readonly string[];
  readonly devices: readonly string[];
  readonly contractFolder: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: readonly { pid: number; environ: Outcome; command: Outcome; memory: Outcome }[];
  readonly interfaces: readonly string[];
  readonly network: readonly Outcome[];
  readonly outside: Outcome;
  readonly names: string;
  readonly signals: readonly Outcome[];
  readonly namespaces: Outcome;
  readonly mount: Outcome;
  readonly become: Outcome;
  readonly trace: Outcome;
  readonly written: Readonly<Record<string, Outcome>>;
  readonly filled: Readonly<Record<"temporary" | "shared", { writtenMebibytes: number; refused: string[] }>>;
  readonly memory: { status: number | null; signal: string | null; mebibytes: number };
  readonly forks: { started: number; refused: string[] };
}

/** What a contract must not find: the key file's content, another contract's code, a variable of the server, what listeners say. */
export const SECRET = "a-secret-of-the-server";

function listen(target: string | number): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => {}).end(SECRET));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    if (typeof target === "string") server.listen(target, () => resolve(server));
    else server.listen(target, "127.0.0.1", () => resolve(server));
  });
}

async function hostileFiles(): Promise<Record<string, string>> {
  return {
    "package.json": await readFile(new URL("../testdata/hostile/package.json", import.meta.url), "utf8"),
    "index.js": await readFile(new URL("../testdata/hostile/index.js", import.meta.url), "utf8"),
  };
}

function targetsOf(fixture: HostFixture, otherId: string, port: number, abstractName: string) {
  const { host, dataFolder } = fixture;
  const digest = otherId.split(":")[1] ?? "";
  const below = ["builds", join("builds", digest), join("packages", digest), "logs", "s"];
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  const hosts = [...new Set(["127.0.0.1", "::1", ...own])];
  return {
    paths: [
      dataFolder,
      join(dataFolder, "keys", "master.key"),
      ...below.map((path) => join(dataFolder, "fabric", path)),
    ],
    addresses: [...hosts.map((host) => ({ host, port })), { path: abstractName }],
    // 192.0.2.0/24 is nobody's: without a network it cannot even be tried.
    outside: { host: "192.0.2.1", port: 9 },
    // The other contract was started first.
    processIds: [
      process.pid,
      process.ppid,
      ...host
        .statuses()
        .slice(0, 1)
        .map(({ processId }) => processId ?? 0),
    ],
  };
}

/** Lets the hostile contract loose on a host. @param isGentle leaves out what would harm a machine that does not stop it */
export async function runHostile(fixture: HostFixture, isGentle: boolean): Promise<string> {
  const { host, dataFolder } = fixture;
  await mkdir(join(dataFolder, "keys"));
  await writeFile(join(dataFolder, "keys", "master.key"), SECRET);
  const text = `module.exports.contracts = []; // ${SECRET}`;
  const other = await host.install(
    "node1",
    await nodePackage("other", { "package.json": contractManifest, "index.js": text }),
  );
  const hostile = await host.install("node1", await nodePackage("hostile", await hostileFiles()));
  await host.start("Org1MSP", other.packageId);
  const connection = await host.connection("Org1MSP", hostile.packageId);
  const abstractName = `\0concordat-hostile-${process.pid}`;
  const listeners = [await listen(0), await listen(abstractName)];
  try {
    const bound = listeners[0]?.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const targets = { ...targetsOf(fixture, other.packageId, port, abstractName), isGentle };
    const simulation = new MemorySimulation(memoryState());
    const request = callRequest(simulation, ["attack", JSON.stringify(targets)], {
      timeoutMs: isGentle ? 20_000 : 120_000,
    });
    return bytesToUtf8((await connection.call(request)).payload);
  } finally {
    for (const server of listeners) server.close();
  }
}

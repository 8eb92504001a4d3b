import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLogger, systemClock } from "@concordat/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createContractStreams } from "./contract-streams.ts";
import { callRequest } from "./testing/calls.ts";
import { MemorySimulation, memoryState } from "./testing/memory-simulation.ts";

const packageId = "process_1:ee";
const streams = createContractStreams({}, { clock: systemClock, log: silentLogger });
const starter = join(dirname(createRequire(import.meta.url).resolve("fabric-shim")), "cli.js");
const modules = dirname(dirname(starter));

const contract = `
const { Contract } = require("fabric-contract-api");
class Simple extends Contract {
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); }
  async loop() { for (;;); }
}
module.exports.contracts = [Simple];
`;

let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shim-"));
  children = [];
  const manifest = { name: "simple", version: "1.0.0", main: "index.js" };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "index.js"), contract);
  await symlink(modules, join(folder, "node_modules"));
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/**
 * As a package's start script does. The shim hands `unix:7051` to gRPC, which takes it for the Unix socket `7051` in the working folder;
 * a link serves as well.
 */
function start(): ChildProcess {
  const args = [starter, "start", "--peer.address", "unix:7051", "--chaincode-id-name", packageId];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: "ignore", env: {} });
  children.push(child);
  return child;
}

function put(key: string) {
  const simulation = new MemorySimulation(memoryState());
  return { simulation, request: callRequest(simulation, ["put", key, "value"]) };
}

test("an unmodified package, started by the official command, dials a Unix socket", async () => {
  const listener = await streams.listen({ socketPath: join(folder, "peer.sock"), packageId });
  await symlink("peer.sock", join(folder, "7051"));
  const child = start();
  const connection = await listener.connection;
  const { simulation, request } = put("a");
  expect(await connection.call(request)).toMatchObject({ status: 200 });
  expect([...simulation.writes.keys()]).toEqual(["a"]);
  await listener.close();
  expect(await connection.closed).toMatch(/./);
  // Nothing holds the shim's process any more, or its end is asked for.
  child.kill();
  await once(child, "exit");
});

test("a process that is killed in the middle of 50 calls ends each, and another takes its place", async () => {
  const socketPath = join(folder, "7051");
  const first = await streams.listen({ socketPath, packageId });
  const child = start();
  const connection = await first.connection;
  const loop = connection.call(callRequest(new MemorySimulation(memoryState()), ["loop"], { timeoutMs: 60_000 }));
  const calls = Array.from({ length: 50 }, (_, at) => connection.call(put(`k${at}`).request));
  const settled = Promise.allSettled([loop, ...calls]);
  child.kill("SIGKILL");
  for (const result of await settled) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "CONTRACT_NOT_RUNNING" } });
  }
  await connection.closed;
  await first.close();
  const second = await streams.listen({ socketPath, packageId });
  start();
  expect(await (await second.connection).call(put("a").request)).toMatchObject({ status: 200 });
  await second.close();
});

import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import type { Contract } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectGateway, createTestNetwork, type GatewayConnection } from "../support/fabric-network.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/* A contract that tries to get at everything around it, installed on a server as any other contract is. */

type Tries = Readonly<Record<string, { readonly got?: string; readonly refused?: string }>>;

const CHANNEL = "prison";

let server: RunningServer;
let listener: Server;
let listenerAddress: string;
let connected: GatewayConnection;
let hostile: Contract;
let packageIds: readonly string[];

beforeAll(async () => {
  listener = createServer((socket) => socket.end("reached")).listen(0, "127.0.0.1");
  await once(listener, "listening");
  listenerAddress = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  server = await startServer(await newInstallation("fabric-hostile"));
  const network = await createTestNetwork(server);
  await network.createChannel(CHANNEL);
  packageIds = [await network.deploy(CHANNEL, "hostile"), await network.deploy(CHANNEL, "general")];
  connected = connectGateway(await network.connection());
  const channel = connected.gateway.getNetwork(CHANNEL);
  // Both processes run when the first of them starts to look around.
  await channel.getContract("general", "General").submitTransaction("put", "secret-of-another-contract", "1");
  hostile = channel.getContract("hostile");
});

afterAll(async () => {
  connected?.close();
  await server?.stop();
  listener?.close();
});

async function ask(fn: string, ...args: readonly unknown[]): Promise<Tries> {
  const texts = args.map((arg) => (typeof arg === "string" ? arg : JSON.stringify(arg)));
  return JSON.parse(Buffer.from(await hostile.evaluateTransaction(fn, ...texts)).toString());
}

function expectNothing(tries: Tries): void {
  expect(Object.keys(tries).length).toBeGreaterThan(0);
  for (const [what, outcome] of Object.entries(tries)) expect(outcome, what).toEqual({ refused: expect.any(String) });
}

test("reads neither the data folder, nor keys, nor homes", async () => {
  const { dataFolder, configFolder } = server;
  const inside = (await readdir(dataFolder)).map((name) => join(dataFolder, name));
  const paths = [dataFolder, ...inside, configFolder, dirname(dataFolder), "/root", "/home", "/etc/shadow"];
  expectNothing(await ask("read", paths));
});

test("finds nothing of the installation under any other path", async () => {
  const names = ["bootstrap.json", "control.sqlite", "segments", "anchor", "master.key", "keystore", "fabric"];
  expect(await ask("search", names)).toEqual([]);
  const digests = packageIds.map((id) => id.split(":")[1] ?? "");
  expect(await ask("search", digests)).toEqual([]);
});

test("writes nowhere outside its own small folder for temporary files", async () => {
  const { dataFolder } = server;
  expectNothing(await ask("write", [join(dataFolder, "x"), "/etc/x", "/usr/x", "/x", "/var/x"]));
});

test("reaches neither the server, nor a listener beside it, nor the world", async () => {
  const { host } = new URL(server.bootstrap.url);
  expectNothing(await ask("dial", [host, listenerAddress, "10.0.0.1:80", "192.0.2.1:443"]));
});

test("sees no other process, signals none, and knows nothing of the server's environment", async () => {
  expectNothing(await ask("signal", [String(server.pid), String(process.pid)]));
  const seen = JSON.parse(Buffer.from(await hostile.evaluateTransaction("surroundings")).toString());
  expect(JSON.stringify(seen.commands)).not.toContain("main.ts");
  expect(JSON.stringify(seen.environment)).not.toContain(server.dataFolder);
  expect(Object.keys(seen.environment).filter((name) => /TOKEN|SECRET|PASSWORD|MASTER/i.test(name))).toEqual([]);
  expect(seen.uid).not.toBe(0);
});

test("still works as a contract afterwards", async () => {
  const [outcome] = Object.values(await ask("read", ["/proc/self/status"]));
  expect(outcome).toBeDefined();
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { callRequest } from "../shim/testing/calls.ts";
import { MemorySimulation, memoryState } from "../shim/testing/memory-simulation.ts";
import { contractManifest, type HostFixture, nodePackage, openHost } from "./testing/hosts.ts";

const contractText = `
const { Contract } = require("fabric-contract-api");
class Simple extends Contract {
  async put(ctx, key, value) { console.log("putting " + key); await ctx.stub.putState(key, Buffer.from(value)); }
  async die() { console.error("dying now"); process.exit(7); }
  async loop() { for (;;); }
}
module.exports.contracts = [Simple];
`;

let fixture: HostFixture;
beforeEach(async () => {
  fixture = await openHost();
});
afterEach(() => fixture.close());

function put(key: string) {
  const simulation = new MemorySimulation(memoryState());
  return { simulation, request: callRequest(simulation, ["put", key, "value"]) };
}

test("an official contract is built, started in bubblewrap, called, and stopped", async () => {
  const { host } = fixture;
  const bytes = await nodePackage("simple_1", { "package.json": contractManifest, "index.js": contractText });
  const { packageId } = await host.install("node1", bytes);
  const status = await host.start("Org1MSP", packageId);
  expect(status).toMatchObject({ state: "running", reason: null, sandbox: "bubblewrap", restarts: 0 });
  expect(status.processId).toBeGreaterThan(0);
  const connection = await host.connection("Org1MSP", packageId);
  const { simulation, request } = put("a");
  expect(await connection.call(request)).toMatchObject({ status: 200 });
  expect([...simulation.writes.keys()]).toEqual(["a"]);
  expect(await host.stop("Org1MSP", packageId)).toMatchObject({ state: "stopped", processId: null });
  expect(() => process.kill(status.processId ?? 0, 0)).toThrow();
  const lines = await host.logs("Org1MSP", packageId, 1_000);
  expect(lines.map(({ stream }) => stream)).toContain("supervisor");
  expect(lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text)).toContain("putting a");
});

test("a contract that ends is started anew, and one that hangs is reset", async () => {
  const { host } = fixture;
  const bytes = await nodePackage("simple_1", { "package.json": contractManifest, "index.js": contractText });
  const { packageId } = await host.install("node1", bytes);
  const first = await host.connection("Org1MSP", packageId);
  const dying = first.call(callRequest(new MemorySimulation(memoryState()), ["die"]));
  await expect(dying).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
  await first.closed;
  // The end of the stream is told before that of the process.
  await expect.poll(() => host.statuses()[0]?.restarts, { timeout: 60_000 }).toBe(1);
  const second = await host.connection("Org1MSP", packageId);
  expect(await second.call(put("b").request)).toMatchObject({ status: 200 });
  void second.call(callRequest(new MemorySimulation(memoryState()), ["loop"])).catch(() => {});
  host.reset("Org1MSP", packageId, "It did not answer.");
  await second.closed;
  expect(host.statuses()[0]).toMatchObject({ state: "backing-off", reason: "It did not answer.", restarts: 2 });
  expect(await host.start("Org1MSP", packageId)).toMatchObject({ state: "running" });
});

import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import type { Worker } from "node:worker_threads";
import { silentLogger, systemClock } from "@concordat/base";
import { derToPem, issueKeyedCertificate, issueKeyedServerCertificate } from "@concordat/identity";
import { afterEach, describe, expect, test } from "vitest";
import type { ServiceAddress } from "../contracts/ports.ts";
import { createContractStreams } from "./contract-streams.ts";
import { callRequest, textOf } from "./testing/calls.ts";
import { authority } from "./testing/certificate.ts";
import type { ChaincodeOrder } from "./testing/chaincode-worker.ts";
import { portOf, startChaincode } from "./testing/chaincodes.ts";
import { MemorySimulation, memoryState } from "./testing/memory-simulation.ts";

const packageId = "service_1:cc";
const streams = createContractStreams(
  { limits: { keepaliveMs: 200, keepaliveTimeoutMs: 200 } },
  { clock: systemClock, log: silentLogger },
);
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type ServeOptions = Omit<Extract<ChaincodeOrder, { kind: "serve" }>, "kind" | "packageId">;

async function serve(options: ServeOptions = {}): Promise<{ readonly worker: Worker; readonly port: number }> {
  const worker = startChaincode({ kind: "serve", packageId, ...options });
  closing.push(() => worker.terminate());
  return { worker, port: await portOf(worker) };
}

async function dial(port: number, tls?: ServiceAddress["tls"], wanted = packageId) {
  const host = tls === undefined ? "127.0.0.1" : "localhost";
  const service = { address: `${host}:${port}`, dialTimeoutMs: 5_000, tls };
  const connection = await streams.dial({ service, packageId: wanted });
  closing.push(() => connection.close());
  return connection;
}

async function put(connection: Awaited<ReturnType<typeof dial>>): Promise<string[]> {
  const simulation = new MemorySimulation(memoryState());
  const response = await connection.call(callRequest(simulation, ["put", "a", "1"]));
  expect(response).toMatchObject({ status: 200, message: "" });
  return [...simulation.writes.keys()];
}

function pemOf(key: Uint8Array): string {
  return derToPem("PRIVATE KEY", key);
}

const server = await issueKeyedServerCertificate(authority, { hosts: ["localhost"] });
const serverTls = { key: pemOf(server.privateKeyDer), certificate: server.certificatePem };

describe("a chaincode service", () => {
  test("is dialled, called and left", async () => {
    const { port } = await serve();
    const connection = await dial(port);
    expect(await put(connection)).toEqual(["a"]);
    const state = memoryState({ a: "1" });
    const read = await connection.call(callRequest(new MemorySimulation(state), ["get", "a"]));
    expect(textOf(read)).toBe("1");
    connection.close();
    expect(await connection.closed).toMatch(/the peer closed/);
    expect(await put(await dial(port))).toEqual(["a"]);
  });

  test("with TLS", async () => {
    const { port } = await serve({ tls: serverTls });
    expect(await put(await dial(port, { rootCertificate: authority.certificatePem }))).toEqual(["a"]);
    const short = { address: `localhost:${port}`, dialTimeoutMs: 300 };
    await expect(streams.dial({ service: { ...short, tls: undefined }, packageId })).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
    });
    const wrongRoot = { rootCertificate: server.certificatePem };
    await expect(streams.dial({ service: { ...short, tls: wrongRoot }, packageId })).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
    });
  });

  test("with mutual TLS", async () => {
    const { port } = await serve({ tls: { ...serverTls, clientAuthority: authority.certificatePem } });
    const peer = await issueKeyedCertificate(authority, { role: "peer", commonName: "peer0" });
    const client = { certificate: peer.certificatePem, key: pemOf(peer.privateKeyDer) };
    expect(await put(await dial(port, { rootCertificate: authority.certificatePem, client }))).toEqual(["a"]);
    const nameless = { rootCertificate: authority.certificatePem };
    const service = { address: `localhost:${port}`, dialTimeoutMs: 300, tls: nameless };
    await expect(streams.dial({ service, packageId })).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
  });

  test("that is another package is not used", async () => {
    const { port } = await serve();
    const service = { address: `127.0.0.1:${port}`, dialTimeoutMs: 300, tls: undefined };
    await expect(streams.dial({ service, packageId: "other_1:dd" })).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
      facts: { reason: expect.stringMatching(/registered as "service_1:cc"/) },
    });
  });

  test.each(["unix:/tmp/socket", "/tmp/socket", "dns://x/y:1", "a b:1", "host", "host:port"])(
    "at %s has no host and port",
    async (address) => {
      const dialled = streams.dial({ service: { address, dialTimeoutMs: 100, tls: undefined }, packageId });
      const reason = expect.stringMatching(/is no host and port/);
      await expect(dialled).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING", facts: { reason } });
    },
  );

  test("is not dialled with certificates that cannot be read", async () => {
    const service = { address: "localhost:1", dialTimeoutMs: 100, tls: { rootCertificate: "no PEM" } };
    await expect(streams.dial({ service, packageId })).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
      facts: { reason: expect.stringMatching(/cannot be read/) },
    });
  });

  test("that is not there is given up", async () => {
    const { port, worker } = await serve();
    await worker.terminate();
    const service = { address: `127.0.0.1:${port}`, dialTimeoutMs: 600, tls: undefined };
    await expect(streams.dial({ service, packageId })).rejects.toMatchObject({
      code: "CONTRACT_NOT_RUNNING",
      facts: { reason: expect.stringMatching(/ECONNREFUSED/) },
    });
  });

  test("that dies in a call ends it", async () => {
    const { port } = await serve();
    const connection = await dial(port);
    const answer = connection.call(callRequest(new MemorySimulation(memoryState()), ["die"]));
    await expect(answer).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    expect(await connection.closed).toMatch(/broke/);
  });

  test("that never answers a call is left at its timeout, while others go on", async () => {
    const { port } = await serve();
    const connection = await dial(port);
    const request = callRequest(new MemorySimulation(memoryState()), ["hang"], { timeoutMs: 200 });
    await expect(connection.call(request)).rejects.toMatchObject({ code: "CONTRACT_TIMEOUT" });
    expect(await put(connection)).toEqual(["a"]);
  });

  test("whose machine vanishes is noticed by pings", async () => {
    const { port } = await serve();
    const line = await startLine(port);
    const connection = await dial(line.port);
    expect(await put(connection)).toEqual(["a"]);
    const answer = connection.call(callRequest(new MemorySimulation(memoryState()), ["hang"]));
    line.cut();
    await expect(answer).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    expect(await connection.closed).toMatch(/./);
  });
});

/** A line to a service that can be cut without either end being told. */
async function startLine(port: number): Promise<{ readonly port: number; cut(): void }> {
  const sockets: Socket[] = [];
  const line: Server = createServer((near) => {
    const far = connectSocket(port, "127.0.0.1");
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => line.close(resolve));
  });
  const address = line.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    cut() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

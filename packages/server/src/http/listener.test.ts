import { once } from "node:events";
import { Agent, get, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { ManualClock, systemClock } from "@concordat/base";
import { afterEach, describe, expect, it } from "vitest";
import { type Listener, type ListenerOptions, listen } from "./listener.ts";

const opened: Listener[] = [];

async function open(options: Partial<ListenerOptions> = {}, clock = systemClock): Promise<Listener> {
  const listener = await listen({ host: "127.0.0.1", port: 0, ...options }, { clock });
  opened.push(listener);
  return listener;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((listener) => listener.close(0).catch(() => undefined)));
});

/** Everything that the server sends until it closes the connection. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8").write(request);
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

describe("the listener", () => {
  it("says that it is starting until it serves", async () => {
    const listener = await open();
    const early = await exchange(listener.port, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(early).toMatch(/^HTTP\/1\.1 503 /);
    expect(early).toContain('{"status":"starting"}');
    listener.serve((_request: IncomingMessage, response: ServerResponse) => response.end("served"));
    expect(await exchange(listener.port, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).toContain("served");
  });

  it("names a taken port and an address that is not this machine's", async () => {
    const { port } = await open();
    await expect(open({ port })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: `Port ${port} on 127.0.0.1 is taken by another program.`,
    });
    await expect(open({ host: "192.0.2.1" })).rejects.toMatchObject({ code: "ADDRESS_UNUSABLE" });
  });

  it.each([
    ["headers", "GET / HTTP/1.1\r\nhost: x\r\n"],
    ["a body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"],
  ])("answers 408 to half-sent %s", async (_, request) => {
    const limits = { headersTimeoutMs: 50, requestTimeoutMs: 50, checkIntervalMs: 10 };
    const listener = await open({ limits });
    listener.serve((message, response) => {
      message.resume().on("end", () => response.end());
    });
    expect(await exchange(listener.port, request)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ["what is no HTTP", "\u0000\r\n\r\n", 400],
    ["headers beyond the limit", `GET / HTTP/1.1\r\nx: ${"y".repeat(200_000)}\r\n\r\n`, 431],
  ])("refuses %s", async (_, request, status) => {
    const listener = await open();
    expect(await exchange(listener.port, request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("finishes what is in flight before it closes, and takes nothing new", async () => {
    const listener = await open();
    let finish = () => {};
    const arrived = new Promise<void>((resolve) => {
      listener.serve((_request: IncomingMessage, response: ServerResponse) => {
        finish = () => response.end("finished");
        resolve();
      });
    });
    const agent = new Agent({ keepAlive: true });
    const request = get({ port: listener.port, host: "127.0.0.1", agent });
    const response = once(request, "response") as Promise<[IncomingMessage]>;
    await arrived;
    const closed = listener.close(60_000);
    await expect(exchange(listener.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
    finish();
    const [message] = await response;
    expect((await message.setEncoding("utf8").toArray()).join("")).toBe("finished");
    expect(await closed).toEqual({ cut: false });
    agent.destroy();
  });

  it("cuts what does not end in time", async () => {
    const clock = new ManualClock(0);
    const listener = await open({}, clock);
    const arrived = new Promise<void>((resolve) => listener.serve(() => resolve()));
    const request = exchange(listener.port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await arrived;
    const closed = listener.close(10_000);
    clock.advance(10_000);
    expect(await closed).toEqual({ cut: true });
    expect(await request).toBe("");
  });
});

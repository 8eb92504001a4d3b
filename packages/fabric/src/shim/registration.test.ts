import { once } from "node:events";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { MESSAGE_TYPE } from "./message.ts";
import { registration } from "./testing/raw-chaincode.ts";
import { call, completed, packageId, RawHarness } from "./testing/raw-harness.ts";

const harness = new RawHarness();

describe("registration", () => {
  test("is answered with REGISTERED and READY, which announces nothing", async () => {
    const { chaincode } = await harness.connect();
    expect(chaincode.received.map(({ type, payload }) => [type, payload.length])).toEqual([
      [MESSAGE_TYPE.REGISTERED, 0],
      [MESSAGE_TYPE.READY, 0],
    ]);
  });

  test.each([
    ["another package's name", registration("other_1:bb"), /registered as "other_1:bb"/],
    ["another message", Buffer.from([8, 5]), /TRANSACTION before REGISTER/],
    ["garbage", Buffer.from([255, 255, 255]), /cannot be read/],
    ["a name that cannot be read", Buffer.from([8, 1, 26, 2, 255, 255]), /REGISTER cannot be read/],
  ])("is refused with %s, and the right one may still come", async (_, bytes, reason) => {
    const listener = await harness.listen();
    const stranger = harness.dialIn();
    stranger.send(bytes);
    expect(await stranger.status).toMatchObject({
      code: grpc.status.PERMISSION_DENIED,
      details: expect.stringMatching(reason),
    });
    expect(harness.warnings).toMatchObject([{ fields: { packageId, reason: expect.stringMatching(reason) } }]);
    harness.dialIn().send(registration(packageId));
    await listener.connection;
  });

  test("happens once", async () => {
    const { connection, chaincode } = await harness.connect();
    const second = harness.dialIn();
    second.send(registration(packageId));
    expect(await second.status).toMatchObject({ code: grpc.status.PERMISSION_DENIED, details: /already/ });
    const answer = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say(completed("t"));
    expect(await answer).toMatchObject({ status: 200 });
  });

  test("is waited for by so many streams", async () => {
    await harness.listen({ unregisteredMax: 1 });
    const silent = [harness.dialIn(), harness.dialIn()];
    expect(await Promise.race(silent.map(({ status }) => status))).toMatchObject({
      code: grpc.status.PERMISSION_DENIED,
      details: expect.stringMatching(/too many/),
    });
  });

  test("takes no more connections than that and one, and frees them", async () => {
    const listener = await harness.listen({ unregisteredMax: 1 });
    const idle = [harness.hold(), harness.hold()];
    for (const socket of idle) await once(socket, "connect");
    const third = harness.hold();
    await once(third, "close");
    expect(harness.warnings).toMatchObject([{ fields: { reason: "too many connections" } }]);
    for (const socket of idle) {
      socket.destroy();
      await once(socket, "close");
    }
    harness.dialIn().send(registration(packageId));
    await listener.connection;
  });

  test("a stream that says nothing is refused when its time is over", async () => {
    await harness.listen({ registerTimeoutMs: 500 });
    const silent = harness.dialIn();
    const status = silent.status;
    let ended = false;
    void status.then(() => {
      ended = true;
    });
    while (!ended) {
      harness.clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await status).details).toMatch(/in time/);
  });

  test("nobody registers with a listener that is closed", async () => {
    const listener = await harness.listen();
    await listener.close();
    await expect(listener.connection).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    await listener.close();
  });

  test("a socket in a folder that is not there is refused", async () => {
    const socketPath = join(harness.folder, "missing", "s");
    await expect(harness.listen({}, socketPath)).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
  });

  test("a socket path that the kernel would cut is refused", async () => {
    const socketPath = join(harness.folder, "x".repeat(120));
    await expect(harness.listen({}, socketPath)).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
  });
});

import { ConcordatError } from "@concordat/base";
import grpc from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MESSAGE_TYPE } from "./message.ts";
import { callRequest } from "./testing/calls.ts";
import { MemorySimulation, memoryState } from "./testing/memory-simulation.ts";
import type { RawChaincode } from "./testing/raw-chaincode.ts";
import { call, completed, getState, RawHarness, textsOf } from "./testing/raw-harness.ts";

const harness = new RawHarness();

describe("a registered chaincode", () => {
  test("is answered ERROR when it asks for a transaction that does not run", async () => {
    const { chaincode } = await harness.connect();
    chaincode.say(getState("nobody"));
    await chaincode.messages(3);
    expect(chaincode.received[2]).toMatchObject({ type: MESSAGE_TYPE.ERROR, txId: "nobody", channelId: "mychannel" });
    expect(textsOf(chaincode)[2]).toBe("GET_STATE failed: transaction ID: nobody: no ledger context");
    chaincode.say(completed("nobody"));
  });

  test.each([
    ["an unknown type", { type: 99 }],
    ["a second REGISTER", { type: MESSAGE_TYPE.REGISTER }],
    ["READY", { type: MESSAGE_TYPE.READY }],
    ["RESPONSE", { type: MESSAGE_TYPE.RESPONSE }],
  ])("is cut off when it sends %s, and its calls are told", async (_, message) => {
    const { chaincode, connection } = await harness.connect();
    const answer = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say({ ...message, txId: "t" });
    await expect(answer).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    expect(await connection.closed).toMatch(/which no registered contract may/);
    await expect(call(connection, "later")).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
  });

  test("is cut off when it sends garbage", async () => {
    const { chaincode, connection } = await harness.connect();
    chaincode.send(Buffer.from([255, 255, 255]));
    expect(await connection.closed).toMatch(/no chaincode message/);
  });

  test("is cut off when a message is too large", async () => {
    const { chaincode, connection } = await harness.connect({ messageBytesMax: 1_000 });
    chaincode.say({ ...getState("t"), payload: new Uint8Array(2_000) });
    expect(await connection.closed).toMatch(/./);
  });

  test("may send KEEPALIVE, which is not sent back", async () => {
    const { chaincode } = await harness.connect();
    chaincode.say({ type: MESSAGE_TYPE.KEEPALIVE });
    chaincode.say(getState("nobody"));
    await chaincode.messages(3);
    expect(chaincode.received.map(({ type }) => type)).not.toContain(MESSAGE_TYPE.KEEPALIVE);
  });

  test("has one request of a transaction worked on at a time", async () => {
    const { chaincode, connection } = await harness.connect();
    const simulation = new MemorySimulation(memoryState({ k: "v" }));
    const gate = Promise.withResolvers<void>();
    const step = simulation.step.bind(simulation);
    simulation.step = (wanted) => gate.promise.then(() => step(wanted));
    const answer = call(connection, "t", simulation);
    await chaincode.messages(3);
    for (let sent = 0; sent < 3; sent += 1) chaincode.say(getState("t", `k${sent}`));
    chaincode.say(getState("nobody"));
    await chaincode.messages(4);
    gate.resolve();
    await chaincode.messages(5);
    chaincode.say(completed("t"));
    await answer;
    expect(simulation.steps).toMatchObject([{ key: "k0" }]);
    expect(harness.warnings).toHaveLength(1);
  });

  test.each([
    ["get", MESSAGE_TYPE.GET_STATE],
    ["put", MESSAGE_TYPE.PUT_STATE],
    ["range", MESSAGE_TYPE.GET_STATE_BY_RANGE],
    ["metadata", MESSAGE_TYPE.PUT_STATE_METADATA],
    ["invoke", MESSAGE_TYPE.INVOKE_CHAINCODE],
  ])("is told that a request cannot be read: %s", async (_, type) => {
    const { chaincode, connection } = await harness.connect();
    const answer = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say({ type, txId: "t", payload: Buffer.from([10, 200, 1]) });
    await chaincode.messages(4);
    expect(textsOf(chaincode)[3]).toMatch(/failed: transaction ID: t: unmarshal failed$/);
    chaincode.say(completed("t"));
    await answer;
  });

  test.each([
    ["no page", MESSAGE_TYPE.PUT_STATE_METADATA, /carries no metadata/],
    ["no name", MESSAGE_TYPE.INVOKE_CHAINCODE, /names no chaincode/],
    ["no iterator", MESSAGE_TYPE.QUERY_STATE_NEXT, /query iterator not found/],
    ["a batch", MESSAGE_TYPE.WRITE_BATCH_STATE, /has not announced/],
    ["many keys", MESSAGE_TYPE.GET_STATE_MULTIPLE, /has not announced/],
  ])("is told why an empty request is refused: %s", async (_, type, reason) => {
    const { chaincode, connection } = await harness.connect();
    const answer = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say({ type, txId: "t" });
    await chaincode.messages(4);
    expect(textsOf(chaincode)[3]).toMatch(reason);
    chaincode.say(completed("t"));
    await answer;
  });

  test.each([
    ["an error", new Error("a secret path")],
    ["a damaged store", new ConcordatError({ code: "STORE_DAMAGED", summary: "a secret path" })],
  ])("is told nothing of what goes wrong inside: %s", async (_, error) => {
    const { chaincode, connection } = await harness.connect();
    const simulation = new MemorySimulation(memoryState());
    simulation.step = () => Promise.reject(error);
    const answer = call(connection, "t", simulation);
    await chaincode.messages(3);
    chaincode.say(getState("t"));
    await chaincode.messages(4);
    expect(textsOf(chaincode)[3]).toBe("GET_STATE failed: transaction ID: t: the peer failed");
    chaincode.say(completed("t"));
    await answer;
  });
});

describe("the end of a call", () => {
  test.each([
    ["ERROR", { type: MESSAGE_TYPE.ERROR, payload: Buffer.from("boom") }, /^error in simulation: .*failure: boom$/],
    ["an unreadable response", { type: MESSAGE_TYPE.COMPLETED, payload: Buffer.from([26, 9]) }, /unmarshal/],
    ["an event without a name", { ...completed("t"), event: "" }, /event has no name/],
  ])("%s is a failure of the contract", async (_, message, text) => {
    const { chaincode, connection } = await harness.connect();
    const answer = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say({ ...message, txId: "t" });
    expect(await answer).toMatchObject({ status: 500, message: expect.stringMatching(text) });
  });

  test("a call that takes too long is given up, and what comes later is ignored", async () => {
    const { chaincode, connection } = await harness.connect();
    const simulation = new MemorySimulation(memoryState());
    const answer = call(connection, "slow", simulation);
    await chaincode.messages(3);
    harness.clock.advance(20_000);
    await expect(answer).rejects.toMatchObject({ code: "CONTRACT_TIMEOUT" });
    expect(await call(connection, "slow")).toMatchObject({ status: 500, message: "txid: slow(mychannel) exists" });
    chaincode.say(getState("slow"));
    await chaincode.messages(4);
    expect(textsOf(chaincode)[3]).toMatch(/no ledger context/);
    expect(simulation.steps).toEqual([]);
    chaincode.say(completed("slow"));
    chaincode.say(getState("nobody"));
    await chaincode.messages(5);
    const again = call(connection, "slow");
    await chaincode.messages(6);
    chaincode.say(completed("slow", 201));
    expect(await again).toMatchObject({ status: 201 });
  });

  test.each([
    ["ends its stream", (chaincode: RawChaincode) => chaincode.end()],
    ["goes away", (chaincode: RawChaincode) => chaincode.close()],
  ])("every open call is told when the chaincode %s", async (_, leave) => {
    const { chaincode, connection } = await harness.connect({ runningMax: 1 });
    const answers = [call(connection, "running"), call(connection, "waiting")];
    await chaincode.messages(3);
    leave(chaincode);
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    expect(await connection.closed).toMatch(/./);
  });

  test("every open call is told when the peer closes the stream", async () => {
    const { chaincode, connection } = await harness.connect();
    const answer = call(connection, "t");
    await chaincode.messages(3);
    connection.close();
    await expect(answer).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING", facts: { reason: /peer closed/ } });
    expect((await chaincode.status).code).toBe(grpc.status.OK);
  });
});

describe("many calls", () => {
  test("wait for their turn; too many are refused", async () => {
    const { chaincode, connection } = await harness.connect({ runningMax: 2, waitingMax: 1 });
    const answers = ["a", "b", "c"].map((txId) => call(connection, txId));
    await expect(call(connection, "d")).rejects.toMatchObject({ code: "CONTRACT_NOT_RUNNING" });
    expect((await chaincode.messages(4)).slice(2).map(({ txId }) => txId)).toEqual(["a", "b"]);
    chaincode.say(completed("b"));
    await chaincode.messages(5);
    expect(chaincode.received[4]).toMatchObject({ type: MESSAGE_TYPE.TRANSACTION, txId: "c" });
    chaincode.say(completed("a"));
    chaincode.say(completed("c", 500, "no"));
    expect(await Promise.all(answers)).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 500, message: "no" },
    ]);
  });

  test("a call that waits can run out of time", async () => {
    const { chaincode, connection } = await harness.connect({ runningMax: 1 });
    const first = call(connection, "a");
    const request = callRequest(new MemorySimulation(memoryState()), ["fn"], { txId: "b", timeoutMs: 1_000 });
    const second = connection.call(request);
    await chaincode.messages(3);
    harness.clock.advance(1_000);
    await expect(second).rejects.toMatchObject({ code: "CONTRACT_TIMEOUT" });
    chaincode.say(completed("a"));
    await first;
    const third = call(connection, "b");
    await chaincode.messages(4);
    chaincode.say(completed("b"));
    expect(await third).toMatchObject({ status: 200 });
  });

  test("that a chaincode does not take wait outside its stream", async () => {
    const { chaincode, connection } = await harness.connect();
    chaincode.pause();
    const big = [new Uint8Array(200_000)];
    const answers = Array.from({ length: 200 }, () =>
      connection.call(callRequest(new MemorySimulation(memoryState()), big)),
    );
    const settled = Promise.allSettled(answers);
    harness.clock.advance(20_000);
    for (const result of await settled) expect(result).toMatchObject({ reason: { code: "CONTRACT_TIMEOUT" } });
    chaincode.resume();
    const last = call(connection, "last");
    while (chaincode.received.at(-1)?.txId !== "last") await chaincode.messages(chaincode.received.length + 1);
    expect(chaincode.received.length).toBeLessThan(100);
    chaincode.say(completed("last"));
    expect(await last).toMatchObject({ status: 200 });
  });

  test("a call that fits into no message is a failure, and the next goes on", async () => {
    const { chaincode, connection } = await harness.connect({ messageBytesMax: 5_000 });
    const simulation = new MemorySimulation(memoryState());
    const big = connection.call(callRequest(simulation, ["x".repeat(6_000)]));
    expect(await big).toMatchObject({ status: 500, message: expect.stringMatching(/a message takes 5000/) });
    const next = call(connection, "t");
    await chaincode.messages(3);
    chaincode.say(completed("t"));
    expect(await next).toMatchObject({ status: 200 });
  });

  test("an answer that fits into no message is an ERROR", async () => {
    const { chaincode, connection } = await harness.connect({ messageBytesMax: 5_000 });
    const answer = call(connection, "t", new MemorySimulation(memoryState({ k: "v".repeat(6_000) })));
    await chaincode.messages(3);
    chaincode.say(getState("t"));
    await chaincode.messages(4);
    expect(chaincode.received[3]?.type).toBe(MESSAGE_TYPE.ERROR);
    chaincode.say(completed("t"));
    await answer;
  });
});

test("whatever bytes a chaincode sends, calls settle and nothing else breaks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
      async (junk) => {
        const { chaincode, connection } = await harness.connect();
        const answer = call(connection, "t").then(
          () => "answered",
          () => "refused",
        );
        for (const bytes of junk) chaincode.send(bytes);
        chaincode.say(completed("t"));
        expect(["answered", "refused"]).toContain(await answer);
        await harness.closeAll();
      },
    ),
    { numRuns: 60 },
  );
});

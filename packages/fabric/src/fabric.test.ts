import { isConcordatError } from "@concordat/base";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signer } from "./ports.ts";
import { startTestNetwork, type TestNetwork } from "./testing/test-network.ts";
import { testNode } from "./testing/test-organization.ts";

let network: TestNetwork;
let signer: Signer;

beforeAll(async () => {
  network = await startTestNetwork({ channelIds: ["ch1", "ch2"] });
  signer = await network.organization().member();
});
afterAll(() => network?.close());

const call = (fn: string, ...args: string[]) => ({ channelId: "ch1", contract: "kv", fn, args, signer });
const refusalOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isConcordatError(error)) return error;
  throw new Error(`Not refused: ${String(error)}`);
};

describe("the client in the process", () => {
  it("invokes and queries through the same code", async () => {
    const done = await network.fabric.invoke(call("put", "a", "1"));
    expect(done).toMatchObject({ validationCode: 0 });
    expect(Buffer.from(done.result).toString()).toBe("1");
    expect(await network.ledger.transaction("ch1", done.txId)).toMatchObject({ block: { number: done.block } });
    const { envelope } = await network.ledger.envelope("ch1", done.txId);
    expect(envelope.length).toBeGreaterThan(1_000);
    expect(Buffer.from(await network.fabric.query(call("get", "a"))).toString()).toBe("1");
  });

  it("answers a refusal by verdict as a result", async () => {
    const both = await Promise.all([network.fabric.invoke(call("add", "n")), network.fabric.invoke(call("add", "n"))]);
    expect(both.map(({ validationCode }) => validationCode).sort((a, b) => a - b)).toEqual([0, 11]);
  });

  it("tells what a Gateway client would have been told", async () => {
    const refused = await refusalOf(network.fabric.invoke(call("refuse", "WHY", "Because.")));
    const { config, status: node } = network.peer();
    expect(refused).toMatchObject({
      code: "INVOKE_REFUSED",
      facts: {
        grpcCode: status.ABORTED,
        details: [`Org1MSP ${config.name}:${node.port}: chaincode response 500, WHY: Because.`],
      },
    });
    const nowhere = await refusalOf(network.fabric.query({ ...call("get", "a"), channelId: "nowhere" }));
    expect(nowhere).toMatchObject({ code: "INVOKE_REFUSED", facts: { grpcCode: status.UNAVAILABLE } });
  });
});

describe("nodes", () => {
  it("join and leave channels", async () => {
    const { config } = network.peer();
    await network.fabric.leaveChannel(config.nodeId, "ch2");
    const lost = await refusalOf(network.fabric.query({ ...call("get", "a"), channelId: "ch2" }));
    expect(lost.code).toBe("INVOKE_REFUSED");
    expect(await refusalOf(network.fabric.leaveChannel(config.nodeId, "ch2"))).toMatchObject({
      code: "NODE_NOT_ON_CHANNEL",
    });
    await network.fabric.joinChannel(config.nodeId, "ch2");
    expect(Buffer.from(await network.fabric.query({ ...call("get", "a"), channelId: "ch2" }))).toHaveLength(0);
    expect(await refusalOf(network.fabric.joinChannel(config.nodeId, "nowhere"))).toMatchObject({
      code: "CHANNEL_UNKNOWN",
    });
  });

  it("refuse a port that is taken, and ids that nobody has", async () => {
    const organization = network.organization();
    const node = await testNode(organization, "peer", ["ch1"], { index: 1 });
    const listen = { host: "127.0.0.1", port: network.peer().status.port };
    expect(await refusalOf(network.fabric.startNode({ ...node, listen }))).toMatchObject({ code: "NODE_PORT_TAKEN" });
    for (const work of [
      network.fabric.stopNode("x"),
      network.fabric.joinChannel("x", "ch1"),
      network.fabric.installedContracts("x"),
    ]) {
      expect(await refusalOf(work)).toMatchObject({ code: "NODE_UNKNOWN" });
    }
    const started = await network.fabric.startNode(node);
    expect(started.port).toBeGreaterThan(0);
    expect(await network.fabric.startNode(node)).toEqual(started);
    await network.fabric.stopNode(node.nodeId);
  });
});

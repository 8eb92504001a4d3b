import { ConcordatError, ManualClock } from "@concordat/base";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ContractCallRequest } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import { connectGateway, type GatewayConnection } from "../testing/gateway-client.ts";
import { deployContract } from "../testing/lifecycle-client.ts";
import { answer, packageIdOf, scriptedContracts } from "../testing/scripted-contracts.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const TIMEOUT_MS = 10_000;
const TIMED_OUT = "error sending: timeout expired while executing transaction";

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("utf8");
/** What each call was given, outermost first. */
const timeouts: number[] = [];
const clock = new ManualClock(Date.now());

function timedOut(): FabricError {
  return new FabricError("CONTRACT_TIMEOUT", "The call took too long.");
}

/** call <target> <ms before it> <args...>: answers what it was told; hang; end <ms>; wait <target>: times out while the other works. */
const script = async ({ args, timeoutMs, invoke }: ContractCallRequest) => {
  const [fn = "", target = "", delayMs = "0", ...rest] = args.map(text);
  timeouts.push(timeoutMs);
  const ask = () =>
    invoke(
      target,
      rest.map((one) => Buffer.from(one)),
    );
  if (fn === "hang") throw timedOut();
  if (fn === "wait") return Promise.race([ask(), Promise.reject(timedOut())]);
  if (fn === "never") return new Promise<never>(() => undefined);
  if (fn !== "call") return answer(fn);
  clock.advance(Number(delayMs));
  try {
    return await ask();
  } catch (error) {
    // The stream tells a contract the texts of these alone.
    return answer(error instanceof ConcordatError ? error.message : "the peer failed");
  }
};
const host = scriptedContracts({ outer: script, inner: script });

let network: TestNetwork;
let connection: GatewayConnection;

beforeAll(async () => {
  network = await startTestNetwork({ contractHost: host, contractTimeoutMs: TIMEOUT_MS, clock });
  connection = connectGateway(network.peer(), await network.organization().member());
  for (const name of ["outer", "inner"]) {
    await network.fabric.installContract(network.peer().config.nodeId, Buffer.from(name));
    await deployContract(network, "ch1", { name, packageId: packageIdOf(name) });
  }
  await deployContract(network, "ch1", { name: "absent", packageId: "" });
});
afterAll(async () => {
  connection?.close();
  await network?.close();
});
beforeEach(() => {
  timeouts.length = 0;
});

const evaluate = async (...args: string[]) => {
  const contract = connection.gateway.getNetwork("ch1").getContract("outer");
  return text(await contract.evaluateTransaction(args[0] ?? "", ...args.slice(1)));
};
const resetsDuring = async (work: () => Promise<unknown>) => {
  const before = host.resets.length;
  await work();
  return host.resets.slice(before);
};

describe("a contract that calls another", () => {
  it.each([
    [
      "nothing",
      "execute failed: invalid invocation: [channel ch1] failed to get chaincode container info for nothing: chaincode nothing not found",
    ],
    [
      "absent",
      "execute failed: invalid invocation: [channel ch1] failed to get chaincode container info for absent: chaincode definition for 'absent' exists, but chaincode is not installed",
    ],
    ["qscc", "system chaincode qscc cannot be called by another chaincode"],
    ["inner/nowhere", "failed to find ledger for channel: nowhere"],
  ])("is told why %s cannot be called", async (target, reason) => {
    expect(await evaluate("call", target, "0", "x")).toBe(reason);
  });

  it("leaves it less than what is left of its own time", async () => {
    expect(await evaluate("call", "inner", "4000", "x")).toBe("x");
    expect(timeouts).toEqual([TIMEOUT_MS, 5_400]);
  });

  it("hears that the other did not answer, whose process is reset", async () => {
    const told: string[] = [];
    const resets = await resetsDuring(async () => told.push(await evaluate("call", "inner", "0", "hang")));
    expect(told).toEqual([`execute failed: ${TIMED_OUT}`]);
    expect(resets).toEqual([`Org1MSP ${packageIdOf("inner")}`]);
  });

  it("is not reset for the time that it waited for the other", async () => {
    const resets = await resetsDuring(() => expect(evaluate("wait", "inner", "0", "never")).rejects.toThrow());
    expect(resets).toEqual([]);
  });
});

it("tells clients that a contract did not answer, and resets its process", async () => {
  const contract = connection.gateway.getNetwork("ch1").getContract("outer");
  const resets = await resetsDuring(async () => {
    const error: unknown = await contract.submitTransaction("hang").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      details: [
        {
          message: expect.stringMatching(
            `^error in simulation: failed to execute transaction [0-9a-f]{64}: ${TIMED_OUT}$`,
          ),
        },
      ],
    });
  });
  expect(resets).toEqual([`Org1MSP ${packageIdOf("outer")}`]);
});

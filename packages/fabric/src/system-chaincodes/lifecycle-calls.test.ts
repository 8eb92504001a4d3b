import { peer } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LifecycleCalls } from "../testing/lifecycle-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const lifecycle = peer.lifecycle;

let network: TestNetwork;
let admin: LifecycleCalls;

beforeAll(async () => {
  network = await startTestNetwork();
  admin = new LifecycleCalls(network, await network.organization().member("admin"));
});
afterAll(async () => {
  admin?.close();
  await network?.close();
});

describe("a call of the lifecycle that is none", () => {
  it.each([
    ["an unknown function", "Nothing", "ch1", /failed ACL check: Unmapped policy for _lifecycle\/Nothing$/],
    ["the channel's affairs without a channel", "QueryChaincodeDefinitions", "", /Name must be different from nil\.$/],
    ["an unknown channel", "QueryChaincodeDefinitions", "nowhere", /^channel 'nowhere' not found$/],
  ] as const)("is refused in words: %s", async (_what, fn, channelId, message) => {
    const input = new lifecycle.QueryChaincodeDefinitionsArgs();
    expect(await admin.ask(fn, input, channelId)).toMatchObject({
      status: 500,
      message: expect.stringMatching(message),
    });
  });

  it("is one whose argument is no message", async () => {
    const noise = { serializeBinary: () => Buffer.of(0xff) };
    expect(await admin.ask("InstallChaincode", noise)).toMatchObject({
      status: 500,
      message: expect.stringMatching(/could not decode input argument/),
    });
  });
});

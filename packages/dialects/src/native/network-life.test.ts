import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

/** The whole platform behind the API; only Fabric itself is a fake. */
let world: Awaited<ReturnType<typeof openNativeWorld>>;
let owner: ReturnType<typeof world.clientOf>;
let stranger: typeof owner;

beforeAll(async () => {
  world = await openNativeWorld();
  const { accessKey } = await world.harness.bootstrap();
  const root = world.clientOf(accessKey);
  const accountOf = async (name: string) => {
    const made = (await root.createAccount({ name })).accessKey;
    return world.clientOf({ accessKeyId: made.accessKeyId, secret: made.accessKeySecret });
  };
  owner = await accountOf("Shipper");
  stranger = await accountOf("Other");
});
afterAll(() => world.dispose());

const which = { channel: "goods", contract: "basic" };
const definition = { ...which, version: "1.0", sequence: 1 };
const file = Buffer.from("a package").toString("base64");

it("a network is made, used and taken down, and is its owner's alone", async () => {
  const { network, jobId } = await owner.createNetwork({ name: "demo", organizations: ["AlphaMSP", "BetaMSP"] });
  expect(network).toMatchObject({ name: "demo", status: "creating" });
  await expect.poll(async () => (await owner.getJob({ jobId })).status).toBe("succeeded");
  expect(await owner.getNetwork({ network: "demo" })).toEqual({ ...network, status: "active" });

  const { nodes } = await owner.listNodes({ network: "demo" });
  expect(nodes.map(({ name }) => name).sort()).toEqual([
    "orderer0.alphamsp.demo",
    "peer0.alphamsp.demo",
    "peer0.betamsp.demo",
  ]);
  const node = "peer0.betamsp.demo";
  expect(await owner.stopNode({ network: "demo", node })).toMatchObject({ state: "stopped", listening: false });
  expect(await owner.startNode({ network: "demo", node })).toMatchObject({ state: "started", listening: true });

  expect(await owner.createChannel({ network: "demo", channel: "goods", join: false })).toMatchObject({
    organizations: ["AlphaMSP", "BetaMSP"],
    stateDatabase: "couchdb",
    blockCutting: { messageCountMax: 500, timeoutMs: 2_000, cutWhenIdle: false },
  });
  expect((await owner.joinChannel({ channel: "goods" })).nodes).toHaveLength(2);
  expect((await owner.listChannels({ network: "demo" })).channels).toMatchObject([{ channelId: "goods" }]);

  const { packageId } = await owner.installContract({ network: "demo", file });
  expect((await owner.listInstalledContracts({ network: "demo" })).packages).toHaveLength(2);
  await owner.approveContract({ ...definition, organization: "AlphaMSP", packageId });
  expect(await owner.checkContractReadiness(definition)).toEqual({
    approvals: { AlphaMSP: true, BetaMSP: false },
    ready: false,
  });
  expect(await codeOf(owner.commitContract(definition))).toBe("CONTRACT_CALL_REFUSED");
  await owner.approveContract({ ...definition, organization: "BetaMSP", packageId });
  await owner.commitContract(definition);
  const { contracts } = await owner.listContracts({ channel: "goods" });
  expect(contracts.find(({ name }) => name === "basic")).toMatchObject({
    isBuiltIn: false,
    organizations: [
      { mspId: "AlphaMSP", packageId, status: { state: "running", reason: null } },
      { mspId: "BetaMSP", packageId, status: { state: "running", reason: null } },
    ],
  });

  const outcome = await owner.invokeContract({ ...which, function: "put", args: ["a", "1"] });
  expect(outcome.validationCode).toBe("VALID");
  expect(await owner.queryContract({ ...which, function: "get", args: ["a"] })).toHaveProperty("result");
  const { lines } = await owner.listContractLogs(which);
  expect(new Set(lines.map(({ mspId }) => mspId))).toEqual(new Set(["AlphaMSP", "BetaMSP"]));
  expect((await owner.listContractLogs({ ...which, lines: 1 })).lines).toHaveLength(1);
  expect((await owner.stopContract(which)).statuses).toMatchObject([{ state: "stopped" }, { state: "stopped" }]);
  expect((await owner.startContract({ ...which, organization: "AlphaMSP" })).statuses).toMatchObject([
    { mspId: "AlphaMSP", state: "running" },
  ]);

  const connection = await owner.createNetworkConnection({ network: "demo", organization: "AlphaMSP" });
  expect(Buffer.from(connection.file, "base64").subarray(0, 2).toString()).toBe("PK");

  expect((await stranger.listNetworks({})).networks).toEqual([]);
  expect(await codeOf(stranger.getNetwork({ network: "demo" }))).toBe("NETWORK_UNKNOWN");
  expect(await codeOf(stranger.getNetwork({ network: network.networkId }))).toBe("NETWORK_UNKNOWN");
  expect(await codeOf(stranger.listContracts({ channel: "goods" }))).toBe("CHANNEL_UNKNOWN");
  expect(await codeOf(stranger.invokeContract({ ...which, function: "put" }))).toBe("CHANNEL_UNKNOWN");
  expect(await codeOf(owner.deleteNetwork({ network: "demo" }))).toBe("RESOURCE_IN_USE");

  const spare = await owner.createNetwork({ name: "spare", organizations: ["AlphaMSP"] });
  await expect.poll(async () => (await owner.getJob({ jobId: spare.jobId })).status).toBe("succeeded");
  await owner.deleteNetwork({ network: "spare" });
  expect((await owner.listNetworks({})).networks.map(({ name }) => name)).toEqual(["demo"]);
});

import { randomUUID } from "node:crypto";
import { type AnyOperation, createClient, type Transport } from "@concordat/api-kit";
import { PlatformError } from "@concordat/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openFakeNetworkWorld } from "../testing/fake-network-world.ts";
import { FAKE_ZIP, type FakeNetworks } from "../testing/fake-networks.ts";
import { contractCallRoutes } from "./routes/contract-calls.ts";
import { contractLifecycleRoutes } from "./routes/contract-lifecycle.ts";
import { contractRoutes } from "./routes/contracts.ts";
import { networkChannelRoutes } from "./routes/network-channels.ts";
import { EXAMPLE_NETWORK_ID, exampleNetwork, exampleNode } from "./routes/network-fields.ts";
import { nodeRoutes } from "./routes/network-nodes.ts";
import { networkRoutes } from "./routes/networks.ts";

let world: Awaited<ReturnType<typeof openFakeNetworkWorld>>;
let networks: FakeNetworks;

beforeAll(async () => {
  world = await openFakeNetworkWorld();
  networks = world.networks;
});
afterAll(() => world.dispose());
beforeEach(() => {
  networks.calls.clear();
  networks.networks = [exampleNetwork];
});

const call = (...given: Parameters<typeof world.call>) => world.call(...given);

const contract = "/channels/goods/contracts/basic";
const definition = { version: "1.0", sequence: 2, endorsementPolicy: "OR('Org1MSP.peer')", initRequired: true };
const asGiven = { channelId: "goods", name: "basic", ...definition };
const file = Buffer.from("a package").toString("base64");
const id = EXAMPLE_NETWORK_ID;

describe("what the platform is asked", () => {
  it.each([
    [
      "POST",
      "/networks",
      { name: "demo", organizations: ["Org1MSP"], orderers: 3, mutualTls: true },
      "create",
      [{ name: "demo", organizations: ["Org1MSP"], orderers: 3, mutualTls: true }],
    ],
    ["GET", "/networks", undefined, "list", []],
    ["GET", `/networks/${id}`, undefined, "get", [id]],
    ["GET", "/networks/demo", undefined, "get", [id]],
    ["DELETE", "/networks/demo", undefined, "delete", [id]],
    ["GET", "/networks/demo/nodes", undefined, "listNodes", [id]],
    ["POST", `/networks/demo/nodes/${exampleNode.name}/stop`, undefined, "stopNode", [id, exampleNode.nodeId]],
    ["POST", `/networks/demo/nodes/${exampleNode.nodeId}/start`, undefined, "startNode", [id, exampleNode.nodeId]],
    [
      "POST",
      "/networks/demo/connections",
      { organization: "Org1MSP", commonName: "app" },
      "createConnection",
      [{ networkId: id, mspId: "Org1MSP", commonName: "app" }],
    ],
    [
      "POST",
      "/networks/demo/channels",
      { channel: "goods", blockCutting: { timeoutMs: 200 }, join: false },
      "createChannel",
      [{ networkId: id, channelId: "goods", blockCutting: { timeoutMs: 200 }, join: false }],
    ],
    ["GET", "/networks/demo/channels", undefined, "listChannels", [id]],
    ["POST", "/channels/goods/peers", { nodes: ["n1"] }, "joinChannel", ["goods", ["n1"]]],
    ["POST", "/channels/goods/peers", {}, "joinChannel", ["goods", undefined]],
    [
      "POST",
      "/networks/demo/contracts",
      { file, organizations: ["Org1MSP"] },
      "installContract",
      [{ networkId: id, packageBytes: new Uint8Array(Buffer.from("a package")), organizations: ["Org1MSP"] }],
    ],
    ["GET", "/networks/demo/contracts", undefined, "listInstalledContracts", [id]],
    ["GET", "/channels/goods/contracts", undefined, "listContracts", ["goods"]],
    ["POST", `${contract}/start`, { organization: "Org1MSP" }, "startContract", ["goods", "basic", "Org1MSP"]],
    ["POST", `${contract}/stop`, {}, "stopContract", ["goods", "basic", undefined]],
    [
      "POST",
      `${contract}/approvals`,
      { ...definition, organization: "Org1MSP", packageId: `b:${"0".repeat(64)}` },
      "approveContract",
      [{ ...asGiven, mspId: "Org1MSP", packageId: `b:${"0".repeat(64)}` }],
    ],
    [
      "GET",
      `${contract}/readiness?version=1.0&sequence=2`,
      undefined,
      "checkCommitReadiness",
      [{ channelId: "goods", name: "basic", version: "1.0", sequence: 2 }],
    ],
    [
      "POST",
      `${contract}/commits`,
      { ...definition, organization: "Org1MSP" },
      "commitContract",
      [{ ...asGiven, mspId: "Org1MSP" }],
    ],
    [
      "POST",
      `${contract}/invocations`,
      { function: "put", args: ["a,b", ""], transient: { pin: "MTIz" } },
      "invokeContract",
      [{ channelId: "goods", contract: "basic", fn: "put", args: ["a,b", ""], transient: { pin: "MTIz" } }],
    ],
    [
      "POST",
      `${contract}/queries`,
      { function: "get", organization: "Org1MSP", endorsingOrganizations: ["Org2MSP"] },
      "queryContract",
      [
        {
          channelId: "goods",
          contract: "basic",
          fn: "get",
          args: [],
          mspId: "Org1MSP",
          endorsingOrganizations: ["Org2MSP"],
        },
      ],
    ],
    [
      "GET",
      `${contract}/logs?lines=7&organization=Org1MSP`,
      undefined,
      "contractLogs",
      [{ channelId: "goods", contract: "basic", lines: 7, mspId: "Org1MSP" }],
    ],
    ["GET", `${contract}/logs`, undefined, "contractLogs", [{ channelId: "goods", contract: "basic", lines: 100 }]],
  ] as const)("%s %s %j", async (method, path, payload, asked, input) => {
    const { status, body } = await call(method, path, payload);
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    expect(networks.calls.get(asked)).toEqual(input);
  });
});

const rows = {
  ...networkRoutes,
  ...nodeRoutes,
  ...networkChannelRoutes,
  ...contractRoutes,
  ...contractLifecycleRoutes,
  ...contractCallRoutes,
};

describe("every row", () => {
  const transport: Transport = async ({ operation: { operation }, fields }) => {
    let path = operation.path.replace("/api/v1", "");
    const query = new URLSearchParams();
    const payload: Record<string, unknown> = {};
    for (const { field, value } of fields) {
      if (field.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(String(value)));
      else if (field.in === "query") query.set(field.name, String(value));
      else payload[field.name] = value;
    }
    const [method = "GET"] = operation.methods;
    const { status, body } = await call(method as "GET", `${path}?${query}`, method === "POST" ? payload : undefined);
    expect(status, JSON.stringify(body)).toBe(operation.status);
    return { data: body };
  };
  const client = createClient(rows, transport);

  it.each(Object.entries<AnyOperation>(rows))("%s: client, HTTP, handler and back", async (name, row) => {
    const send = client[name as keyof typeof rows] as (input: unknown) => Promise<unknown>;
    // The client checks the answer against the row's output schema.
    await expect(send(row.example.input)).resolves.toBeDefined();
  });
});

describe("answers", () => {
  it("name the job, the reason of a failure and the zip", async () => {
    expect(await call("POST", "/networks", { name: "other", organizations: ["Org1MSP"] })).toMatchObject({
      status: 202,
      body: { jobId: expect.stringMatching(/^[0-9a-f-]{36}$/), network: { name: "other", status: "creating" } },
    });
    const { body } = await call("GET", "/channels/goods/contracts");
    expect(body.contracts[0].organizations).toMatchObject([
      { mspId: "Org1MSP", status: null },
      { mspId: "Org2MSP", status: { state: "failed", reason: "It exited with code 1." } },
    ]);
    const connection = await call("POST", "/networks/demo/connections", { organization: "Org1MSP" });
    expect(connection).toEqual({
      status: 201,
      body: { fileName: "demo.zip", file: Buffer.from(FAKE_ZIP).toString("base64") },
    });
  });

  it("with a key are repeated for the same call and lie sealed until then", async () => {
    const again = () =>
      call(
        "POST",
        "/networks/demo/connections",
        { organization: "Org1MSP" },
        { ...world.authorization, "idempotency-key": "zip" },
      );
    const first = await again();
    networks.calls.clear();
    expect(await again()).toEqual(first);
    expect(networks.calls.size).toBe(0);
    const stored = JSON.stringify(await world.harness.store.database.selectFrom("idempotency").selectAll().execute());
    expect(stored).not.toContain(first.body.file);
  });
});

describe("refusals", () => {
  it.each([
    ["POST", "/networks", { name: "Demo", organizations: ["Org1MSP"] }, 400, "FIELD_MALFORMED"],
    ["POST", "/networks", { name: "demo", organizations: [] }, 400, "FIELD_MALFORMED"],
    ["POST", "/networks", { name: "demo", organizations: ["Org1MSP", "Org1MSP"] }, 400, "FIELD_MALFORMED"],
    ["POST", "/networks", { name: "demo" }, 400, "FIELD_MISSING"],
    ["GET", "/networks/none", undefined, 404, "NETWORK_UNKNOWN"],
    ["POST", "/networks/demo/nodes/none/start", {}, 404, "NODE_UNKNOWN"],
    ["POST", "/networks/demo/channels", { channel: "Goods" }, 400, "FIELD_MALFORMED"],
    ["POST", "/networks/demo/contracts", { file: "no base64!" }, 400, "FIELD_MALFORMED"],
    ["POST", `${contract}/approvals`, { version: "1.0", sequence: 0 }, 400, "FIELD_MALFORMED"],
    ["POST", `${contract}/invocations`, { function: "f", transient: { a: "*" } }, 400, "FIELD_MALFORMED"],
    ["POST", "/channels/goods/contracts/a..b/queries", { function: "f" }, 400, "FIELD_MALFORMED"],
    ["GET", `${contract}/logs?lines=10001`, undefined, 400, "FIELD_MALFORMED"],
  ] as const)("%s %s %j: %i %s", async (method, path, payload, status, code) => {
    expect(await call(method, path, payload)).toMatchObject({ status, body: { code } });
  });

  it("names the ids where a name says too little", async () => {
    const other = { ...exampleNetwork, networkId: randomUUID(), projectId: "f".repeat(32) };
    networks.networks = [exampleNetwork, other];
    const { body } = await call("GET", "/networks/demo");
    expect(body).toMatchObject({ code: "NETWORK_UNKNOWN", remedy: expect.stringContaining(other.networkId) });
  });

  it("of the network tell what a Gateway client would have been told, and only those do", async () => {
    const facts = { grpcCode: "ABORTED", details: ["peer0: chaincode response 500, no such key"] };
    networks.fail(new PlatformError("CONTRACT_CALL_REFUSED", undefined, { facts }));
    expect(await call("POST", `${contract}/invocations`, { function: "f" })).toMatchObject({
      status: 409,
      body: { code: "CONTRACT_CALL_REFUSED", ...facts },
    });
    networks.fail(new PlatformError("CONTRACT_NOT_RUNNING", undefined, { facts }));
    const { body } = await call("POST", `${contract}/queries`, { function: "f" });
    expect([body.code, body.details]).toEqual(["CONTRACT_NOT_RUNNING", undefined]);
  });
});

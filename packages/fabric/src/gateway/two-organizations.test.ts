import { ConcordatError } from "@concordat/base";
import { status } from "@grpc/grpc-js";
import { EndorseError, GatewayError } from "@hyperledger/fabric-gateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContractCallRequest } from "../contracts/ports.ts";
import { connectGateway, type GatewayConnection } from "../testing/gateway-client.ts";
import { asAdmin, deployContract, type TestDefinition } from "../testing/lifecycle-client.ts";
import { answer, packageIdOf, scriptedContracts } from "../testing/scripted-contracts.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("utf8");
const put = ({ simulation, contract }: ContractCallRequest, key: string, value: string) =>
  simulation.step({ kind: "put", namespace: contract, key, value: Buffer.from(value) });

const ran: string[] = [];
const host = scriptedContracts({
  /** put <key> <value>, own, fail, lock <key> <policy bytes>, slow, call <target> <args...> */
  script: async (request, mspId) => {
    const [fn = "", ...args] = request.args.map(text);
    ran.push(mspId);
    if (fn === "own") await put(request, "owner", mspId);
    if (fn === "put") await put(request, args[0] ?? "", args[1] ?? "");
    if (fn === "fail") return answer("", { status: 400, message: "not here" });
    if (fn === "slow") throw new ConcordatError({ code: "CONTRACT_TIMEOUT", summary: "The call took too long." });
    if (fn === "lock") {
      const step = {
        kind: "put-metadata",
        namespace: request.contract,
        key: args[0] ?? "",
        name: "VALIDATION_PARAMETER",
      } as const;
      await put(request, args[0] ?? "", "locked");
      await request.simulation.step({ ...step, value: request.args[2] ?? new Uint8Array(0) });
    }
    if (fn === "call") {
      const [target = "", ...rest] = args;
      const response = await request.invoke(
        target,
        rest.map((one) => Buffer.from(one)),
      );
      return { ...response, event: { name: "called", payload: Buffer.from(target) } };
    }
    return answer(request.isInit ? "initialized" : fn);
  },
});

let network: TestNetwork;
let connection: GatewayConnection;

beforeAll(async () => {
  network = await startTestNetwork({
    organizations: ["Org1MSP", "Org2MSP"],
    channelIds: ["ch1", "ch2"],
    contractHost: host,
  });
  connection = connectGateway(network.peer(), await network.organization().member());
  for (const { config } of [network.peer("Org1MSP"), network.peer("Org2MSP")]) {
    await network.fabric.installContract(config.nodeId, Buffer.from("script"));
  }
  const deploy = (definition: Partial<TestDefinition>) =>
    deployContract(network, "ch1", { name: "script", packageId: packageIdOf("script"), ...definition });
  await deploy({});
  await deploy({ name: "either", policy: "OR('Org1MSP.peer','Org2MSP.peer')" });
  await deploy({ name: "second", policy: "OR('Org2MSP.peer')" });
  await deploy({ name: "needing", initRequired: true });
  await deploy({ name: "absent", packageId: "" });
});
afterAll(async () => {
  connection?.close();
  await network?.close();
});

const contract = (name: string, channelId = "ch1") => connection.gateway.getNetwork(channelId).getContract(name);
const endorsersOf = async (name: string, ...args: string[]) => {
  ran.length = 0;
  await contract(name).submitTransaction(args[0] ?? "", ...args.slice(1));
  return [...ran].sort();
};
const failureOf = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError) return error;
  throw new Error(`No gateway error: ${String(error)}`);
};

describe("an endorsement plan", () => {
  it("asks as many organizations as the policy needs, its own first", async () => {
    expect(await endorsersOf("script", "put", "a", "1")).toEqual(["Org1MSP", "Org2MSP"]);
    expect(await endorsersOf("either", "put", "a", "1")).toEqual(["Org1MSP"]);
    expect(await endorsersOf("second", "put", "a", "1")).toEqual(["Org1MSP", "Org2MSP"]);
  });

  it("follows the policies of single keys", async () => {
    const { encodeSignaturePolicy, parsePolicyText } = await import("@concordat/ledger/endorsement");
    const policy = parsePolicyText("AND('Org1MSP.peer','Org2MSP.peer')");
    if (policy.kind !== "signature") throw new Error("Not a signature policy.");
    const locking = contract("either").submit("lock", { arguments: ["k", encodeSignaturePolicy(policy.policy)] });
    await locking;
    expect(await endorsersOf("either", "put", "k", "2")).toEqual(["Org1MSP", "Org2MSP"]);
    expect(await endorsersOf("either", "put", "other", "2")).toEqual(["Org1MSP"]);
  });

  it("asks exactly those whom the client names", async () => {
    ran.length = 0;
    await contract("either").submit("put", { arguments: ["n", "1"], endorsingOrganizations: ["Org2MSP"] });
    expect(ran).toEqual(["Org2MSP"]);
  });

  it("fails when results differ", async () => {
    const error = await failureOf(contract("script").submitTransaction("own"));
    expect(error).toBeInstanceOf(EndorseError);
    expect(error.code).toBe(status.ABORTED);
    expect(error.cause.details).toBe(
      "failed to collect enough transaction endorsements, see attached details for more info",
    );
    const { config, status: running } = network.peer("Org2MSP");
    expect(error.details).toEqual([
      { address: `${config.name}:${running.port}`, mspId: "Org2MSP", message: "ProposalResponsePayloads do not match" },
    ]);
  });

  it("fails when the contract refuses, times out or is not installed", async () => {
    const refused = await failureOf(contract("script").submitTransaction("fail"));
    expect(refused.details[0]?.message).toBe("chaincode response 400, not here");
    const slow = await failureOf(contract("either").submitTransaction("slow"));
    expect(slow.details[0]?.message).toMatch(/timeout expired while executing transaction$/);
    expect(host.resets).toEqual([`Org1MSP ${packageIdOf("script")}`]);
    const absent = await failureOf(contract("absent").submitTransaction("put", "a", "1"));
    expect(absent.code).toBe(status.FAILED_PRECONDITION);
  });

  it("cannot be made while the other organization's peer is stopped", async () => {
    const { config } = network.peer("Org2MSP");
    await network.fabric.stopNode(config.nodeId);
    const error = await failureOf(contract("script").submitTransaction("put", "a", "2"));
    await network.fabric.startNode(config);
    expect(error.code).toBe(status.FAILED_PRECONDITION);
    expect(error.cause.details).toBe(
      "no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy",
    );
  });
});

describe("a contract that must be initialized", () => {
  it("is called as init once, and before anything else", async () => {
    const { client } = connection;
    const { callUnary, failureOf: rawFailure } = await import("../testing/raw-calls.ts");
    const { proposalRequest, signedProposal, signedEnvelope } = await import("../testing/messages.ts");
    const { WireMessage } = await import("../wire/read.ts");
    const { writeMessage } = await import("../wire/write.ts");
    const member = await network.organization().member();
    const endorse = (isInit: boolean) =>
      callUnary(
        client,
        "/gateway.Gateway/Endorse",
        proposalRequest(signedProposal(member, { contract: "needing", args: ["x"], isInit }).bytes),
      );
    const early = await rawFailure(endorse(false));
    expect(early.details[0]?.message).toMatch(
      "invalid invocation: chaincode 'needing' has not been initialized for this version, must call as init first",
    );
    const payload = new WireMessage(await endorse(true)).message(1).bytes(1);
    await callUnary(client, "/gateway.Gateway/Submit", writeMessage([2, "ch1"], [3, signedEnvelope(member, payload)]));
    expect(text(await contract("needing").submitTransaction("x"))).toBe("x");
    const again = await rawFailure(endorse(true));
    expect(again.details[0]?.message).toMatch(
      "invalid invocation: chaincode 'needing' is already initialized but called as init",
    );
  });
});

describe("chaincode-to-chaincode", () => {
  it("writes in one transaction on the same channel, and keeps the caller's event", async () => {
    await contract("either").submitTransaction("call", "kv", "put", "x", "from a contract");
    expect(text(await contract("kv").evaluateTransaction("get", "x"))).toBe("from a contract");
  });

  it("only reads on another channel", async () => {
    await contract("kv", "ch2").submitTransaction("put", "y", "there");
    expect(text(await contract("either").submitTransaction("call", "kv/ch2", "get", "y"))).toBe("there");
    await contract("either").submitTransaction("call", "kv/ch2", "put", "y", "changed");
    expect(text(await contract("kv", "ch2").evaluateTransaction("get", "y"))).toBe("there");
  });

  it("ends at a depth", async () => {
    const deep = Array.from({ length: 20 }, () => ["call", "either"]).flat();
    const error = await failureOf(contract("either").submitTransaction("call", ...deep.slice(1)));
    expect(error.details[0]?.message).toMatch(/call each other more than 16 deep/);
  });
});

describe("_lifecycle", () => {
  it("answers what is defined, approved and installed", async () => {
    const { peer } = await import("@hyperledger/fabric-protos");
    const lifecycle = peer.lifecycle;
    await asAdmin(network, "Org1MSP", async (gateway) => {
      const query = (fn: string, args: { serializeBinary(): Uint8Array }) =>
        gateway
          .getNetwork("ch1")
          .getContract("_lifecycle")
          .evaluate(fn, { arguments: [args.serializeBinary()] });
      const byName = new lifecycle.QueryChaincodeDefinitionArgs();
      byName.setName("either");
      const definition = lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(
        await query("QueryChaincodeDefinition", byName),
      );
      expect(definition.toObject()).toMatchObject({ sequence: 1, version: "1", initRequired: false });
      expect(definition.getApprovalsMap().toObject()).toEqual([
        ["Org1MSP", true],
        ["Org2MSP", true],
      ]);
      const all = lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(
        await query("QueryChaincodeDefinitions", new lifecycle.QueryChaincodeDefinitionsArgs()),
      );
      expect(
        all
          .getChaincodeDefinitionsList()
          .map((one) => one.getName())
          .sort(),
      ).toEqual(["absent", "either", "needing", "script", "second"]);
      const installed = lifecycle.QueryInstalledChaincodesResult.deserializeBinary(
        await query("QueryInstalledChaincodes", new lifecycle.QueryInstalledChaincodesArgs()),
      );
      expect(installed.getInstalledChaincodesList().map((one) => one.getPackageId())).toEqual([packageIdOf("script")]);
      const mine = lifecycle.QueryApprovedChaincodeDefinitionsResult.deserializeBinary(
        await query("QueryApprovedChaincodeDefinitions", new lifecycle.QueryApprovedChaincodeDefinitionsArgs()),
      );
      expect(mine.getApprovedChaincodeDefinitionsList()).toHaveLength(5);
      byName.setName("nothing");
      const missing = await failureOf(query("QueryChaincodeDefinition", byName));
      expect(missing.cause.details).toMatch(/chaincode response 404, namespace nothing is not defined$/);
    });
  });

  it("keeps packages and approvals for administrators", async () => {
    const query = contract("_lifecycle").evaluate("QueryInstalledChaincodes", { arguments: [new Uint8Array(0)] });
    expect((await failureOf(query)).details[0]?.message).toMatch(
      /Failed to authorize invocation due to failed ACL check: .*not an admin/,
    );
  });
});

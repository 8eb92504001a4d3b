import { createHash } from "node:crypto";
import { peer } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contractManifest, type HostFixture, nodePackage, openHost } from "../supervisor/testing/hosts.ts";
import { LifecycleCalls } from "../testing/lifecycle-calls.ts";
import { startTestNetwork, type TestNetwork } from "../testing/test-network.ts";

const lifecycle = peer.lifecycle;
const { VALID, ENDORSEMENT_POLICY_FAILURE } = peer.TxValidationCode;
const BOTH = ["Org1MSP", "Org2MSP"];
const LABEL = "sample_1.0";
const failed = (fn: string, why: string) => `failed to invoke backing implementation of '${fn}': ${why}`;

let fixture: HostFixture;
let network: TestNetwork;
let packageBytes: Uint8Array;
let packageId: string;
let admin1: LifecycleCalls;
let admin2: LifecycleCalls;
let admins: LifecycleCalls;
let member: LifecycleCalls;

beforeAll(async () => {
  fixture = await openHost();
  network = await startTestNetwork({ organizations: BOTH, contractHost: fixture.host });
  packageBytes = await nodePackage(LABEL, { "package.json": contractManifest, "index.js": "exports.contracts = [];" });
  packageId = `${LABEL}:${createHash("sha256").update(packageBytes).digest("hex")}`;
  const [first, second] = [network.organization("Org1MSP"), network.organization("Org2MSP")];
  const signer = await first.member("admin");
  admin1 = new LifecycleCalls(network, signer);
  admins = new LifecycleCalls(network, signer, BOTH);
  admin2 = new LifecycleCalls(network, await second.member("admin"));
  member = new LifecycleCalls(network, await first.member());
});
afterAll(async () => {
  for (const calls of [admin1, admin2, admins, member]) calls?.close();
  await network?.close();
  await fixture?.close();
});

const byId = (id: string) => {
  const input = new lifecycle.QueryInstalledChaincodeArgs();
  input.setPackageId(id);
  return input;
};
const bytesById = (id: string) => {
  const input = new lifecycle.GetInstalledChaincodePackageArgs();
  input.setPackageId(id);
  return input;
};
const approvedByName = (name: string, sequence: number) => {
  const input = new lifecycle.QueryApprovedChaincodeDefinitionArgs();
  input.setName(name);
  input.setSequence(sequence);
  return input;
};
const committedByName = (name: string) => {
  const input = new lifecycle.QueryChaincodeDefinitionArgs();
  input.setName(name);
  return input;
};
const all = new lifecycle.QueryInstalledChaincodesArgs();

async function installedOn(calls: LifecycleCalls) {
  const { payload } = await calls.ask("QueryInstalledChaincodes", all);
  const result = lifecycle.QueryInstalledChaincodesResult.deserializeBinary(payload);
  return result.getInstalledChaincodesList().map((one) => [one.getPackageId(), one.getLabel()]);
}

describe("packages over ProcessProposal", () => {
  it("are installed on one peer, listed and handed back byte for byte", async () => {
    expect(await installedOn(admin1)).toEqual([]);
    const { status, payload, response } = await admin1.install(packageBytes);
    expect(status).toBe(200);
    // There is no channel, so there is nothing that an endorsement could be used for.
    expect(response.getEndorsement()).toBeUndefined();
    const installed = lifecycle.InstallChaincodeResult.deserializeBinary(payload);
    expect([installed.getPackageId(), installed.getLabel()]).toEqual([packageId, LABEL]);
    expect(await installedOn(admin1)).toEqual([[packageId, LABEL]]);
    expect(await installedOn(admin2)).toEqual([]);
    const one = await admin1.ask("QueryInstalledChaincode", byId(packageId));
    expect(lifecycle.QueryInstalledChaincodeResult.deserializeBinary(one.payload).toObject()).toMatchObject({
      packageId,
      label: LABEL,
    });
    const bytes = await admin1.ask("GetInstalledChaincodePackage", bytesById(packageId));
    const result = lifecycle.GetInstalledChaincodePackageResult.deserializeBinary(bytes.payload);
    expect(Buffer.from(result.getChaincodeInstallPackage_asU8()).equals(packageBytes)).toBe(true);
  });

  it("are not installed twice, nor when they are none", async () => {
    expect(await admin1.install(packageBytes)).toMatchObject({
      status: 500,
      message: failed("InstallChaincode", `chaincode already successfully installed (package ID '${packageId}')`),
    });
    const broken = await admin1.install(Buffer.from("no package"));
    expect(broken).toMatchObject({ status: 500, payload: new Uint8Array(0) });
    expect(broken.message).toMatch(/^failed to invoke backing implementation of 'InstallChaincode': /);
    expect(await installedOn(admin1)).toHaveLength(1);
  });

  it.each(["none:00", "", "../../etc/passwd"])("that are unknown are answered with 404: %j", async (id) => {
    const missing = { status: 404, message: `chaincode install package '${id}' not found` };
    expect(await admin1.ask("QueryInstalledChaincode", byId(id))).toMatchObject(missing);
    expect(await admin1.ask("GetInstalledChaincodePackage", bytesById(id))).toMatchObject(missing);
  });
});

describe("whoever is no administrator of the peer's organization", () => {
  const denied = (why: string) =>
    `Failed to authorize invocation due to failed ACL check: Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [${why}]`;

  it("changes and reads nothing of its own affairs", async () => {
    const message = denied(
      "The identity is not an admin under this MSP [Org1MSP]: The identity does not contain OU [ADMIN], MSP: [Org1MSP]",
    );
    const refused = { status: 500, message };
    expect(await member.install(packageBytes)).toMatchObject(refused);
    expect(await member.ask("QueryInstalledChaincodes", all)).toMatchObject(refused);
    expect(await member.ask("QueryInstalledChaincode", byId(packageId))).toMatchObject(refused);
    expect(await member.ask("GetInstalledChaincodePackage", bytesById(packageId))).toMatchObject(refused);
    expect(await member.approve({ name: "theirs" })).toMatchObject([refused]);
    const query = approvedByName("theirs", 0);
    expect(await member.ask("QueryApprovedChaincodeDefinition", query, "ch1")).toMatchObject(refused);
  });

  it("is not heard without a channel when it is of another organization, nor believed with one", async () => {
    const stranger = new LifecycleCalls(network, await network.organization("Org2MSP").member("admin"), ["Org1MSP"]);
    try {
      await expect(stranger.install(packageBytes)).rejects.toMatchObject({
        details: "error validating proposal: access denied: channel [] creator org unknown, creator is malformed",
      });
      expect((await stranger.approve({ name: "theirs" })).map(({ message }) => message)).toEqual([
        "Failed to authorize invocation due to failed ACL check: Failed deserializing proposal creator during channelless check policy with policy [Admins]: [expected MSP ID Org1MSP, received Org2MSP]",
      ]);
    } finally {
      stranger.close();
    }
  });
});

describe("a definition over ProcessProposal", () => {
  const definition = { name: "sample", version: "1.0", sequence: 1, policy: "OR('Org1MSP.peer', 'Org2MSP.peer')" };

  it("goes from approvals to the channel, and not before its time", async () => {
    expect(await admin1.readiness(definition)).toEqual({ Org1MSP: false, Org2MSP: false });
    expect(await admin1.order(await admin1.approve(definition, packageId))).toMatchObject({ code: VALID });
    expect(await admin1.readiness(definition)).toEqual({ Org1MSP: true, Org2MSP: false });
    expect(await member.readiness(definition)).toEqual({ Org1MSP: true, Org2MSP: false });
    expect(await admin1.readiness({ ...definition, version: "1.1" })).toEqual({ Org1MSP: false, Org2MSP: false });

    const tooEarly = await admins.commit(definition);
    const disagreed = "chaincode definition not agreed to by this org (Org2MSP)";
    expect(tooEarly.map(({ status }) => status)).toEqual([200, 500]);
    expect(tooEarly[1]?.message).toBe(failed("CommitChaincodeDefinition", disagreed));
    expect(tooEarly[1]?.response.getEndorsement()).toBeUndefined();
    // Whoever sends it with the one endorsement gets it on record as refused.
    expect(await admins.order(tooEarly.slice(0, 1))).toMatchObject({ code: ENDORSEMENT_POLICY_FAILURE });
    expect(await admin1.ask("QueryChaincodeDefinition", committedByName("sample"), "ch1")).toMatchObject({
      status: 404,
      message: "namespace sample is not defined",
    });

    expect(await admin2.order(await admin2.approve(definition))).toMatchObject({ code: VALID });
    expect(await admin2.readiness(definition)).toEqual({ Org1MSP: true, Org2MSP: true });
    expect(await admins.order(await admins.commit(definition))).toMatchObject({ code: VALID });
    const again = failed("CommitChaincodeDefinition", "requested sequence is 1, but new definition must be sequence 2");
    expect((await admins.commit(definition)).map(({ message }) => message)).toEqual([again, again]);
    expect(await admin1.readiness(definition)).toBe(
      failed("CheckCommitReadiness", "requested sequence is 1, but new definition must be sequence 2"),
    );
  });

  it("is told to every member, with Fabric's defaults and who approved it", async () => {
    const { payload } = await member.ask("QueryChaincodeDefinition", committedByName("sample"), "ch1");
    const result = lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(payload);
    const { validationParameter: _, ...fields } = result.toObject();
    expect(fields).toMatchObject({
      sequence: 1,
      version: "1.0",
      endorsementPlugin: "escc",
      validationPlugin: "vscc",
      initRequired: false,
    });
    expect(result.getApprovalsMap().toArray()).toEqual([
      ["Org1MSP", true],
      ["Org2MSP", true],
    ]);
    const policy = peer.ApplicationPolicy.deserializeBinary(result.getValidationParameter_asU8());
    expect(policy.getSignaturePolicy()?.getIdentitiesList()).toHaveLength(2);
    const input = new lifecycle.QueryChaincodeDefinitionsArgs();
    const list = await member.ask("QueryChaincodeDefinitions", input, "ch1");
    const names = lifecycle.QueryChaincodeDefinitionsResult.deserializeBinary(list.payload)
      .getChaincodeDefinitionsList()
      .map((one) => [one.getName(), one.getVersion(), one.getSequence()]);
    expect(names).toEqual([["sample", "1.0", 1]]);
  });

  it("is remembered with the package that each organization approved it for", async () => {
    const sourceOn = async (calls: LifecycleCalls, sequence: number) => {
      const { payload } = await calls.ask(
        "QueryApprovedChaincodeDefinition",
        approvedByName("sample", sequence),
        "ch1",
      );
      const result = lifecycle.QueryApprovedChaincodeDefinitionResult.deserializeBinary(payload);
      expect([result.getSequence(), result.getVersion()]).toEqual([1, "1.0"]);
      return result.getSource();
    };
    for (const sequence of [0, 1]) {
      expect((await sourceOn(admin1, sequence))?.getLocalPackage()?.getPackageId()).toBe(packageId);
      expect((await sourceOn(admin2, sequence))?.hasUnavailable()).toBe(true);
    }
    for (const [name, sequence] of [
      ["sample", 2],
      ["none", 0],
    ] as const) {
      expect(await admin1.ask("QueryApprovedChaincodeDefinition", approvedByName(name, sequence), "ch1")).toMatchObject(
        {
          status: 500,
          message: failed(
            "QueryApprovedChaincodeDefinition",
            `could not fetch approved chaincode definition (name: '${name}', sequence: '${sequence}') on channel 'ch1'`,
          ),
        },
      );
    }
  });

  it("makes the package one in use, for the organization that approved it with the package", async () => {
    const used = [["ch1", { chaincodesList: [{ name: "sample", version: "1.0" }] }]];
    const { payload } = await admin1.ask("QueryInstalledChaincodes", all);
    const [entry] = lifecycle.QueryInstalledChaincodesResult.deserializeBinary(payload).getInstalledChaincodesList();
    expect(entry?.toObject()).toEqual({ packageId, label: LABEL, referencesMap: used });
    const one = await admin1.ask("QueryInstalledChaincode", byId(packageId));
    expect(lifecycle.QueryInstalledChaincodeResult.deserializeBinary(one.payload).toObject().referencesMap).toEqual(
      used,
    );
    // The other organization has the same package, and approved without it.
    expect((await admin2.install(packageBytes)).status).toBe(200);
    const theirs = await admin2.ask("QueryInstalledChaincode", byId(packageId));
    expect(lifecycle.QueryInstalledChaincodeResult.deserializeBinary(theirs.payload).toObject()).toEqual({
      packageId,
      label: LABEL,
      referencesMap: [],
    });
  });

  it("is refused with collections, a wrong name and a sequence that skips", async () => {
    const messages = async (parts: Parameters<LifecycleCalls["approve"]>[0]) =>
      (await admin1.approve(parts)).map(({ status, message }) => [status, message]);
    const refused = (why: string) => [[500, failed("ApproveChaincodeDefinitionForMyOrg", why)]];
    const collections =
      "error validating chaincode definition: private data collections are not supported by this peer";
    expect(await messages({ name: "secret", collections: ["c1"] })).toEqual(refused(collections));
    expect(await admin1.readiness({ name: "secret", collections: ["c1"] })).toBe(
      failed("CheckCommitReadiness", collections),
    );
    const [committed] = await admins.commit({ name: "secret", collections: ["c1"] });
    expect(committed?.message).toBe(failed("CommitChaincodeDefinition", collections));
    expect(await messages({ name: "sample", sequence: 3 })).toEqual(
      refused("requested sequence 3 is larger than the next available sequence number 2"),
    );
    expect(await messages({ name: "_sample" })).toEqual(
      refused(
        "error validating chaincode definition: invalid chaincode name '_sample'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics",
      ),
    );
  });

  it("keeps whether the contract must be initialized, which all must approve alike", async () => {
    const needing = { name: "needing", initRequired: true };
    for (const calls of [admin1, admin2]) {
      expect(await calls.order(await calls.approve(needing))).toMatchObject({ code: VALID });
    }
    expect(await admin1.readiness({ name: "needing" })).toEqual({ Org1MSP: false, Org2MSP: false });
    expect(await admin1.readiness(needing)).toEqual({ Org1MSP: true, Org2MSP: true });
    expect((await admins.commit({ name: "needing" })).map(({ status }) => status)).toEqual([500, 500]);
    expect(await admins.order(await admins.commit(needing))).toMatchObject({ code: VALID });
    const { payload } = await member.ask("QueryChaincodeDefinition", committedByName("needing"), "ch1");
    expect(lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(payload).getInitRequired()).toBe(true);
  });
});

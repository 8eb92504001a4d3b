import { bytesToUtf8, utf8ToBytes } from "@concordat/base";
import { certificateSummary } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fabricError } from "../testing/fake-fabric.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import { createNetworkCast, type NetworkCast, nodeNamed } from "./networks.fixture.ts";

let harness: Harness;
let cast: NetworkCast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createNetworkCast(harness);
  await harness.platform.networks.createChannel(cast.owner, { networkId: cast.network.networkId, channelId: "trade" });
});
afterEach(() => harness.dispose());

const networks = () => harness.platform.networks;
const definition = { channelId: "trade", name: "asset", version: "1.0", sequence: 1 } as const;
const install = () =>
  networks().installContract(cast.owner, { networkId: cast.network.networkId, packageBytes: utf8ToBytes("package") });

async function deploy(): Promise<string> {
  const { packageId } = await install();
  for (const mspId of ["AlphaMSP", "BetaMSP"])
    await networks().approveContract(cast.owner, { ...definition, mspId, packageId });
  await networks().commitContract(cast.owner, definition);
  return packageId;
}

describe("the lifecycle of a contract", () => {
  it("installs on every peer, is approved by administrators, committed, and then runs in each organization", async () => {
    const { packageId } = await install();
    const installed = await networks().listInstalledContracts(cast.owner, cast.network.networkId);
    expect(installed.map(({ mspId, packageId: id }) => [mspId, id])).toEqual([
      ["AlphaMSP", packageId],
      ["BetaMSP", packageId],
    ]);
    expect(await networks().checkCommitReadiness(cast.owner, definition)).toEqual({
      approvals: { AlphaMSP: false, BetaMSP: false },
      ready: false,
    });
    await networks().approveContract(cast.owner, { ...definition, mspId: "AlphaMSP", packageId });
    expect(await networks().checkCommitReadiness(cast.owner, definition)).toMatchObject({ ready: false });
    expect(await codeOf(networks().commitContract(cast.owner, definition))).toBe("CONTRACT_CALL_REFUSED");
    await networks().approveContract(cast.owner, { ...definition, mspId: "BetaMSP" });
    const [approval] = harness.fabric.requests.slice(-1);
    expect(approval).toMatchObject({
      contract: "_lifecycle",
      endorsingOrganizations: ["BetaMSP"],
      signer: { mspId: "BetaMSP" },
    });
    expect(certificateSummary(approval?.signer.certificatePem ?? "").role).toBe("admin");
    expect(await networks().checkCommitReadiness(cast.owner, definition)).toMatchObject({ ready: true });
    const contract = await networks().commitContract(cast.owner, definition);
    expect(contract).toMatchObject({
      sequence: 1,
      isBuiltIn: false,
      endorsementPolicy: "/Channel/Application/Endorsement",
      organizations: [
        { mspId: "AlphaMSP", packageId, status: { state: "running" } },
        { mspId: "BetaMSP", packageId: null, status: null },
      ],
    });
    expect(await networks().listContracts(cast.owner, "trade")).toEqual([
      expect.objectContaining({ name: "evidence", isBuiltIn: true, sequence: 0 }),
      contract,
    ]);
    for (const [verb, count] of [
      ["install", 1],
      ["approve", 2],
      ["commit", 2],
    ] as const) {
      expect(await harness.auditCount(`network:contract:${verb}`), verb).toBe(count);
    }
    expect(harness.ledger.state.openSimulations).toBe(0);
  });

  it("writes policies in their text, and tells a definition that differs from the approved one", async () => {
    const strict = { ...definition, endorsementPolicy: "AND('AlphaMSP.peer', 'BetaMSP.peer')", initRequired: true };
    for (const mspId of ["AlphaMSP", "BetaMSP"]) await networks().approveContract(cast.owner, { ...strict, mspId });
    expect(await networks().checkCommitReadiness(cast.owner, definition)).toMatchObject({ ready: false });
    expect(await networks().commitContract(cast.owner, strict)).toMatchObject({
      endorsementPolicy: strict.endorsementPolicy,
      initRequired: true,
    });
    expect(await codeOf(networks().checkCommitReadiness(cast.owner, strict))).toBe("CONTRACT_DEFINITION_INVALID");
  });

  it.each([
    ["a policy that cannot be read", { endorsementPolicy: "OR('AlphaMSP')" }],
    ["a malformed name", { name: "a b" }],
    ["a malformed version", { version: "" }],
    ["no sequence", { sequence: 0 }],
    ["a malformed package id", { packageId: "x" }],
  ])("refuses %s", async (_, change) => {
    expect(await codeOf(networks().approveContract(cast.owner, { ...definition, ...change }))).toBe(
      "CONTRACT_DEFINITION_INVALID",
    );
  });

  it("says what Fabric refused, and records it", async () => {
    harness.fabric.failures.set("invoke", fabricError("INVOKE_REFUSED", { grpcCode: 10, details: ["peer0: no"] }));
    const refused = networks().approveContract(cast.owner, definition);
    await expect(refused).rejects.toMatchObject({
      code: "CONTRACT_CALL_REFUSED",
      facts: { grpcCode: 10, details: ["peer0: no"] },
    });
    expect(await harness.auditCount("network:contract:approve")).toBe(1);
  });

  it("needs peers that listen for an installation", async () => {
    const { networkId } = cast.network;
    const { nodeId } = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.net");
    await networks().stopNode(cast.owner, networkId, nodeId);
    expect(await codeOf(install())).toBe("NODE_NOT_STARTED");
    expect(await networks().listInstalledContracts(cast.owner, networkId)).toEqual([]);
  });

  it("starts, stops and shows what each organization's process wrote", async () => {
    await deploy();
    expect(await networks().stopContract(cast.owner, "trade", "asset", "BetaMSP")).toMatchObject([
      { mspId: "BetaMSP", state: "stopped" },
    ]);
    expect(await networks().startContract(cast.owner, "trade", "asset")).toMatchObject([
      { state: "running" },
      { state: "running" },
    ]);
    const logs = await networks().contractLogs(cast.owner, { channelId: "trade", contract: "asset", lines: 4 });
    expect(logs.map(({ mspId, timeMs }) => `${mspId} ${timeMs}`)).toEqual([
      "AlphaMSP 2",
      "BetaMSP 2",
      "AlphaMSP 3",
      "BetaMSP 3",
    ]);
    expect(await codeOf(networks().startContract(cast.owner, "trade", "nothing"))).toBe("CONTRACT_UNKNOWN");
  });
});

describe("calls of contracts", () => {
  const call = { channelId: "trade", contract: "asset", fn: "put", args: ["k", "v"] } as const;

  it("are signed by a certificate of the caller in the organization, issued once", async () => {
    const outcome = await networks().invokeContract(cast.owner, { ...call, transient: { secret: "AAE=" } });
    expect(outcome).toMatchObject({ validationCode: "VALID", result: "asset.put(k, v)", resultIsBase64: false });
    expect(await networks().queryContract(cast.owner, { ...call, mspId: "AlphaMSP" })).toEqual({
      result: "asset.put(k, v)",
      resultIsBase64: false,
    });
    const [first, second] = harness.fabric.requests;
    expect(first?.transient?.["secret"]).toEqual(Uint8Array.of(0, 1));
    expect(first?.signer.certificatePem).toBe(second?.signer.certificatePem);
    const { uid, accountUid } = cast.owner.principal;
    expect(certificateSummary(first?.signer.certificatePem ?? "")).toMatchObject({
      role: "client",
      commonName: uid,
      attributes: { tenant: accountUid, principal: uid },
    });
    const stored = harness.platform.provisioning.directory.table("certificates").all();
    const row = stored.find(({ certificatePem }) => certificatePem === first?.signer.certificatePem);
    expect(bytesToUtf8(Uint8Array.from(row?.keySealed ?? [], (byte) => byte & 0x7f))).not.toContain("PRIVATE");
    await networks().invokeContract(cast.owner, { ...call, mspId: "BetaMSP" });
    expect(harness.fabric.requests.at(-1)?.signer.mspId).toBe("BetaMSP");
  });

  it("keep the principal's own certificate when those of organizations are renewed", async () => {
    await networks().invokeContract(cast.owner, call);
    const { directory, certificateWatch } = harness.platform.provisioning;
    const before = directory.row("principals", cast.owner.principal.uid)?.certificatePem;
    harness.clock.advance(340 * 86_400_000);
    await certificateWatch.scan();
    expect(directory.row("principals", cast.owner.principal.uid)?.certificatePem).toBe(before);
    await networks().invokeContract(cast.owner, call);
    const [first, second] = harness.fabric.requests;
    expect(second?.signer.certificatePem).not.toBe(first?.signer.certificatePem);
    expect(second?.signer.privateKeyDer).toEqual(first?.signer.privateKeyDer);
  });

  it("are refused while the caller's certificate is frozen, its own or that in the organization", async () => {
    await networks().invokeContract(cast.owner, call);
    const { certificates } = harness.platform;
    const { uid, mspId } = cast.owner.principal;
    const find = async (of: string) =>
      (await certificates.list(cast.owner, { mspId: of, uid, offset: 0, limit: 9 })).items[0];
    for (const of of [mspId, "AlphaMSP"]) {
      const certificate = await find(of);
      if (certificate === undefined) throw new Error("There is no certificate.");
      await certificates.freeze(cast.administrator, certificate);
      expect(await codeOf(networks().invokeContract(cast.owner, call)), of).toBe("CERTIFICATE_NOT_USABLE");
      expect(await codeOf(networks().queryContract(cast.owner, call)), of).toBe("CERTIFICATE_NOT_USABLE");
      await certificates.unfreeze(cast.administrator, certificate);
    }
    await networks().invokeContract(cast.owner, call);
  });

  it("answer bytes that are no text in base64, and verdicts by their names", async () => {
    harness.fabric.validationCode = 11;
    expect(await networks().invokeContract(cast.owner, call)).toMatchObject({ validationCode: "MVCC_READ_CONFLICT" });
  });

  it.each([
    ["the lifecycle", { contract: "_lifecycle" }],
    ["a system contract", { contract: "qscc" }],
    ["too many arguments", { args: Array.from({ length: 1_001 }, () => "") }],
    ["ill-formed text", { args: ["\ud800"] }],
    ["a transient value that is no base64", { transient: { a: "!" } }],
  ])("of %s are refused", async (_, change) => {
    expect(await codeOf(networks().invokeContract(cast.owner, { ...call, ...change }))).toBe("CONTRACT_CALL_INVALID");
    expect(harness.fabric.requests).toEqual([]);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import { createContractHost, createContractStreams, createFabric, type Fabric } from "@concordat/fabric";
import type { Ledger } from "@concordat/ledger";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../ports.ts";
import { codeOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";
import type { FabricHost } from "./fabric-host.ts";

type Opened = Awaited<ReturnType<typeof openOverEngine>>;

let directory: string;
let opened: Opened;
let fabric: Fabric | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-networks-"));
  opened = await openOverEngine(directory, systemClock, {}, fabricOver);
});
afterEach(async () => {
  await close();
  await rm(directory, { recursive: true, force: true });
});

function fabricOver(ledger: Ledger): FabricHost {
  const parts = { ledger, clock: systemClock, random: systemRandom, fileSystem: nodeFileSystem, log: silentLogger };
  const options = { directory: join(directory, "fabric"), allowedContractAddresses: [], unsafeContracts: false };
  return {
    listenHost: "127.0.0.1",
    publicHost: "localhost",
    configured: async (channelId) => fabric?.refreshChannel(channelId),
    async open() {
      if (fabric === undefined) {
        await nodeFileSystem.makeDirectory(options.directory);
        const hiddenPaths = [directory];
        const streams = createContractStreams({}, parts);
        const contracts = createContractHost(options, { ...parts, hiddenPaths, streams });
        fabric = createFabric(options, { ...parts, hiddenPaths, contracts });
      }
      return fabric;
    },
  };
}

/** Nodes, contracts, ledger: as the server ends. */
async function close(): Promise<void> {
  await opened.platform.close();
  await fabric?.close();
  fabric = undefined;
  await opened.crash();
}

const caller = (): Caller => opened.callerOf(opened.boot.accessKey.principal);
const networks = () => opened.platform.networks;

async function createNetwork(): Promise<string> {
  const organizations = ["AlphaMSP", "BetaMSP"];
  const { network, job } = await networks().create(caller(), { name: "net", organizations });
  expect(await opened.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded" });
  await networks().createChannel(caller(), {
    networkId: network.networkId,
    channelId: "trade",
    blockCutting: { timeoutMs: 50 },
  });
  return network.networkId;
}

describe("networks over the real engine and its peers", () => {
  it("have an evidence contract that both organizations endorse, before and after a restart", async () => {
    const networkId = await createNetwork();
    const write = (id: string) => ({
      channelId: "trade",
      contract: "evidence",
      fn: "set",
      args: [`0001_ABCDEFGH12345678_AB12_${id}`, id],
    });
    const first = await networks().invokeContract(caller(), write("a"));
    expect(first.validationCode).toBe("VALID");
    const before = await networks().listNodes(caller(), networkId);
    expect(before.every(({ listening, channels }) => listening && channels.length === 1)).toBe(true);
    await close();
    opened = await openOverEngine(directory, systemClock, {}, fabricOver);
    await expect
      .poll(async () => (await networks().listNodes(caller(), networkId)).every(({ listening }) => listening))
      .toBe(true);
    const after = await networks().listNodes(caller(), networkId);
    expect(after.map(({ endpoint }) => endpoint)).toEqual(before.map(({ endpoint }) => endpoint));
    const second = await networks().invokeContract(caller(), write("b"));
    expect(second.block).toBeGreaterThan(first.block);
  });

  it("commit a definition that both organizations approved, and refuse one that one of them did", async () => {
    await createNetwork();
    const definition = { channelId: "trade", name: "asset", version: "1.0", sequence: 1 };
    const approval = await networks().approveContract(caller(), { ...definition, mspId: "AlphaMSP" });
    expect(approval.validationCode).toBe("VALID");
    expect(await codeOf(networks().commitContract(caller(), definition))).toBe("CONTRACT_CALL_REFUSED");
    await networks().approveContract(caller(), { ...definition, mspId: "BetaMSP" });
    expect(await networks().checkCommitReadiness(caller(), definition)).toMatchObject({ ready: true });
    expect(await networks().commitContract(caller(), definition)).toMatchObject({ name: "asset", sequence: 1 });
  });

  it("refuse what a frozen certificate signs, from the answer to the freezing on", async () => {
    await createNetwork();
    const call = {
      channelId: "trade",
      contract: "evidence",
      fn: "set",
      args: ["0001_ABCDEFGH12345678_AB12_a", "v"],
    } as const;
    const signer = await clientOf("AlphaMSP");
    const request = { ...call, signer };
    expect(await fabric?.invoke(request)).toMatchObject({ validationCode: 0 });
    await opened.platform.certificates.freeze(caller(), signer.certificate);
    expect(
      await codeOf(fabric?.invoke({ ...request, args: ["0001_ABCDEFGH12345678_AB12_b", "v"] }) ?? Promise.resolve()),
    ).toBe("INVOKE_REFUSED");
    await opened.platform.certificates.unfreeze(caller(), signer.certificate);
    expect(await fabric?.invoke({ ...request, args: ["0001_ABCDEFGH12345678_AB12_c", "v"] })).toMatchObject({
      validationCode: 0,
    });
  });

  /** Somebody with a key of its own, whom only the channel's lists can stop. */
  async function clientOf(mspId: string) {
    await networks().invokeContract(caller(), {
      channelId: "trade",
      contract: "evidence",
      fn: "set",
      args: ["0001_ABCDEFGH12345678_AB12_0", "v"],
      mspId,
    });
    const { uid } = caller().principal;
    const { items } = await opened.platform.certificates.list(caller(), { mspId, uid, offset: 0, limit: 1 });
    const [certificate] = items;
    if (certificate === undefined) throw new Error("The caller has no certificate.");
    const { openCertificateKey } = await import("../certificates/records.ts");
    const { createSealer } = await import("@concordat/identity");
    const row = opened.platform.provisioning.directory.row("certificates", mspId, "identity", certificate.serialNumber);
    const sealer = createSealer(new Uint8Array(32).fill(3), { random: systemRandom });
    const privateKeyDer = row && openCertificateKey(row, sealer);
    if (privateKeyDer === undefined) throw new Error("The key is not kept.");
    return { mspId, certificatePem: certificate.certificatePem, privateKeyDer, certificate };
  }
});

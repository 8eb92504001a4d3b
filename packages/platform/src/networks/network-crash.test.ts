import { silentLogger, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Authorities } from "../certificates/authorities.ts";
import { CurrentCertificates } from "../certificates/current.ts";
import { Issuing } from "../certificates/issuing.ts";
import type { StepContext } from "../jobs/ports.ts";
import type { Caller } from "../ports.ts";
import { Harness } from "../testing/harness.ts";
import { noFabricHost } from "./fabric-host.ts";
import { checkNetwork } from "./names.ts";
import { type NetworkCreationInput, networkCreation } from "./network-creation.ts";
import { planNetwork } from "./network-plan.ts";
import { createNetworkCast, untilListening } from "./networks.fixture.ts";
import { NodeCertificates } from "./node-certificates.ts";
import { NodeRunner } from "./node-runner.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await harness.dispose();
});

class Killed extends Error {}

/** From this passage on nothing of the process reaches the store, the ledger or Fabric. */
function dieAt(passage: number): void {
  let passages = 0;
  const through =
    <Given extends readonly unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      if (passages++ >= passage) throw new Killed();
      const answer = await work(...given);
      if (passages++ >= passage) throw new Killed();
      return answer;
    };
  const { store, ledger, fabric } = harness;
  const commit = through(store.commit.bind(store));
  const createChannel = through(ledger.createChannel.bind(ledger));
  const startNode = through(fabric.startNode.bind(fabric));
  const joinChannel = through(fabric.joinChannel.bind(fabric));
  vi.spyOn(store, "commit").mockImplementation(commit);
  vi.spyOn(ledger, "createChannel").mockImplementation(createChannel);
  vi.spyOn(fabric, "startNode").mockImplementation(startNode);
  vi.spyOn(fabric, "joinChannel").mockImplementation(joinChannel);
}

const input = { organizations: ["AlphaMSP", "BetaMSP"], peersPerOrganization: 1 };

/** Writes the rows of a network as a call does, without its job. */
async function record(owner: Caller, name: string): Promise<string> {
  const { directory } = harness.platform.provisioning;
  const project = directory
    .table("projects")
    .all()
    .find(({ tenantId }) => tenantId === owner.tenantId);
  if (project === undefined) throw new Error("The tenant has no project.");
  const host = { ...noFabricHost, open: async () => harness.fabric, listenHost: "127.0.0.1", publicHost: "localhost" };
  const parts = { directory, host, clock: harness.clock, random: systemRandom };
  return directory.change(async () => {
    const organizations = input.organizations.map((mspId) => `${name}${mspId}`);
    const { network, changes } = planNetwork(checkNetwork({ ...input, name, organizations }), project, parts);
    return { changes, result: network.networkId };
  });
}

/** Runs the job's steps in this process until it dies. @returns whether it did */
async function runDyingAt(networkId: string, passage: number): Promise<boolean> {
  const { clock, sealer } = harness;
  const { directory } = harness.platform.provisioning;
  const basics = { directory, clock, sealer, random: systemRandom, log: silentLogger };
  const authorities = new Authorities(basics);
  const issuing = new Issuing({ ...basics, authorities, current: new CurrentCertificates(basics) });
  const certificates = new NodeCertificates({ ...basics, authorities, issuing });
  const host = { ...noFabricHost, open: async () => harness.fabric, listenHost: "127.0.0.1", publicHost: "localhost" };
  const runner = new NodeRunner({ ...basics, host, certificates });
  const steps = { requireLedger: async () => undefined };
  const kind = networkCreation({ ...basics, certificates, runner, steps });
  dieAt(passage);
  try {
    for (const step of kind.steps) await step.run(contextOf({ networkId }));
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  } finally {
    vi.restoreAllMocks();
  }
}

function contextOf(given: NetworkCreationInput): StepContext<NetworkCreationInput> {
  return {
    jobId: given.networkId,
    fencing: 1,
    tenantId: "",
    projectId: null,
    uid: "",
    resource: { kind: "network", id: given.networkId, name: "" },
    input: given,
    output: {},
    save: async () => undefined,
    checkpoint: async () => undefined,
    note: () => undefined,
    signal: new AbortController().signal,
  };
}

it("finishes a network whose making was cut off, wherever that was, and makes nothing twice", async () => {
  const { owner } = await createNetworkCast(harness);
  let died = 0;
  for (let passage = 0; ; passage++) {
    const name = `n${passage}`;
    const networkId = await record(owner, name);
    if (!(await runDyingAt(networkId, passage))) break;
    died++;
    const found = harness.platform.provisioning.directory.table("nodes").all();
    const ports = found
      .filter((node) => node.networkId === networkId && node.port !== 0)
      .map(({ name, port }) => [name, port]);
    await harness.restart();
    const { directory } = harness.platform.provisioning;
    // Once it was open there was nothing left for a job to do.
    if (directory.row("networks", networkId)?.status === "creating") {
      const ended = await harness.platform.jobs.ended(networkId);
      expect(ended, `passage ${passage}`).toMatchObject({ status: "succeeded" });
    }
    expect(directory.row("networks", networkId)).toMatchObject({ status: "active" });
    const nodes = await untilListening(harness, owner, networkId);
    // What was once on disk as a port stays it.
    for (const [node, port] of ports)
      expect(nodes.find((each) => each.name === node)?.endpoint).toBe(`localhost:${port}`);
    for (const { name: node } of nodes) {
      const rows = directory
        .table("certificates")
        .all()
        .filter(({ commonName }) => commonName === node);
      expect(rows.map(({ purpose }) => purpose).sort(), `passage ${passage}`).toEqual(["identity", "tls"]);
    }
    await harness.platform.networks.delete(owner, networkId);
  }
  expect(died).toBeGreaterThan(15);
}, 120_000);

it("finishes a channel whose making was cut off, wherever that was, or leaves no trace of it", async () => {
  const { owner, network } = await createNetworkCast(harness);
  const { networkId } = network;
  let died = 0;
  for (let passage = 0; ; passage++) {
    const channelId = `c${passage}`;
    dieAt(passage);
    const isDead = await harness.platform.networks.createChannel(owner, { networkId, channelId }).then(
      () => false,
      () => true,
    );
    vi.restoreAllMocks();
    if (!isDead) break;
    died++;
    await harness.restart();
    const nodes = await untilListening(harness, owner, networkId);
    const channels = await harness.platform.networks.listChannels(owner, networkId);
    const isThere = channels.some((channel) => channel.channelId === channelId);
    expect(
      (await harness.ledger.channels()).some((channel) => channel.channelId === channelId),
      `passage ${passage}`,
    ).toBe(isThere);
    for (const node of nodes) {
      expect(
        node.channels.some((channel) => channel.channelId === channelId),
        `passage ${passage}`,
      ).toBe(isThere);
    }
    expect(channels.every(({ status }) => status === "active")).toBe(true);
  }
  expect(died).toBeGreaterThan(5);
}, 120_000);

import { parseRevocationList } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ledgerError } from "../testing/fake-ledger.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import { createNetworkCast, type NetworkCast, nodeNamed, untilListening } from "./networks.fixture.ts";

let harness: Harness;
let cast: NetworkCast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createNetworkCast(harness);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await harness.dispose();
});

const networks = () => harness.platform.networks;
const createChannel = (input: object = {}) =>
  networks().createChannel(cast.owner, { networkId: cast.network.networkId, channelId: "trade", ...input });

/** Serial numbers on the revocation lists that a channel has for an organization. */
async function revokedOn(channelId: string, mspId: string): Promise<string[]> {
  const { organizations } = await harness.ledger.config(channelId);
  const lists = organizations.find((organization) => organization.mspId === mspId)?.revocationLists ?? [];
  return lists.flatMap((pem) => parseRevocationList(pem).entries.map(({ serialNumber }) => serialNumber));
}

async function enrol(mspId: string) {
  const enrolment = { mspId, purpose: "identity", role: "client", commonName: "alice" } as const;
  return (await harness.platform.certificates.enrol(cast.owner, enrolment)).certificate;
}

describe("a channel of a network", () => {
  it("has the network's organizations, the documented defaults, and all of their nodes", async () => {
    const channel = await createChannel();
    expect(channel).toMatchObject({
      status: "active",
      organizations: ["AlphaMSP", "BetaMSP"],
      height: 1,
      stateDatabase: "couchdb",
    });
    expect(await harness.ledger.config("trade")).toMatchObject({
      blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2_000, cutWhenIdle: false },
      stateDatabase: "couchdb",
      cryptography: "international",
      contracts: ["evidence"],
    });
    const nodes = await networks().listNodes(cast.owner, cast.network.networkId);
    for (const { channels } of nodes) expect(channels).toEqual([{ channelId: "trade", height: 1 }]);
    expect(await networks().get(cast.owner, cast.network.networkId)).toMatchObject({ channelIds: ["trade"] });
    expect(await harness.auditCount("network:channel:create")).toBe(1);
  });

  it("is proven to whoever may read it, and unknown to a stranger", async () => {
    await createChannel();
    const { principal: stranger } = await harness.platform.accounts.createAccount(cast.administrator, {
      name: "stranger",
    });
    const { receipts } = harness.platform;
    const asked = vi.spyOn(harness.ledger, "receipt");
    for (const { principal } of [cast.owner, cast.administrator]) {
      expect(await receipts.channelStatus(principal, "trade")).toMatchObject({ channelId: "trade" });
      const { channels } = await receipts.trustBundle(principal);
      expect(channels.map(({ origin }) => origin.split("/").at(-1))).toContain("trade");
      asked.mockClear();
      await codeOf(receipts.byTransaction(principal, "ab".repeat(32), { withEnvelope: false }));
      expect(asked.mock.calls.map(([channelId]) => channelId)).toContain("trade");
    }
    asked.mockClear();
    expect(await codeOf(receipts.channelStatus(stranger, "trade"))).toBe("CHANNEL_UNKNOWN");
    expect(await codeOf(receipts.checkpoint(stranger, "trade"))).toBe("CHANNEL_UNKNOWN");
    const { channels } = await receipts.trustBundle(stranger);
    expect(channels.map(({ origin }) => origin.split("/").at(-1))).not.toContain("trade");
    await codeOf(receipts.byTransaction(stranger, "ab".repeat(32), { withEnvelope: false }));
    expect(asked).not.toHaveBeenCalled();
  });

  it("takes some of the organizations, and peers that join later at its height", async () => {
    await createChannel({ organizations: ["BetaMSP"], join: false, blockCutting: { timeoutMs: 200 } });
    const { networkId } = cast.network;
    const peer = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.net");
    const foreign = await nodeNamed(harness, cast.owner, networkId, "peer0.alphamsp.net");
    expect(peer.channels).toEqual([]);
    expect((await nodeNamed(harness, cast.owner, networkId, "orderer0.alphamsp.net")).channels).toHaveLength(1);
    expect(await codeOf(networks().joinChannel(cast.owner, "trade", [foreign.nodeId]))).toBe("NODE_UNKNOWN");
    expect(await networks().joinChannel(cast.owner, "trade")).toMatchObject([
      { nodeId: peer.nodeId, channels: [{ channelId: "trade" }] },
    ]);
    await networks().joinChannel(cast.owner, "trade");
    expect(await harness.auditCount("network:channel:join")).toBe(1);
  });

  it.each([
    ["a name that is taken", { channelId: "taken" }, "NAME_EXISTS"],
    ["the audit trail's name", { channelId: "audit" }, "NAME_INVALID"],
    ["a business chain's name", { channelId: "ltl-1234567890123456" }, "NAME_INVALID"],
    ["a malformed name", { channelId: "Trade" }, "NAME_INVALID"],
    ["an organization of elsewhere", { organizations: ["GammaMSP"] }, "ORGANIZATION_UNKNOWN"],
    ["block cutting beyond the bounds", { blockCutting: { timeoutMs: 0 } }, "BLOCK_CUTTING_INVALID"],
  ])("is refused with %s", async (_, input, code) => {
    await createChannel({ channelId: "taken" });
    expect(await codeOf(createChannel(input))).toBe(code);
  });

  it("that the ledger refuses is forgotten again", async () => {
    harness.ledger.failures.set("createChannel", ledgerError("CHANNEL_READ_ONLY"));
    expect(await codeOf(createChannel())).toBe("LEDGER_UNAVAILABLE");
    const { directory } = harness.platform.provisioning;
    expect([...directory.table("networkChannels").all(), ...directory.table("nodeChannels").all()]).toEqual([]);
    await createChannel();
  });

  it("keeps its network", async () => {
    await createChannel();
    expect(await codeOf(networks().delete(cast.owner, cast.network.networkId))).toBe("RESOURCE_IN_USE");
  });

  it("is unlocked at the next start, and its nodes go on where they had stopped", async () => {
    await createChannel();
    const { networkId } = cast.network;
    const peer = await nodeNamed(harness, cast.owner, networkId, "peer0.betamsp.net");
    await networks().stopNode(cast.owner, networkId, peer.nodeId);
    await harness.ledger.updateChannel(await harness.ledger.config("trade"), signersOfFake());
    expect((await nodeNamed(harness, cast.owner, networkId, peer.name)).channels).toEqual([
      { channelId: "trade", height: 1 },
    ]);
    await harness.restart();
    expect(harness.ledger.calls).toContain("unlockChannel trade");
    await untilListening(harness, cast.owner, networkId);
    await networks().startNode(cast.owner, networkId, peer.nodeId);
    expect(harness.fabric.configOf(peer.nodeId)?.channels).toEqual([{ channelId: "trade", height: 1 }]);
    const orderer = await nodeNamed(harness, cast.owner, networkId, "orderer0.alphamsp.net");
    // It ran until the end of the process before.
    expect(harness.fabric.configOf(orderer.nodeId)?.channels).toEqual([{ channelId: "trade", height: 2 }]);
  });

  const signersOfFake = () => ["AlphaMSP", "BetaMSP"].map((mspId) => ({ mspId, privateKeyDer: new Uint8Array() }));
});

describe("a certificate's standing", () => {
  it("is on the organization's network channels before the change is answered, and nowhere else", async () => {
    await createChannel();
    await createChannel({ channelId: "other", organizations: ["AlphaMSP"] });
    const { certificates } = harness.platform;
    const alice = await enrol("BetaMSP");
    harness.fabric.calls.length = 0;
    await certificates.freeze(cast.owner, alice);
    // The nodes go by the list before the call answers.
    expect(harness.fabric.calls).toEqual(["refreshChannel trade"]);
    expect(await revokedOn("trade", "BetaMSP")).toEqual([alice.serialNumber]);
    expect(await revokedOn("trade", "AlphaMSP")).toEqual([]);
    expect(await revokedOn("other", "AlphaMSP")).toEqual([]);
    await certificates.unfreeze(cast.owner, alice);
    expect(await revokedOn("trade", "BetaMSP")).toEqual([]);
    await certificates.revoke(cast.owner, alice, "keyCompromise");
    expect(await revokedOn("trade", "BetaMSP")).toEqual([alice.serialNumber]);
    const audit = await harness.ledger.config("audit").catch(() => undefined);
    expect(audit?.organizations.every((organization) => organization.revocationLists === undefined)).not.toBe(false);
  });

  it("from before a channel is on it from its first block", async () => {
    const alice = await enrol("BetaMSP");
    await harness.platform.certificates.revoke(cast.owner, alice, "superseded");
    await createChannel();
    expect(await revokedOn("trade", "BetaMSP")).toEqual([alice.serialNumber]);
  });

  it("stays on the channels through a rotation of the authority, which adds the new one", async () => {
    await createChannel();
    const alice = await enrol("BetaMSP");
    await harness.platform.certificates.freeze(cast.owner, alice);
    const job = await harness.platform.organizations.rotateAuthority(cast.owner, {
      mspId: "BetaMSP",
      purpose: "identity",
    });
    expect(await harness.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded" });
    expect(await revokedOn("trade", "BetaMSP")).toEqual([alice.serialNumber]);
    const { organizations } = await harness.ledger.config("trade");
    expect(organizations.find(({ mspId }) => mspId === "BetaMSP")?.caCertificates).toHaveLength(2);
    const bob = await enrol("BetaMSP");
    await harness.platform.certificates.revoke(cast.owner, bob, "superseded");
    expect((await revokedOn("trade", "BetaMSP")).sort()).toEqual([alice.serialNumber, bob.serialNumber].sort());
  });

  it("writes no block where nothing changed, also after a restart has signed the list again", async () => {
    await createChannel();
    const alice = await enrol("BetaMSP");
    await harness.platform.certificates.freeze(cast.owner, alice);
    const { height } = await harness.ledger.status("trade");
    await harness.restart();
    const bob = await enrol("AlphaMSP");
    await harness.platform.certificates.freeze(cast.owner, bob);
    expect((await harness.ledger.status("trade")).height).toBe(height + 1);
    expect(await revokedOn("trade", "BetaMSP")).toEqual([alice.serialNumber]);
  });

  it("reaches the channels at the next start when the process died in between, wherever that was", async () => {
    await createChannel();
    let died = 0;
    for (let passage = 0; ; passage++) {
      const alice = await enrol("BetaMSP");
      dieAt(passage);
      const isDead = await harness.platform.certificates.freeze(cast.owner, alice).then(
        () => false,
        () => true,
      );
      vi.restoreAllMocks();
      if (!isDead) break;
      died++;
      await harness.restart();
      await harness.platform.provisioning.certificateWatch.scan();
      const { status } = await harness.platform.certificates.get(cast.owner, alice);
      expect((await revokedOn("trade", "BetaMSP")).includes(alice.serialNumber), `passage ${passage}`).toBe(
        status === "frozen",
      );
    }
    expect(died).toBeGreaterThan(3);
  });

  /** From this passage on nothing of the process reaches store or ledger. */
  function dieAt(passage: number): void {
    let passages = 0;
    const through =
      <Given extends readonly unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
      async (...given: Given): Promise<Answer> => {
        if (passages++ >= passage) throw new Error("killed");
        const answer = await work(...given);
        if (passages++ >= passage) throw new Error("killed");
        return answer;
      };
    const { store, ledger } = harness;
    const commit = through(store.commit.bind(store));
    const updateChannel = through(ledger.updateChannel.bind(ledger));
    vi.spyOn(store, "commit").mockImplementation(commit);
    vi.spyOn(ledger, "updateChannel").mockImplementation(updateChannel);
  }
});

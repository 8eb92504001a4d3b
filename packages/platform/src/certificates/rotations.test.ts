import { bytesToHex, silentLogger, systemRandom } from "@concordat/base";
import { certificateSummary, derToPem, verifyCertificateChain } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChannelSteps } from "../chains/channel-steps.ts";
import type { JobKind, StepContext } from "../jobs/ports.ts";
import { ChannelTrust } from "../ledger/channel-trust.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import { Authorities } from "./authorities.ts";
import { authorityRotation } from "./authority-rotation.ts";
import { checkpointKeyRotation } from "./checkpoint-key-rotation.ts";
import { CurrentCertificates } from "./current.ts";
import { Issuing } from "./issuing.ts";
import { Renewal } from "./renewal.ts";
import { certificateRequestPem } from "./request.fixture.ts";
import { RevocationLists } from "./revocation-lists.ts";
import type { RotationDependencies } from "./rotation-steps.ts";

let harness: Harness;
let cast: Cast;
let mspId: string;
beforeEach(begin);
afterEach(end);

/** The member's organization is on two channels, one of them with SM keys, so that everything there is to rotate is there. */
async function begin(): Promise<void> {
  harness = await Harness.start();
  cast = await createCast(harness);
  ({ mspId } = cast.memberAccount);
  const caller = harness.callerOf(cast.administrator);
  const { chain } = await harness.platform.chains.create(caller, { name: "guomi", cryptography: "sm" });
  await harness.platform.members.create(caller, { bizChainId: chain.bizChainId, uid: cast.memberPrincipal.uid });
}

async function end(): Promise<void> {
  vi.restoreAllMocks();
  await harness.dispose();
}

/** Lets the process die at every passage in turn, each time in an installation of its own. @returns the number of passages */
async function dieEverywhere(trial: (passage: number) => Promise<boolean>): Promise<number> {
  for (let passage = 0; ; passage++) {
    if (!(await trial(passage))) return passage;
    await end();
    await begin();
  }
}

/** What the steps use, over the process that runs now. */
function parts(): RotationDependencies {
  const { ledger, clock, sealer } = harness;
  const { directory } = harness.platform.provisioning;
  const basics = { directory, ledger, clock, sealer, random: systemRandom, log: silentLogger };
  const authorities = new Authorities(basics);
  const revocationLists = new RevocationLists({ ...basics, authorities });
  const current = new CurrentCertificates(basics);
  const issuing = new Issuing({ ...basics, authorities, current });
  const renewal = new Renewal({}, { ...basics, authorities, current, issuing });
  const { installationId } = harness.platform;
  const trust = new ChannelTrust({ ledger });
  const steps = new ChannelSteps(
    { installationId },
    { ...basics, revocationLists, trust, configured: async () => undefined },
  );
  return { ...basics, authorities, current, issuing, renewal, steps };
}

class Killed extends Error {}

/** Every commit and every configuration transaction is a place where the process can die: before it happens, or before its answer comes. */
function dieAt(passage: number): void {
  let passages = 0;
  const pass = () => {
    if (passages++ >= passage) throw new Killed();
  };
  const through =
    <Given extends readonly unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      pass();
      const answer = await work(...given);
      pass();
      return answer;
    };
  const { store, ledger } = harness;
  const commit = through(store.commit.bind(store));
  const updateChannel = through(ledger.updateChannel.bind(ledger));
  vi.spyOn(store, "commit").mockImplementation(commit);
  vi.spyOn(ledger, "updateChannel").mockImplementation(updateChannel);
}

function contextOf<Input>(input: Input): StepContext<Input> {
  const output: Record<string, unknown> = {};
  return {
    jobId: "job-1",
    fencing: 1,
    tenantId: "",
    projectId: null,
    uid: cast.administrator.uid,
    resource: { kind: "organization", id: mspId, name: "" },
    input,
    output,
    save: async (more) => void Object.assign(output, more),
    checkpoint: async () => undefined,
    note: () => undefined,
    signal: new AbortController().signal,
  };
}

/** Runs a job's steps as the runner does, in processes of which the first dies at the given passage. @returns whether it died */
async function runDyingAt<Input>(makeKind: () => JobKind<Input>, input: Input, passage: number): Promise<boolean> {
  const finished = new Set<string>();
  const context = contextOf(input);
  const run = async () => {
    for (const step of makeKind().steps) {
      if (finished.has(step.name)) continue;
      await step.run(context);
      finished.add(step.name);
    }
  };
  dieAt(passage);
  try {
    await run();
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    vi.restoreAllMocks();
    await harness.restart();
    await run();
    return true;
  }
}

async function configsOfOrganization() {
  const found = [];
  for (const { channelId } of await harness.ledger.channels()) {
    const { organizations } = await harness.ledger.config(channelId);
    found.push(...organizations.filter((organization) => organization.mspId === mspId));
  }
  return found;
}

async function write(): Promise<unknown> {
  const input = { chainCode: cast.member.chain.bizChainCode, key: keyOf(cast.member, Math.random()), value: "v" };
  return codeOf(harness.platform.evidence.set(cast.memberPrincipal, input, harness.nonce()));
}

const organizationRow = async () => {
  const row = (await harness.store.load()).state.organizations.find((organization) => organization.mspId === mspId);
  if (row === undefined) throw new Error("There is no such organization.");
  return row;
};

describe("rotation of an organization's authority", () => {
  async function expectRotated(oldPem: string): Promise<void> {
    const { state } = await harness.store.load();
    const row = await organizationRow();
    expect(row.caCertificatePem).not.toBe(oldPem);
    expect(state.retiredAuthorities).toMatchObject([{ mspId, purpose: "identity", certificatePem: oldPem }]);
    expect(state.settings.filter(({ name }) => /^(next-authority|channels-behind)/.test(name))).toEqual([]);
    const configs = await configsOfOrganization();
    expect(configs.length).toBeGreaterThan(1);
    for (const { caCertificates } of configs) expect(caCertificates).toEqual([row.caCertificatePem, oldPem]);
    const { subjectKeyIdentifier } = certificateSummary(row.caCertificatePem);
    const holders = state.principals.filter((principal) => principal.mspId === mspId);
    const ders = configs.flatMap(({ checkpointKeys }) => checkpointKeys.map(({ certificate }) => certificate));
    const checkpoints = ders.map((der) => derToPem("CERTIFICATE", der));
    for (const pem of [
      row.adminCertificatePem,
      ...holders.map(({ certificatePem }) => certificatePem),
      ...checkpoints,
    ]) {
      expect(certificateSummary(pem).authorityKeyIdentifier).toBe(subjectKeyIdentifier);
    }
    // One new certificate each for two principals, the administrator and two checkpoint keys.
    expect(state.certificates.filter((certificate) => certificate.mspId === mspId)).toHaveLength(10);
    expect(await write()).toEqual({ answered: expect.anything() });
  }

  it("ends the same, wherever the process dies", async () => {
    const passages = await dieEverywhere(async (passage) => {
      const { caCertificatePem: oldPem } = await organizationRow();
      const input = { mspId, purpose: "identity" } as const;
      const died = await runDyingAt(() => authorityRotation(parts()), input, passage);
      await expectRotated(oldPem);
      return died;
    });
    expect(passages).toBeGreaterThan(20);
  }, 120_000);

  it("keeps what the old authority issued good, and its revocation list alive", async () => {
    const { certificates } = harness.platform;
    const caller = harness.callerOf(cast.memberAccount);
    const { caCertificatePem: oldPem } = await organizationRow();
    const request = { mspId, purpose: "identity", role: "peer", commonName: "peer0" } as const;
    const { certificate } = await certificates.enrol(caller, request);
    const job = await harness.platform.organizations.rotateAuthority(caller, { mspId, purpose: "identity" });
    expect(await harness.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded", output: { kept: 0 } });
    const { caCertificatePem: newPem } = await organizationRow();
    const atMs = harness.clock.nowMs();
    const judge = (pem: string, crls: readonly string[] = []) =>
      verifyCertificateChain(pem, { authorities: [newPem, oldPem], crls, atMs });
    expect(judge(certificate.certificatePem)).toMatchObject({ valid: true });
    const { items } = await certificates.list(caller, { role: "peer", currentOnly: true, offset: 0, limit: 9 });
    expect(items).toHaveLength(1);
    expect(verifyCertificateChain(items[0]?.certificatePem ?? "", { authorities: [newPem], atMs })).toMatchObject({
      valid: true,
    });
    await certificates.revoke(caller, certificate, "superseded");
    const lists = await certificates.listRevocations(caller, mspId, "identity");
    expect(lists.map(({ isRetired, entryCount }) => [isRetired, entryCount])).toEqual([
      [false, 0],
      [true, 1],
    ]);
    const pems = lists.map(({ pem }) => pem);
    expect(judge(certificate.certificatePem, pems)).toMatchObject({ valid: false, reason: "revoked" });
    const view = await harness.platform.organizations.get(caller, mspId);
    const standings = view.authorities.map(({ purpose, standing }) => [purpose, standing]);
    expect(standings).toEqual([
      ["identity", "present"],
      ["identity", "retired"],
      ["tls", "present"],
    ]);
  });

  it("leaves certificates of keys made elsewhere, and says how many", async () => {
    const caller = harness.callerOf(cast.memberAccount);
    const request = { mspId, purpose: "identity", role: "peer", commonName: "peer0", certificateRequestPem } as const;
    const { certificate } = await harness.platform.certificates.enrol(caller, request);
    const job = await harness.platform.organizations.rotateAuthority(caller, { mspId, purpose: "identity" });
    expect(await harness.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded", output: { kept: 1 } });
    expect(await harness.platform.certificates.get(caller, certificate)).toEqual(certificate);
  });

  it("can be withdrawn before the new authority is in its place", async () => {
    const { caCertificatePem: oldPem } = await organizationRow();
    const before = await configsOfOrganization();
    const kind = authorityRotation(parts());
    const context = contextOf({ mspId, purpose: "identity" } as const);
    for (const step of kind.steps.slice(0, 2)) await step.run(context);
    expect((await configsOfOrganization())[0]?.caCertificates).toHaveLength(2);
    expect(
      await codeOf(
        harness.platform.organizations.rotateAuthority(harness.callerOf(cast.memberAccount), {
          mspId,
          purpose: "identity",
        }),
      ),
    ).toBe("ROTATION_REFUSED");
    for (let times = 0; times < 2; times++) await kind.compensate?.(context);
    expect(await configsOfOrganization()).toEqual(before);
    expect((await organizationRow()).caCertificatePem).toBe(oldPem);
    expect((await harness.store.load()).state.retiredAuthorities).toEqual([]);
  });

  it("does the TLS authority likewise, without the channels", async () => {
    const caller = harness.callerOf(cast.memberAccount);
    const request = { mspId, purpose: "tls", role: "peer", commonName: "peer0.example.com" } as const;
    await harness.platform.certificates.enrol(caller, request);
    const before = await configsOfOrganization();
    const job = await harness.platform.organizations.rotateAuthority(caller, { mspId, purpose: "tls" });
    expect(await harness.platform.jobs.ended(job.jobId)).toMatchObject({ status: "succeeded" });
    expect(await configsOfOrganization()).toEqual(before);
    const filter = { purpose: "tls", currentOnly: true, offset: 0, limit: 9 } as const;
    const { items } = await harness.platform.certificates.list(caller, filter);
    const { tlsCaCertificatePem } = await organizationRow();
    const options = { authorities: [tlsCaCertificatePem], atMs: harness.clock.nowMs(), purpose: "tls" } as const;
    expect(items.map(({ certificatePem }) => verifyCertificateChain(certificatePem, options).valid)).toEqual([true]);
  });

  it("is for who may", async () => {
    const { organizations } = harness.platform;
    for (const principal of [cast.stranger, cast.memberPrincipal]) {
      const caller = harness.callerOf(principal);
      const rotations = [
        organizations.rotateAuthority(caller, { mspId, purpose: "identity" }),
        organizations.rotateCheckpointKey(caller, mspId),
        organizations.get(caller, mspId),
      ];
      expect(await Promise.all(rotations.map(codeOf))).toEqual(Array(3).fill("ACCESS_DENIED"));
    }
    const administrator = harness.callerOf(cast.administrator);
    expect(await codeOf(organizations.rotateCheckpointKey(administrator, "NobodyMSP"))).toBe("ORGANIZATION_UNKNOWN");
  });
});

describe("rotation of the checkpoint keys", () => {
  const keysOf = async () =>
    (await configsOfOrganization()).map(({ checkpointKeys }) => checkpointKeys.map((key) => bytesToHex(key.publicKey)));

  it("ends the same, wherever the process dies, and old keys are destroyed at the end", async () => {
    const passages = await dieEverywhere(async (passage) => {
      const before = new Set((await keysOf()).flat());
      const died = await runDyingAt(() => checkpointKeyRotation(parts()), { mspId }, passage);
      const after = await keysOf();
      expect(after.map((keys) => keys.length)).toEqual([1, 2]);
      expect(after.flat().filter((key) => before.has(key))).toEqual([]);
      const row = await organizationRow();
      expect(new Set(after.map(([first]) => first))).toEqual(new Set([bytesToHex(row.checkpointPublicKey)]));
      const { state } = await harness.store.load();
      const checkpoints = state.certificates.filter((each) => each.mspId === mspId && each.role === "checkpoint");
      expect(checkpoints.map(({ keySealed }) => keySealed !== null).sort()).toEqual([false, false, true, true]);
      expect(await write()).toEqual({ answered: expect.anything() });
      await harness.restart();
      expect(await write()).toEqual({ answered: expect.anything() });
      return died;
    });
    expect(passages).toBeGreaterThan(7);
  }, 120_000);

  it("destroys no key that a channel still names", async () => {
    const [replace, , destroy] = checkpointKeyRotation(parts()).steps;
    await replace?.run(contextOf({ mspId }));
    await destroy?.run(contextOf({ mspId }));
    // The old keys still open the channels.
    await harness.restart();
    expect(await write()).toEqual({ answered: expect.anything() });
  });

  it("lets the old key's certificate be revoked afterwards", async () => {
    const caller = harness.callerOf(cast.memberAccount);
    const { certificates, organizations, jobs } = harness.platform;
    const filter = { role: "checkpoint", offset: 0, limit: 9 } as const;
    const { items: before } = await certificates.list(caller, filter);
    const job = await organizations.rotateCheckpointKey(caller, mspId);
    expect(await jobs.ended(job.jobId)).toMatchObject({ status: "succeeded", output: { channels: 2 } });
    for (const old of before) {
      expect(await certificates.revoke(caller, old, "keyCompromise")).toMatchObject({ status: "revoked" });
    }
  });
});

describe("renewal of a checkpoint key's certificate", () => {
  const certificatesOnChannels = async () =>
    (await configsOfOrganization()).flatMap(({ checkpointKeys }) =>
      checkpointKeys
        .filter(({ algorithm }) => algorithm === "Ed25519")
        .map(({ certificate }) => bytesToHex(certificate)),
    );

  it("reaches the channels, also when the ledger does not answer at first", async () => {
    const caller = harness.callerOf(cast.memberAccount);
    const { certificates, provisioning } = harness.platform;
    const { items } = await certificates.list(caller, { role: "checkpoint", offset: 0, limit: 9 });
    for (const item of items) await certificates.renew(caller, item);
    const { checkpointCertificate, checkpointPublicKey } = await organizationRow();
    const wanted = new Set([bytesToHex(checkpointCertificate)]);
    expect(new Set(await certificatesOnChannels())).not.toEqual(wanted);
    harness.ledger.failures.set("updateChannel", ledgerError("CLOSED"));
    expect(await codeOf(provisioning.certificateWatch.scan())).toBe("LEDGER_UNAVAILABLE");
    await harness.restart();
    await harness.platform.provisioning.certificateWatch.scan();
    expect(new Set(await certificatesOnChannels())).toEqual(wanted);
    const keys = (await configsOfOrganization()).map(({ checkpointKeys }) =>
      bytesToHex(checkpointKeys[0]?.publicKey ?? new Uint8Array()),
    );
    expect(new Set(keys)).toEqual(new Set([bytesToHex(checkpointPublicKey)]));
    expect(await write()).toEqual({ answered: expect.anything() });
  });
});

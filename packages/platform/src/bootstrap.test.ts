import { silentLogger, systemRandom } from "@concordat/base";
import { createSealer } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPlatform } from "./create-platform.ts";
import { ledgerError } from "./testing/fake-ledger.ts";
import { Harness } from "./testing/harness.ts";
import { memoryHost } from "./testing/host.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.dispose());

it("makes an administrator and a chain of each service, once", async () => {
  const first = await harness.bootstrap();
  expect(first.isFirstRun).toBe(true);
  expect(first.installationId).toMatch(/^[0-9a-f]{16}$/);
  expect(first.accessKey.principal).toMatchObject({
    uid: first.uid,
    installationAdministrator: true,
    ledgerServiceOpened: true,
  });
  expect(first.proofChain).toMatchObject({ role: "administrator", chain: { service: "proof" } });
  expect(first.collaborationChain).toMatchObject({ role: "administrator", chain: { service: "collaboration" } });
  const contracts = [first.proofChain, first.collaborationChain].map(
    async ({ chain }) => (await harness.ledger.config(chain.channelId)).contracts,
  );
  expect(await Promise.all(contracts)).toEqual([["evidence"], ["collaboration"]]);
  const again = await harness.bootstrap();
  await harness.restart();
  const restarted = await harness.bootstrap();
  expect(again).toEqual({ ...first, isFirstRun: false });
  expect(restarted).toEqual({ ...first, isFirstRun: false });
});

it("goes on after being cut off, and makes nothing twice", async () => {
  harness.ledger.failures.set("createChannel", ledgerError("CHANNEL_FAILED"));
  await expect(harness.bootstrap()).rejects.toMatchObject({ code: "LEDGER_UNAVAILABLE" });
  await harness.restart();
  // Of the collaboration chain the channel is there, and nobody is its administrator yet.
  harness.ledger.failures.set("submit", ledgerError("CHANNEL_FAILED"));
  await expect(harness.bootstrap()).rejects.toMatchObject({ code: "LEDGER_UNAVAILABLE" });
  await harness.restart();
  await harness.bootstrap();
  const { state } = await harness.store.load();
  expect(state.principals).toHaveLength(1);
  expect(state.chains.map(({ service, status }) => [service, status]).toSorted()).toEqual([
    ["collaboration", "active"],
    ["proof", "active"],
  ]);
});

it("gives an installation of an earlier release the chain that it did not have", async () => {
  const first = await harness.bootstrap();
  const { chain } = first.collaborationChain;
  const { state } = await harness.store.load();
  const places = state.memberships.filter((row) => row.bizChainId === chain.bizChainId);
  const setting = state.settings.filter((row) => row.value === chain.bizChainId);
  await harness.commit([
    ...places.map((row) => ({ table: "memberships", row, remove: true }) as const),
    ...state.chains
      .filter((row) => row.bizChainId === chain.bizChainId)
      .map((row) => ({ table: "chains", row, remove: true }) as const),
    ...setting.map((row) => ({ table: "settings", row, remove: true }) as const),
  ]);
  await harness.restart();
  const upgraded = await harness.bootstrap();
  expect(upgraded).toMatchObject({ uid: first.uid, accessKey: first.accessKey, proofChain: first.proofChain });
  expect(upgraded.collaborationChain.chain.bizChainId).not.toBe(chain.bizChainId);
  expect(await harness.bootstrap()).toEqual({ ...upgraded, isFirstRun: false });
});

it("does not open with another master key", async () => {
  await harness.bootstrap();
  const { ledger, store, clock } = harness;
  const sealer = createSealer(new Uint8Array(32), { random: systemRandom });
  const host = memoryHost(sealer, () => systemRandom.bytes(32));
  const opening = createPlatform({}, { ledger, store, clock, sealer, host, random: systemRandom, log: silentLogger });
  await expect(opening).rejects.toMatchObject({ code: "SEALED_WITH_OTHER_KEY" });
});

it("reports a chain whose channel is gone, and serves the others", async () => {
  const errors: unknown[] = [];
  const own = await Harness.start({}, { ...silentLogger, error: (_, fields) => errors.push(fields) });
  const { accessKey } = await own.bootstrap();
  const { chain } = await own.platform.chains.create(own.callerOf(accessKey.principal), { name: "kept" });
  const [row] = (await own.store.load()).state.chains;
  if (row === undefined) throw new Error("No chain.");
  await own.commit([
    { table: "chains", row: { ...row, bizChainId: "0", bizChainCode: "lost", channelId: "ltl-lost" } },
  ]);
  await own.restart();
  expect(errors).toEqual([{ channelId: "ltl-lost" }]);
  expect((await own.platform.chains.get(accessKey.principal, chain.bizChainId)).status).toBe("normal");
  await own.dispose();
});

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

it("makes an administrator and a proof chain, once", async () => {
  const first = await harness.bootstrap();
  expect(first.isFirstRun).toBe(true);
  expect(first.installationId).toMatch(/^[0-9a-f]{16}$/);
  expect(first.accessKey.principal).toMatchObject({
    uid: first.uid,
    installationAdministrator: true,
    ledgerServiceOpened: true,
  });
  expect(first.proofChain.role).toBe("administrator");
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
  await harness.bootstrap();
  const { state } = await harness.store.load();
  expect(state.principals).toHaveLength(1);
  expect(state.chains).toMatchObject([{ status: "active" }]);
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

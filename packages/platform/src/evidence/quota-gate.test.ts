import { ManualClock } from "@concordat/base";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { BusinessChain } from "../ports.ts";
import { FakeLedger } from "../testing/fake-ledger.ts";
import { codeOf, Harness, keyOf } from "../testing/harness.ts";
import { QuotaGate } from "./quota-gate.ts";

it("counts records and bytes, batches as their items, over a restart", async () => {
  const harness = await Harness.start({ chains: { countQuota: 5, capacityQuotaBytes: 100 } });
  const { accessKey, proofChain } = await harness.bootstrap();
  const set = (id: string, value: string) => {
    const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, id), value };
    return codeOf(harness.platform.evidence.set(accessKey.principal, input, harness.nonce()));
  };
  expect(await set("1", "x".repeat(90))).toHaveProperty("answered");
  expect(await set("2", "x".repeat(11))).toBe("QUOTA_EXCEEDED");
  expect(await set("2", "x")).toHaveProperty("answered");
  // A refusal by the contract uses nothing up.
  expect(await set("2", "x")).toBe("KEY_EXISTS");
  await harness.restart();
  const batch = (...ids: string[]) => JSON.stringify(ids.map((id) => ({ key: keyOf(proofChain, id), value: "y" })));
  expect(await set("o", batch("3", "4", "5", "6"))).toBe("QUOTA_EXCEEDED");
  expect(await set("o", batch("3", "4", "5"))).toHaveProperty("answered");
  expect(await set("7", "x")).toBe("QUOTA_EXCEEDED");
  const { chains } = harness.platform;
  expect(await chains.usage(accessKey.principal, proofChain.chain.bizChainId)).toEqual({
    usedCount: 5,
    usedCapacityBytes: 94,
    memberUsedCount: 5,
    memberUsedCapacityBytes: 94,
  });
  await harness.dispose();
});

it("never lets writers at the same time pass the quota together, and refuses none without need", async () => {
  const writes = fc.array(fc.record({ records: fc.integer({ min: 1, max: 3 }), fails: fc.boolean() }), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), writes, fc.nat(12), async (scheduler, planned, countQuota) => {
      let onChain = 0;
      const ledger = new FakeLedger({ clock: new ManualClock(0) });
      ledger.meters = scheduler.scheduleFunction(async () => ({ count: onChain }));
      const gate = new QuotaGate({ ledger });
      // Only these are read.
      const chain = { channelId: "c", service: "proof", countQuota, capacityQuotaBytes: 1 } as BusinessChain;
      const outcomes = planned.map(({ records, fails }, index) =>
        gate
          .run(chain, { records, bytes: 0 }, async () => {
            await scheduler.schedule(Promise.resolve(), `write ${index}`);
            if (fails) throw new Error("failed");
            onChain += records;
            expect(onChain).toBeLessThanOrEqual(countQuota);
          })
          .catch(() => undefined),
      );
      await scheduler.waitFor(Promise.all(outcomes));
      // When all is quiet, exactly what fits goes through.
      const rest = countQuota - onChain;
      const tryRun = (records: number) => {
        const write = async () => {
          onChain += records;
        };
        return scheduler.waitFor(codeOf(gate.run(chain, { records, bytes: 0 }, write)));
      };
      expect(await tryRun(rest + 1)).toBe("QUOTA_EXCEEDED");
      if (rest > 0) expect(await tryRun(rest)).toHaveProperty("answered");
    }),
    { numRuns: 200 },
  );
});

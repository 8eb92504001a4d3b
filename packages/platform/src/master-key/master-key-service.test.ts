import { systemRandom } from "@concordat/base";
import { createKeyRing, createSealer } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resealedRow, sealedTables, sealedValues } from "../directory/sealed-columns.ts";
import type { Caller } from "../ports.ts";
import { codeOf, Harness } from "../testing/harness.ts";

let harness: Harness;
let caller: Caller;
beforeEach(async () => {
  harness = await Harness.start();
  const { accessKey } = await harness.bootstrap();
  caller = harness.callerOf(accessKey.principal);
});
afterEach(() => harness.dispose());

/** Whether every sealed value opens with a sealer. */
function opensEverything(sealer: ReturnType<typeof createSealer>): boolean {
  const { directory } = harness.platform.provisioning;
  const values = sealedTables.flatMap((table) =>
    directory
      .table(table)
      .all()
      .flatMap((row) => sealedValues(table, row)),
  );
  expect(values.length).toBeGreaterThan(5);
  return values.every(({ purpose, envelope }) => {
    try {
      return sealer.open(purpose, envelope).length > 0;
    } catch {
      return false;
    }
  });
}

describe("a change of the master key", () => {
  it("seals everything anew, and the earlier key opens nothing of it", async () => {
    const before = createSealer(Harness.firstMasterKey, { random: systemRandom });
    expect(opensEverything(before)).toBe(true);
    const { masterKey, jobs } = harness.platform;
    const { jobId } = await masterKey.rotate(caller);
    expect((await jobs.ended(jobId)).status).toBe("succeeded");
    expect(await masterKey.describe(caller)).toMatchObject({ keyCount: 2, waitingCount: 0 });
    expect(opensEverything(before)).toBe(false);
    expect(opensEverything(harness.sealer)).toBe(true);
    expect(await masterKey.forgetEarlier(caller)).toMatchObject({ keyCount: 1, waitingCount: 0 });
    await harness.restart();
    expect(harness.platform.findAccessKey((await harness.bootstrap()).accessKey.accessKeyId)).toBeDefined();
  });

  it("makes a fresh key each time, and first seals anew what a key in its place already waits for", async () => {
    const { masterKey, jobs } = harness.platform;
    const rotate = async () => (await jobs.ended((await masterKey.rotate(caller)).jobId)).status;
    expect([await rotate(), await rotate()]).toEqual(["succeeded", "succeeded"]);
    expect(await masterKey.describe(caller)).toMatchObject({ keyCount: 3, waitingCount: 0 });
    harness.sealer.use(systemRandom.bytes(32));
    expect((await masterKey.describe(caller)).waitingCount).toBeGreaterThan(5);
    expect(await rotate()).toBe("succeeded");
    expect(await masterKey.describe(caller)).toMatchObject({ keyCount: 4, waitingCount: 0 });
  });

  it("is the operator's to give where it comes from the environment, and then only sealed with", async () => {
    harness.operatorKeepsMasterKey = true;
    await harness.restart();
    expect(await codeOf(harness.platform.masterKey.rotate(caller))).toBe("ROTATION_REFUSED");
    expect(await codeOf(harness.platform.masterKey.forgetEarlier(caller))).toBe("ROTATION_REFUSED");
    harness.sealer.use(systemRandom.bytes(32));
    const { jobId } = await harness.platform.masterKey.rotate(caller);
    expect((await harness.platform.jobs.ended(jobId)).status).toBe("succeeded");
    expect(await harness.platform.masterKey.describe(caller)).toMatchObject({ keyCount: 2, waitingCount: 0 });
  });

  it("leaves one entry of its own in the trail", async () => {
    await harness.platform.masterKey.rotate(caller);
    expect(await harness.auditCount("platform:masterKey:rotate")).toBe(1);
  });

  it("does not forget a key that still seals something", async () => {
    harness.sealer.use(systemRandom.bytes(32));
    await expect(harness.platform.masterKey.forgetEarlier(caller)).rejects.toMatchObject({
      code: "ROTATION_REFUSED",
      facts: { waitingCount: expect.any(Number) },
    });
  });

  it("belongs to installation administrators", async () => {
    const account = await harness.platform.accounts.createAccount(caller, { name: "other" });
    const stranger = harness.callerOf(account.principal);
    for (const attempt of ["describe", "rotate", "forgetEarlier"] as const) {
      await expect(harness.platform.masterKey[attempt](stranger)).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    }
  });
});

it("seals a row anew without changing anything else of it", () => {
  const ring = createKeyRing([Harness.firstMasterKey], { random: systemRandom });
  const row = {
    accessKeyId: "LTAI1",
    uid: "1",
    secretSealed: ring.seal("access-key/LTAI1/secret", Uint8Array.of(1, 2)),
    active: true,
    createdMs: 1,
  };
  ring.use(new Uint8Array(32).fill(9));
  const { row: resealed } = resealedRow("accessKeys", row, ring);
  expect(resealed).toEqual({ ...row, secretSealed: expect.any(Uint8Array) });
  const [value] = sealedValues("accessKeys", resealed);
  expect(ring.open(value?.purpose ?? "", value?.envelope ?? new Uint8Array(0))).toEqual(Uint8Array.of(1, 2));
});

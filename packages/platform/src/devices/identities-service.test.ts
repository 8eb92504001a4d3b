import { createPrivateKey, createPublicKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceRow } from "../control-store/rows.ts";
import { platformLimits } from "../limits.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";
import type { DeviceKeyAlgorithm } from "./ports.ts";

let harness: Harness;
let cast: Cast;
let productKey: string;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  ({ productKey } = await harness.platform.deviceProducts.create(owner(), { name: "Thermometer" }));
});
afterEach(() => harness.dispose());

const owner = () => harness.callerOf(cast.stranger);
const identities = () => harness.platform.deviceIdentities;
const provision = (algorithm: DeviceKeyAlgorithm, count = 1) =>
  identities().provision(owner(), { productKey, algorithm, count });
const rowOf = (iotId: string): DeviceRow | undefined => harness.platform.provisioning.directory.row("devices", iotId);

async function provisionOne(algorithm: DeviceKeyAlgorithm): Promise<string> {
  const [identity] = await provision(algorithm);
  return identity?.iotId ?? "";
}

describe("identities", () => {
  it("are made in numbers, listed and found, over a restart", async () => {
    const first = await provision("aes-128", 3);
    harness.clock.advance(1);
    const second = await provision("rsa-1024", 2);
    expect(new Set([...first, ...second].map(({ iotId }) => iotId)).size).toBe(5);
    for (const identity of first) {
      expect(identity).toEqual({
        iotId: expect.stringMatching(/^[0-9A-F]{24}$/),
        productKey,
        algorithm: "aes-128",
        enabled: true,
        exportedMs: null,
        createdMs: harness.clock.nowMs() - 1,
      });
    }
    await harness.restart();
    const all = [...first, ...second];
    expect(await identities().list(owner(), { productKey, page: 1, pageSize: 10 })).toEqual({ total: 5, items: all });
    expect(await identities().list(owner(), { productKey, page: 2, pageSize: 2 })).toEqual({
      total: 5,
      items: all.slice(2, 4),
    });
    for (const identity of all) expect(await identities().get(owner(), identity.iotId)).toEqual(identity);
  });

  it("are refused with the reason, and none is made", async () => {
    const most = platformLimits.devices.provisionedAtOnce;
    for (const count of [0, -1, 1.5, most + 1])
      expect(await codeOf(provision("aes-128", count))).toBe("DEVICE_LIMIT_REACHED");
    const input = { productKey, algorithm: "aes-128", count: 1 } as const;
    const member = harness.callerOf(cast.memberAccount);
    expect(await codeOf(identities().provision(member, input))).toBe("PRODUCT_UNKNOWN");
    expect(await codeOf(identities().provision(owner(), { ...input, productKey: "none" }))).toBe("PRODUCT_UNKNOWN");
    const user = harness.callerOf(cast.memberPrincipal);
    expect(await codeOf(identities().provision(user, input))).toBe("ACCESS_DENIED");
    expect(await codeOf(identities().list(user, { productKey, page: 1, pageSize: 1 }))).toBe("ACCESS_DENIED");
    expect(await codeOf(identities().list(owner(), { productKey, page: 0, pageSize: 1 }))).toBe("PAGE_INVALID");
    expect(await codeOf(identities().list(owner(), { productKey: "none", page: 1, pageSize: 1 }))).toBe(
      "PRODUCT_UNKNOWN",
    );
    expect((await identities().list(owner(), { productKey, page: 1, pageSize: 1 })).total).toBe(0);
    const iotId = await provisionOne("aes-128");
    for (const [caller, id, code] of [
      [member, iotId, "DEVICE_IDENTITY_UNKNOWN"],
      [user, iotId, "ACCESS_DENIED"],
      [owner(), "0".repeat(24), "DEVICE_IDENTITY_UNKNOWN"],
    ] as const) {
      expect(await codeOf(identities().get(caller, id))).toBe(code);
      expect(await codeOf(identities().export(caller, id))).toBe(code);
      expect(await codeOf(identities().setEnabled(caller, id, false))).toBe(code);
    }
    expect(await identities().get(owner(), iotId)).toMatchObject({ enabled: true, exportedMs: null });
  });

  it("are no more than there may be", async () => {
    const { identities: most, provisionedAtOnce } = platformLimits.devices;
    const rows = Array.from({ length: most - 1 }, (_, index): DeviceRow => {
      const iotId = index.toString(16).toUpperCase().padStart(24, "0");
      const common = {
        iotId,
        productKey,
        algorithm: "aes-128",
        enabled: true,
        exportedMs: null,
        createdMs: 1,
      } as const;
      return { ...common, keySealed: new Uint8Array(1), publicKey: null };
    });
    const table = harness.platform.provisioning.directory.table("devices");
    // Behind the directory's back: as many rows on disk would take their time.
    const cache = table as typeof table & { put(key: string, row: DeviceRow): void };
    for (const row of rows) cache.put(JSON.stringify([row.iotId]), row);
    expect(await codeOf(provision("aes-128", 2))).toBe("DEVICE_LIMIT_REACHED");
    expect(await provision("aes-128", 1)).toHaveLength(1);
    expect(await codeOf(provision("aes-128", 1))).toBe("DEVICE_LIMIT_REACHED");
    expect(provisionedAtOnce).toBeLessThan(most);
  });

  it("are the installation administrator's to look after too", async () => {
    const iotId = await provisionOne("aes-256");
    expect(await identities().get(harness.callerOf(cast.administrator), iotId)).toMatchObject({ iotId });
  });
});

describe("a key", () => {
  it.each([
    ["aes-128", 32],
    ["aes-192", 48],
    ["aes-256", 64],
  ] as const)("of %s is handed out once, in hex, and stays sealed", async (algorithm, digits) => {
    const [iotId, other] = [await provisionOne(algorithm), await provisionOne(algorithm)];
    const sealed = rowOf(iotId)?.keySealed;
    const handedOut = await identities().export(owner(), iotId);
    expect(handedOut).toEqual({
      format: "concordat-device/1",
      iotId,
      productKey,
      algorithm,
      key: expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)),
    });
    expect((await identities().export(owner(), other)).key).not.toBe(handedOut.key);
    expect(rowOf(iotId)).toMatchObject({ keySealed: sealed, publicKey: null, exportedMs: harness.clock.nowMs() });
    expect(Buffer.from(sealed ?? []).includes(Buffer.from(handedOut.key, "hex"))).toBe(false);
    expect(await codeOf(identities().export(owner(), iotId))).toBe("DEVICE_IDENTITY_EXPORTED");
    await harness.restart();
    expect(await codeOf(identities().export(owner(), iotId))).toBe("DEVICE_IDENTITY_EXPORTED");
  });

  it("of RSA is gone once it was handed out; its public half stays", async () => {
    const iotId = await provisionOne("rsa-1024");
    const { key, algorithm } = await identities().export(owner(), iotId);
    expect(algorithm).toBe("rsa-1024");
    const privateKey = createPrivateKey(key);
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(1_024);
    expect(rowOf(iotId)).toMatchObject({ keySealed: null, exportedMs: harness.clock.nowMs() });
    const publicHalf = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    expect(Buffer.from(rowOf(iotId)?.publicKey ?? []).equals(publicHalf)).toBe(true);
    const { state } = await harness.store.load();
    expect(state.devices).toMatchObject([{ iotId, keySealed: null }]);
    expect(await codeOf(identities().export(owner(), iotId))).toBe("DEVICE_IDENTITY_EXPORTED");
  });

  it("is handed out to one of two calls at the same time", async () => {
    const iotId = await provisionOne("aes-128");
    const answers = await Promise.all([1, 2].map(() => codeOf(identities().export(owner(), iotId))));
    expect(answers.filter((answer) => answer === "DEVICE_IDENTITY_EXPORTED")).toHaveLength(1);
  });

  it("is not answered when the mark could not be written", async () => {
    const iotId = await provisionOne("aes-128");
    await harness.store.database.schema.dropTable("auditEntries").execute();
    expect(await codeOf(identities().export(owner(), iotId))).not.toHaveProperty("answered");
    expect(rowOf(iotId)).toMatchObject({ exportedMs: null });
  });
});

it("says what was done, and no secret", async () => {
  const iotId = await provisionOne("aes-128");
  const { key } = await identities().export(owner(), iotId);
  for (const enabled of [true, false, false, true]) {
    expect(await identities().setEnabled(owner(), iotId, enabled)).toMatchObject({ iotId, enabled });
  }
  const trail = await auditTrail(harness.store, "platform:deviceIdentity:");
  expect(trail).toMatchObject([
    { action: "platform:deviceIdentity:create", resourceId: productKey, detail: { algorithm: "aes-128", count: 1 } },
    { action: "platform:deviceIdentity:export", resourceId: iotId, uid: cast.stranger.uid },
    { action: "platform:deviceIdentity:update", resourceId: iotId, detail: { enabled: false } },
    { action: "platform:deviceIdentity:update", resourceId: iotId, detail: { enabled: true } },
  ]);
  expect(JSON.stringify(trail).toLowerCase()).not.toContain(key);
  expect(JSON.stringify(await identities().list(owner(), { productKey, page: 1, pageSize: 10 }))).not.toContain(key);
});

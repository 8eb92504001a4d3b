import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlatformErrorCode, Principal } from "../ports.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import { type SigningChoice, signByDevice } from "./device.fixture.ts";
import { DEVICE_TIME_WINDOW_MS } from "./device-gate.ts";
import type { DeviceGroup, DeviceKeyAlgorithm, DeviceProvisioning, DeviceSignature } from "./ports.ts";

let harness: Harness;
let cast: Cast;
let group: DeviceGroup;
let device: DeviceProvisioning;
let otherProductDevice: DeviceProvisioning;
let keys = 0;

beforeAll(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  const { deviceProducts, devices } = harness.platform;
  const { productKey } = await deviceProducts.create(administrator(), { name: "Thermometer" });
  group = await devices.registerGroup(administrator(), { bizChainId: bizChainId(), productKey, name: "thermometers" });
  device = await provision("aes-128", productKey);
  const other = await deviceProducts.create(administrator(), { name: "Barometer" });
  otherProductDevice = await provision("aes-128", other.productKey);
});
afterAll(() => harness.dispose());

const administrator = () => harness.callerOf(cast.administrator);
const bizChainId = () => cast.chain.chain.bizChainId;
const newKey = () => keyOf(cast.chain, ++keys);

async function provision(algorithm: DeviceKeyAlgorithm, productKey = group.productKey): Promise<DeviceProvisioning> {
  const { deviceIdentities } = harness.platform;
  const [identity] = await deviceIdentities.provision(administrator(), { productKey, algorithm, count: 1 });
  return deviceIdentities.export(administrator(), identity?.iotId ?? "");
}

function sign(data: string, choice: Partial<SigningChoice> = {}, by = device): DeviceSignature {
  return signByDevice(by, data, { timeMs: harness.clock.nowMs(), ...choice });
}

function set(signature: DeviceSignature, value: string, key = newKey(), caller: Principal = cast.administrator) {
  const input = { chainCode: cast.chain.chain.bizChainCode, key, value, device: signature };
  return harness.platform.evidence.set(caller, input, harness.nonce());
}

function attach(signature: DeviceSignature, value: string, key = newKey()) {
  const input = { chainCode: cast.chain.chain.bizChainCode, key, value, device: signature };
  return harness.platform.evidence.attach(cast.administrator, input, harness.nonce());
}

async function shown() {
  const { channelId } = cast.chain.chain;
  return { height: harness.ledger.heightOf(channelId), state: await harness.ledger.stateHash(channelId) };
}

/** That the calls are refused with the code, and leave the ledger as it was. */
async function expectRefused(code: PlatformErrorCode, ...calls: (() => Promise<unknown>)[]): Promise<void> {
  const before = await shown();
  for (const call of calls) expect(await codeOf(call())).toBe(code);
  expect(await shown()).toEqual(before);
}

async function listed(iotId: string) {
  const query = { bizChainId: bizChainId(), deviceGroupId: group.deviceGroupId, iotId, page: 1, pageSize: 10 };
  return (await harness.platform.devices.list(cast.administrator, query)).items;
}

describe("the form of a signature", () => {
  type Change = (signature: DeviceSignature) => DeviceSignature;
  const faults: readonly (readonly [PlatformErrorCode, Change])[] = [
    ["DEVICE_FIELD_EMPTY", (signature) => ({ ...signature, signature: "" })],
    ["DEVICE_AUTH_TYPE_UNSUPPORTED", (signature) => ({ ...signature, authType: "id2" })],
    ["DEVICE_DIGEST_MALFORMED", (signature) => ({ ...signature, dataDigest: signature.dataDigest.slice(1) })],
    [
      "DEVICE_DIGEST_WRONG",
      (signature) => (signature.dataDigest.length < 64 ? signature : { ...signature, dataDigest: "0".repeat(64) }),
    ],
    ["DEVICE_SOURCE_UNSUPPORTED", (signature) => ({ ...signature, source: "" })],
  ];

  it.each(faults.map((_, index) => index))(
    "fault %i answers before all later ones, and before the look-up",
    async (index) => {
      const applied = faults.slice(index);
      const signature = applied.reduce((made, [, change]) => change(made), sign("value"));
      const code = applied[0]?.[0] ?? "LEDGER_FAULT";
      const chainCode = cast.chain.chain.bizChainCode;
      const unknownType = `0001_${chainCode}_${cast.otherChain.dataTypeCode}_1`;
      await expectRefused(
        code,
        () => set(signature, "value"),
        () => attach(signature, "value"),
        () => set(signature, "value", unknownType),
        () => set(signature, "value", newKey(), cast.stranger),
      );
      await expectRefused("VALUE_EMPTY", () => set(signature, ""));
      await expectRefused("CHAIN_CODE_MISMATCH", () =>
        set(signature, "v", newKey().replace(chainCode, "0".repeat(16))),
      );
    },
  );

  it.each(["authType", "iotId", "serviceProvider", "dataDigest", "signature"] as const)(
    "%s is needed",
    async (field) => {
      await expectRefused("DEVICE_FIELD_EMPTY", () => set({ ...sign("value"), [field]: "" }, "value"));
    },
  );

  it("takes a digest of any case, if the device signed it so", async () => {
    const signature = sign("value");
    const lower = { ...signature, dataDigest: signature.dataDigest.toLowerCase() };
    await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(lower, "value"));
    await expectRefused("DEVICE_DIGEST_WRONG", () => set(sign("other value"), "value"));
  });
});

describe("what the device may", () => {
  it("comes after the caller's own place, the key and the length, before what is on chain", async () => {
    const stale = sign("value", { timeMs: 0 });
    await expectRefused("ACCESS_DENIED", () => set(stale, "value", newKey(), cast.stranger));
    const long = "v".repeat(257);
    await expectRefused("VALUE_TOO_LONG", () => set(sign(long, { timeMs: 0 }), long));
    const key = newKey();
    await set(sign("value"), "value", key);
    await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(stale, "value", key));
    await expectRefused("KEY_EXISTS", () => set(sign("value"), "value", key));
  });

  it("needs a registered product and a known device of it", async () => {
    await expectRefused("DEVICE_UNAUTHORIZED", () => set(sign("value", {}, otherProductDevice), "value"));
    const foreign = { ...otherProductDevice, productKey: device.productKey };
    await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(sign("value", {}, foreign), "value"));
    const unknown = { ...device, iotId: "0".repeat(24) };
    await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(sign("value", {}, unknown), "value"));
  });

  it.each<[string, Partial<SigningChoice> | ((signature: DeviceSignature) => DeviceSignature)]>([
    ["a kind that does not cover the data", { kind: "1" }],
    ["a challenge without extra data", { kind: "0", challenge: "55B83408399FA660F05C82E4F25333DC" }],
    ["a challenge in place of the time", { kind: "2", challenge: "55B83408399FA660F05C82E4F25333DC" }],
    ["no code", (signature) => ({ ...signature, signature: "ID2" })],
    [
      "a changed result",
      (signature) => ({ ...signature, signature: signature.signature.replace(/~.{4}([^~]*)$/, "~AAAA$1") }),
    ],
    ["another device's", (signature) => ({ ...signature, signature: sign("value", {}, otherProductDevice).signature })],
    ["one over other data", (signature) => ({ ...signature, signature: sign("other value").signature })],
  ])("refuses %s", async (_, change) => {
    const signature = typeof change === "function" ? change(sign("value")) : sign("value", change);
    await expectRefused(
      "DEVICE_SIGNATURE_REFUSED",
      () => set(signature, "value"),
      () => attach(signature, "value"),
    );
  });

  it("goes by the server's clock, 15 minutes either way", async () => {
    const nowMs = harness.clock.nowMs();
    for (const timeMs of [nowMs - DEVICE_TIME_WINDOW_MS, nowMs + DEVICE_TIME_WINDOW_MS]) {
      expect(await set(sign("value", { timeMs }), "value")).toMatchObject({ txIds: [expect.any(String)] });
    }
    for (const timeMs of [nowMs - DEVICE_TIME_WINDOW_MS - 1, nowMs + DEVICE_TIME_WINDOW_MS + 1]) {
      await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(sign("value", { timeMs }), "value"));
    }
  });

  it("is nothing any more once its identity is switched off", async () => {
    const { deviceIdentities } = harness.platform;
    await deviceIdentities.setEnabled(administrator(), device.iotId, false);
    await expectRefused("DEVICE_SIGNATURE_REFUSED", () => set(sign("value"), "value"));
    await deviceIdentities.setEnabled(administrator(), device.iotId, true);
    expect(await set(sign("value"), "value")).toHaveProperty("txIds");
  });

  it("is the administrator's to take away and to restore, group and device", async () => {
    const { devices } = harness.platform;
    const second = await provision("aes-128");
    await set(sign("value", {}, second), "value");
    const { deviceGroupId } = group;
    const [{ deviceId = "" } = {}] = await listed(second.iotId);
    const ofGroup = (authorized: boolean) => ({ bizChainId: bizChainId(), deviceGroupId, authorized });
    const ofDevice = (authorized: boolean) => ({ ...ofGroup(authorized), deviceId });
    const member = harness.callerOf(cast.memberPrincipal);

    await devices.setAuthorized(administrator(), ofDevice(false));
    await expectRefused("DEVICE_UNAUTHORIZED", () => set(sign("value", {}, second), "value"));
    expect(await codeOf(devices.setAuthorized(member, ofDevice(true)))).toBe("ACCESS_DENIED");
    expect(await set(sign("value"), "value")).toHaveProperty("txIds");
    expect(await listed(second.iotId)).toMatchObject([{ deviceId, authorized: false }]);

    await devices.setGroupAuthorized(administrator(), ofGroup(false));
    await devices.setAuthorized(administrator(), ofDevice(true));
    await expectRefused(
      "DEVICE_UNAUTHORIZED",
      () => set(sign("value", {}, second), "value"),
      () => set(sign("value"), "value"),
    );
    expect(await codeOf(devices.setGroupAuthorized(member, ofGroup(true)))).toBe("ACCESS_DENIED");
    await harness.restart();
    await expectRefused("DEVICE_UNAUTHORIZED", () => set(sign("value"), "value"));

    await harness.platform.devices.setGroupAuthorized(administrator(), ofGroup(true));
    for (const by of [device, second]) expect(await set(sign("value", {}, by), "value")).toHaveProperty("txIds");
    expect(await listed(second.iotId)).toMatchObject([{ deviceId, authorized: true }]);
  });
});

describe("a good signature", () => {
  it.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)(
    "of %s puts the device in its record",
    async (algorithm) => {
      const by = await provision(algorithm);
      const chainCode = cast.chain.chain.bizChainCode;
      const [first, second] = [newKey(), newKey()];
      expect(await listed(by.iotId)).toEqual([]);
      await set(sign("温度 21", {}, by), "温度 21", first);
      const firstMs = harness.clock.nowMs();
      expect(await listed(by.iotId)).toMatchObject([{ iotId: by.iotId, lastSaveMs: firstMs, authorized: true }]);
      harness.clock.advance(1_000);
      await attach({ ...sign("温度 22", {}, by), source: "1" }, "温度 22", second);
      expect(await listed(by.iotId)).toMatchObject([{ iotId: by.iotId, lastSaveMs: firstMs + 1_000 }]);
      for (const key of [first, second]) {
        expect(await harness.platform.evidence.get(cast.administrator, { chainCode, key })).toMatchObject({
          deviceId: by.iotId,
          productKey: by.productKey,
        });
      }
    },
  );

  it("may be over a batch, in the text that came", async () => {
    const [key, item] = [newKey(), newKey()];
    const batch = JSON.stringify([{ Key: item, Value: "21" }], null, 1);
    await set(sign(batch), batch, key);
    const chainCode = cast.chain.chain.bizChainCode;
    for (const each of [key, item]) {
      expect(await harness.platform.evidence.get(cast.administrator, { chainCode, key: each })).toMatchObject({
        deviceId: device.iotId,
      });
    }
  });

  it("may come by a member, under its own data-type code", async () => {
    const key = keyOf(cast.member, "by-device");
    expect(await set(sign("value"), "value", key, cast.memberPrincipal)).toHaveProperty("txIds");
  });

  it("is good once, whatever else the call says and whatever kind the code claims", async () => {
    const signature = sign("value");
    await set(signature, "value");
    const otherKind = { ...signature, signature: `2${signature.signature.slice(1)}` };
    const again = [
      () => set(signature, "value"),
      () => attach(signature, "value"),
      () => set({ ...signature, source: "1" }, "value"),
      () => set(otherKind, "value"),
      () => set(signature, "value", keyOf(cast.member, "again"), cast.memberPrincipal),
    ];
    await expectRefused("DEVICE_SIGNATURE_REFUSED", ...again);
    await harness.restart();
    await expectRefused("DEVICE_SIGNATURE_REFUSED", ...again);
  });

  it("still counts after the master key was changed", async () => {
    const unexported = (
      await harness.platform.deviceIdentities.provision(administrator(), {
        productKey: group.productKey,
        algorithm: "aes-256",
        count: 1,
      })
    )[0];
    const { masterKey, jobs } = harness.platform;
    const { jobId } = await masterKey.rotate(administrator());
    expect((await jobs.ended(jobId)).status).toBe("succeeded");
    await masterKey.forgetEarlier(administrator());
    await harness.restart();
    expect(await set(sign("value"), "value")).toHaveProperty("txIds");
    const handedOut = await harness.platform.deviceIdentities.export(administrator(), unexported?.iotId ?? "");
    expect(await set(sign("value", {}, handedOut), "value")).toHaveProperty("txIds");
  });

  it("writes nothing to an expired chain or past its quota", async () => {
    const { chains } = harness.platform;
    await chains.update(administrator(), bizChainId(), { quotas: { countQuota: 0 } });
    await expectRefused("QUOTA_EXCEEDED", () => set(sign("value"), "value"));
    await chains.update(administrator(), bizChainId(), {
      expiresMs: harness.clock.nowMs(),
      quotas: { countQuota: 100 },
    });
    await expectRefused("CHAIN_EXPIRED", () => set(sign("value", { timeMs: 0 }), "value"));
  });
});

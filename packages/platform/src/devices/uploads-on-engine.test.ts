import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChainMembership, Principal } from "../ports.ts";
import { codeOf, keyOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";
import { signByDevice } from "./device.fixture.ts";
import type { DeviceGroup, DeviceProvisioning, DeviceSignature } from "./ports.ts";

const clock = new ManualClock(1_700_000_000_000);
let directory: string;
let engine: Awaited<ReturnType<typeof openOverEngine>>;
let nonces = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-devices-"));
  engine = await openOverEngine(directory, clock);
});
afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const administrator = (): Principal => engine.boot.accessKey.principal;
const caller = () => engine.callerOf(administrator());
const newNonce = () => ({ accessKeyId: "LTAItest", nonce: `nonce ${++nonces}` });

async function restart(): Promise<void> {
  await engine.close();
  engine = await openOverEngine(directory, clock);
}

async function newProduct(name: string): Promise<DeviceProvisioning> {
  const { deviceProducts, deviceIdentities } = engine.platform;
  const { productKey } = await deviceProducts.create(caller(), { name });
  const [identity] = await deviceIdentities.provision(caller(), { productKey, algorithm: "aes-256", count: 1 });
  return deviceIdentities.export(caller(), identity?.iotId ?? "");
}

function register({ chain }: ChainMembership, { productKey }: DeviceProvisioning): Promise<DeviceGroup> {
  const { bizChainId } = chain;
  return engine.platform.devices.registerGroup(caller(), { bizChainId, productKey, name: "group" });
}

async function listed({ bizChainId, deviceGroupId }: DeviceGroup) {
  return engine.platform.devices.list(administrator(), { bizChainId, deviceGroupId, page: 1, pageSize: 100 });
}

async function shown({ chain: { channelId } }: ChainMembership) {
  const { height } = await engine.ledger.status(channelId);
  return { height, state: await engine.ledger.stateHash(channelId) };
}

it("takes a code once: of calls at the same time one, after a restart none, and nothing else is written", async () => {
  const chain = engine.boot.proofChain;
  const device = await newProduct("Thermometer");
  const group = await register(chain, device);
  const signature = signByDevice(device, "21", { timeMs: clock.nowMs() });
  const set = (id: string, by: DeviceSignature = signature) => {
    const input = { chainCode: chain.chain.bizChainCode, key: keyOf(chain, id), value: "21", device: by };
    return codeOf(engine.platform.evidence.set(administrator(), input, newNonce()));
  };
  const before = await shown(chain);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => set(`at-once-${index}`)));
  expect(answers.filter((answer) => answer === "DEVICE_SIGNATURE_REFUSED")).toHaveLength(7);
  const after = await shown(chain);
  expect(after.height).toBe(before.height + 1);
  const firstMs = clock.nowMs();
  const page = await listed(group);
  expect(page).toMatchObject({ total: 1, items: [{ iotId: device.iotId, lastSaveMs: firstMs, authorized: true }] });

  clock.advance(60_000);
  await restart();
  expect(await set("after-restart")).toBe("DEVICE_SIGNATURE_REFUSED");
  expect(await set("other-kind", { ...signature, signature: `2${signature.signature.slice(1)}` })).toBe(
    "DEVICE_SIGNATURE_REFUSED",
  );
  expect(await shown(chain)).toEqual(after);
  expect(await listed(group)).toEqual(page);

  expect(await set("next", signByDevice(device, "21", { timeMs: clock.nowMs() }))).toHaveProperty("answered");
  expect((await listed(group)).items).toMatchObject([{ lastSaveMs: firstMs + 60_000 }]);
});

it("keeps devices of a collaboration chain apart from those of a proof chain", async () => {
  const { proofChain, collaborationChain } = engine.boot;
  const { bizChainId } = collaborationChain.chain;
  const device = await newProduct("Weighing machine");
  const { collaboration } = engine.platform;
  const name = { bizChainId, name: "rice" };
  const { phaseGroupId } = await collaboration.createGroup(administrator(), name, newNonce());
  const { phaseId } = await collaboration.createPhase(administrator(), { ...name, phaseGroupId }, newNonce());
  const upload = (dataKey: string) => {
    const items = [{ dataKey, phaseData: "25 kg" }];
    const signed = signByDevice(device, "25 kg", { timeMs: clock.nowMs() });
    const input = { bizChainId, phaseGroupId, phaseId, kind: "text", items, isBatch: false, device: signed } as const;
    return codeOf(collaboration.upload(administrator(), { ...input, signedTexts: ["25 kg"] }, newNonce()));
  };
  const onProof = await register(proofChain, device);
  const before = await shown(collaborationChain);
  expect(await upload("sack-1")).toBe("DEVICE_UNAUTHORIZED");
  expect(await shown(collaborationChain)).toEqual(before);
  const group = await register(collaborationChain, device);
  expect(await upload("sack-1")).toHaveProperty("answered");
  const { items } = await listed(group);
  expect(items).toMatchObject([{ iotId: device.iotId, lastSaveMs: clock.nowMs(), authorized: true }]);
  expect(await listed(onProof)).toEqual({ total: 0, items: [] });
  const { deviceGroupId } = group;
  const ofDevice = { bizChainId, deviceGroupId, deviceId: items[0]?.deviceId ?? "" };
  await engine.platform.devices.setAuthorized(caller(), { ...ofDevice, authorized: false });
  const stopped = await shown(collaborationChain);
  await restart();
  expect(await upload("sack-2")).toBe("DEVICE_UNAUTHORIZED");
  expect(await shown(collaborationChain)).toEqual(stopped);
  expect((await listed(group)).items).toMatchObject([{ authorized: false }]);
});

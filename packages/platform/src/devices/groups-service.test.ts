import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import { signByDevice } from "./device.fixture.ts";
import type { DeviceGroup } from "./ports.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const devices = () => harness.platform.devices;
const administrator = () => harness.callerOf(cast.administrator);
const member = () => harness.callerOf(cast.memberPrincipal);
const bizChainId = () => cast.chain.chain.bizChainId;
const page = { page: 1, pageSize: 10 };
let products = 0;

async function newProduct(owner: Principal, further: object = {}): Promise<string> {
  const name = `product ${++products}`;
  return (await harness.platform.deviceProducts.create(harness.callerOf(owner), { name, ...further })).productKey;
}

async function register(caller: Caller, owner: Principal, further: object = {}): Promise<DeviceGroup> {
  const productKey = await newProduct(owner);
  return devices().registerGroup(caller, { bizChainId: bizChainId(), productKey, name: "温度计", ...further });
}

const listFor = (caller: Principal, further: object = {}) =>
  devices().listGroups(caller, { bizChainId: bizChainId(), ...page, ...further });

/** Uploads by a new device of the group. */
async function upload(group: DeviceGroup, owner: Principal, writer: Principal, key: string): Promise<string> {
  const { deviceIdentities, evidence } = harness.platform;
  const caller = harness.callerOf(owner);
  const { productKey } = group;
  const [identity] = await deviceIdentities.provision(caller, { productKey, algorithm: "aes-192", count: 1 });
  const provisioned = await deviceIdentities.export(caller, identity?.iotId ?? "");
  const device = signByDevice(provisioned, "value", { timeMs: harness.clock.nowMs() });
  const chainCode = cast.chain.chain.bizChainCode;
  await evidence.set(writer, { chainCode, key, value: "value", device }, harness.nonce());
  return provisioned.iotId;
}

describe("groups", () => {
  it("are registered by the administrator and by members, authorized at once, over a restart", async () => {
    const first = await register(administrator(), cast.administrator, { remark: "冷链" });
    harness.clock.advance(1);
    const second = await register(member(), cast.memberAccount);
    expect(first).toEqual({
      deviceGroupId: expect.stringMatching(/^[1-9][0-9]{15}$/),
      bizChainId: bizChainId(),
      productKey: expect.stringMatching(/^[0-9A-Za-z]{11}$/),
      name: "温度计",
      remark: "冷链",
      ownerName: cast.administrator.name,
      ownerUid: cast.administrator.uid,
      authorized: true,
      createdMs: harness.clock.nowMs() - 1,
    });
    await harness.platform.members.modify(administrator(), {
      bizChainId: bizChainId(),
      memberId: cast.member.memberId,
      name: "某公司",
    });
    await harness.restart();
    const shown = { ...second, ownerName: "某公司", ownerUid: cast.memberPrincipal.uid };
    expect(await listFor(cast.administrator)).toEqual({ total: 2, items: [first, shown] });
    expect(await listFor(cast.memberPrincipal)).toEqual({ total: 1, items: [shown] });
    expect(await listFor(cast.administrator, { page: 2, pageSize: 1 })).toEqual({ total: 2, items: [shown] });
    const { productKey } = first;
    expect(await listFor(cast.administrator, { productKey })).toEqual({ total: 1, items: [first] });
    expect(await listFor(cast.memberPrincipal, { productKey })).toEqual({ total: 0, items: [] });
  });

  it("are refused with the reason, and nothing is written", async () => {
    const productKey = await newProduct(cast.administrator);
    const onOther = await newProduct(cast.stranger, { bizChainId: cast.otherChain.chain.bizChainId });
    const input = { bizChainId: bizChainId(), productKey, name: "group" };
    const refusal = (caller: Caller, further: object = {}) =>
      codeOf(devices().registerGroup(caller, { ...input, ...further }));
    expect(await refusal(harness.callerOf(cast.unopened))).toBe("SERVICE_NOT_OPENED");
    expect(await refusal(administrator(), { bizChainId: "1" })).toBe("CHAIN_UNKNOWN");
    expect(await refusal(harness.callerOf(cast.stranger))).toBe("ACCESS_DENIED");
    expect(await refusal(harness.callerOf(cast.memberAccount))).toBe("ACCOUNT_KIND_REFUSED");
    expect(await refusal(administrator(), { name: "a" })).toBe("NAME_INVALID");
    expect(await refusal(administrator(), { remark: "r".repeat(101) })).toBe("REMARK_INVALID");
    expect(await refusal(administrator(), { productKey: "none" })).toBe("PRODUCT_UNKNOWN");
    expect(await refusal(administrator(), { productKey: onOther })).toBe("PRODUCT_UNKNOWN");
    expect(await refusal(member())).toBe("PRODUCT_UNKNOWN");
    const { chains } = harness.platform;
    const second = await chains.create(administrator(), { name: "second", administratorUid: cast.administrator.uid });
    const elsewhere = await newProduct(cast.administrator, { bizChainId: second.chain.bizChainId });
    expect(await refusal(administrator(), { productKey: elsewhere })).toBe("PRODUCT_UNKNOWN");
    expect(await listFor(cast.administrator)).toEqual({ total: 0, items: [] });
    await devices().registerGroup(administrator(), input);
    expect(await refusal(administrator())).toBe("DEVICE_GROUP_EXISTS");
    expect(await refusal(administrator(), { bizChainId: second.chain.bizChainId })).toMatchObject({
      answered: { productKey, bizChainId: second.chain.bizChainId },
    });
    expect((await listFor(cast.administrator)).total).toBe(1);
    expect(await harness.auditCount("ltl:deviceGroup:register")).toBe(2);
  });

  it("are authorized by the administrator alone; what is so already is not written again", async () => {
    const { deviceGroupId } = await register(member(), cast.memberAccount);
    const setTo = (caller: Caller, authorized: boolean, further: object = {}) =>
      codeOf(devices().setGroupAuthorized(caller, { bizChainId: bizChainId(), deviceGroupId, authorized, ...further }));
    for (const authorized of [true, false]) {
      expect(await setTo(member(), authorized)).toBe("ACCESS_DENIED");
      expect(await setTo(administrator(), authorized, { deviceGroupId: "1" })).toBe("DEVICE_GROUP_UNKNOWN");
    }
    const stranger = harness.callerOf(cast.stranger);
    const otherId = cast.otherChain.chain.bizChainId;
    expect(await setTo(stranger, false, { bizChainId: otherId })).toBe("DEVICE_GROUP_UNKNOWN");
    for (const authorized of [true, false, false, true, true]) {
      expect(await setTo(administrator(), authorized)).toEqual({ answered: undefined });
      expect((await listFor(cast.memberPrincipal)).items).toMatchObject([{ deviceGroupId, authorized }]);
    }
    expect(await auditTrail(harness.store, "ltl:deviceGroup:")).toMatchObject([
      { action: "ltl:deviceGroup:register", uid: cast.memberPrincipal.uid, resourceId: bizChainId() },
      { action: "ltl:deviceGroup:unauthorize", uid: cast.administrator.uid, detail: { deviceGroupId } },
      { action: "ltl:deviceGroup:authorize", uid: cast.administrator.uid, detail: { deviceGroupId } },
    ]);
  });

  it("stay a member's when its place goes to another RAM user, and are closed to a locked one", async () => {
    const { deviceGroupId } = await register(member(), cast.memberAccount);
    const { accounts, members } = harness.platform;
    const { principal: successor } = await accounts.createRamUser(administrator(), {
      accountUid: cast.memberAccount.uid,
      name: "successor",
    });
    const { memberId } = cast.member;
    await members.modify(administrator(), { bizChainId: bizChainId(), memberId, uid: successor.uid });
    expect((await listFor(successor)).items).toMatchObject([{ deviceGroupId, ownerUid: successor.uid }]);
    expect(await codeOf(listFor(cast.memberPrincipal))).toBe("ACCESS_DENIED");
    await members.setLocked(administrator(), { bizChainId: bizChainId(), memberId, locked: true });
    expect(await codeOf(listFor(successor))).toBe("ACCESS_DENIED");
    expect((await listFor(cast.administrator)).total).toBe(1);
  });

  it("can be administered on an expired chain", async () => {
    const group = await register(administrator(), cast.administrator);
    const iotId = await upload(group, cast.administrator, cast.administrator, keyOf(cast.chain, 1));
    const expiresMs = harness.clock.nowMs();
    await harness.platform.chains.update(administrator(), bizChainId(), { expiresMs });
    expect(await register(administrator(), cast.administrator)).toMatchObject({ authorized: true });
    const { deviceGroupId } = group;
    const name = { bizChainId: bizChainId(), deviceGroupId };
    await devices().setGroupAuthorized(administrator(), { ...name, authorized: false });
    const { items } = await devices().list(cast.administrator, { ...name, ...page });
    await devices().setAuthorized(administrator(), { ...name, deviceId: items[0]?.deviceId ?? "", authorized: false });
    expect((await devices().list(cast.administrator, { ...name, ...page })).items).toMatchObject([
      { iotId, authorized: false },
    ]);
  });
});

describe("devices", () => {
  it("are listed by id, each group's own, to the administrator and to the member whose group it is", async () => {
    const own = await register(member(), cast.memberAccount);
    const other = await register(administrator(), cast.administrator);
    const query = { bizChainId: bizChainId(), deviceGroupId: own.deviceGroupId, ...page };
    expect(await devices().list(cast.memberPrincipal, query)).toEqual({ total: 0, items: [] });
    const iotIds: string[] = [];
    for (const id of [1, 2, 3]) {
      harness.clock.advance(1);
      iotIds.push(await upload(own, cast.memberAccount, cast.memberPrincipal, keyOf(cast.member, id)));
    }
    const otherIotId = await upload(other, cast.administrator, cast.administrator, keyOf(cast.chain, 1));
    const whole = await devices().list(cast.memberPrincipal, query);
    expect(whole.total).toBe(3);
    expect(whole.items.map(({ deviceId }) => deviceId)).toEqual(whole.items.map(({ deviceId }) => deviceId).sort());
    expect(whole.items.map(({ iotId }) => iotId).sort()).toEqual(iotIds.sort());
    expect(await devices().list(cast.administrator, query)).toEqual(whole);
    expect(await devices().list(cast.administrator, { ...query, page: 2, pageSize: 2 })).toEqual({
      total: 3,
      items: whole.items.slice(2),
    });
    const [iotId = ""] = iotIds;
    expect((await devices().list(cast.memberPrincipal, { ...query, iotId })).items).toMatchObject([{ iotId }]);
    for (const unknown of [otherIotId, "", "none", "字"]) {
      expect(await devices().list(cast.administrator, { ...query, iotId: unknown })).toEqual({ total: 0, items: [] });
    }
    const foreign = { ...query, deviceGroupId: other.deviceGroupId };
    expect(await codeOf(devices().list(cast.memberPrincipal, foreign))).toBe("DEVICE_GROUP_UNKNOWN");
    expect((await devices().list(cast.administrator, foreign)).items).toMatchObject([{ iotId: otherIotId }]);
    expect(await codeOf(devices().list(cast.stranger, query))).toBe("ACCESS_DENIED");
  });

  it("are refused with the reason, and nothing is written", async () => {
    const group = await register(administrator(), cast.administrator);
    const empty = await register(administrator(), cast.administrator);
    await upload(group, cast.administrator, cast.administrator, keyOf(cast.chain, 1));
    const name = { bizChainId: bizChainId(), deviceGroupId: group.deviceGroupId };
    const [{ deviceId = "" } = {}] = (await devices().list(cast.administrator, { ...name, ...page })).items;
    const setTo = (caller: Caller, authorized: boolean, further: object = {}) =>
      codeOf(devices().setAuthorized(caller, { ...name, deviceId, authorized, ...further }));
    for (const authorized of [true, false]) {
      expect(await setTo(member(), authorized)).toBe("ACCESS_DENIED");
      expect(await setTo(administrator(), authorized, { deviceGroupId: "1" })).toBe("DEVICE_GROUP_UNKNOWN");
      expect(await setTo(administrator(), authorized, { deviceGroupId: empty.deviceGroupId })).toBe("DEVICE_UNKNOWN");
      for (const unknown of ["1234567890123456", "字", ""]) {
        expect(await setTo(administrator(), authorized, { deviceId: unknown })).toBe("DEVICE_UNKNOWN");
      }
    }
    for (const authorized of [true, false, false, true]) {
      expect(await setTo(administrator(), authorized)).toEqual({ answered: undefined });
    }
    expect(await auditTrail(harness.store, "ltl:device:")).toMatchObject([
      { action: "ltl:device:unauthorize", detail: { deviceId } },
      { action: "ltl:device:authorize", detail: { deviceId } },
    ]);
    const query = { ...name, ...page };
    for (const wrong of [{ page: 0 }, { pageSize: 0 }, { pageSize: 101 }, { page: 1.5 }, { page: 1e15 }]) {
      expect(await codeOf(devices().list(cast.administrator, { ...query, ...wrong }))).toBe("PAGE_INVALID");
      expect(await codeOf(listFor(cast.administrator, wrong))).toBe("PAGE_INVALID");
    }
  });
});

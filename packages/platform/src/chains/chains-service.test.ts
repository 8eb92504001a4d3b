import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { platformLimits } from "../limits.ts";
import type { ChainService, ChainUpdate, Principal } from "../ports.ts";
import { auditTrail } from "../testing/audit-trail.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const chains = () => harness.platform.chains;
const as = (principal: Principal) => harness.callerOf(principal);

/** Whether the collaboration contract takes the principal for its administrator. */
async function isOpened(channelId: string, principal: Principal): Promise<boolean> {
  const creator = harness.platform.provisioning.directory.creator(principal.uid);
  const request = { channelId, creator, contract: "collaboration", fn: "resources", args: [] };
  return harness.ledger.evaluate(request).then(
    () => true,
    () => false,
  );
}

describe("a new chain", () => {
  it("has ids as the documents show them and a channel of its own", async () => {
    const { chain, role, dataTypeCode } = await chains().create(as(cast.administrator), {
      name: "酒_chain(1)",
      remark: "备注",
      edition: "enterprise",
      validDays: 30,
    });
    expect(chain).toMatchObject({
      bizChainId: expect.stringMatching(/^[1-9][0-9]{15}$/),
      bizChainCode: expect.stringMatching(/^[A-Za-z0-9]{16}$/),
      channelId: `ltl-${chain.bizChainId}`,
      remark: "备注",
      edition: "enterprise",
      effectiveMs: harness.clock.nowMs(),
      expiresMs: harness.clock.nowMs() + 30 * 86_400_000,
    });
    expect({ role, dataTypeCode }).toEqual({
      role: "administrator",
      dataTypeCode: expect.stringMatching(/^[0-9A-Z]{4}$/),
    });
    const config = await harness.ledger.config(chain.channelId);
    expect(config).toMatchObject({
      origin: `concordat/${harness.platform.installationId}/${chain.channelId}`,
      displayName: "酒_chain(1)",
      organizations: [{ mspId: cast.administrator.mspId, displayName: "administrator" }],
      blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2000, cutWhenIdle: true },
      stateDatabase: "goleveldb",
      cryptography: "international",
      recordRefusals: false,
      contracts: ["evidence"],
    });
  });

  it("cuts its blocks as it was told, and as others do for the rest; also after a crash before its channel was there", async () => {
    const given = { cutWhenIdle: false, timeoutMs: 3_000 };
    const whole = { messageCountMax: 500, bytesMax: 2_097_152, ...given };
    const { chain } = await chains().create(as(cast.administrator), { name: "chain", blockCutting: given });
    expect(chain.blockCutting).toEqual(whole);
    expect((await harness.ledger.config(chain.channelId)).blockCutting).toEqual(whole);
    harness.ledger.failures.set("createChannel", ledgerError("OUTCOME_UNKNOWN"));
    await codeOf(chains().create(as(cast.administrator), { name: "late", blockCutting: given }));
    await harness.restart();
    const [late] = (await chains().list(cast.administrator, { name: "late", page: 1, pageSize: 1 })).items;
    expect((await harness.ledger.config(late?.chain.channelId ?? "")).blockCutting).toEqual(whole);
  });

  it("is refused with the reason, and leaves nothing behind", async () => {
    const before = await harness.store.load();
    const cases = [
      ["ACCESS_DENIED", cast.stranger, { name: "chain" }],
      ["CHAIN_NAME_INVALID", cast.administrator, { name: "" }],
      ["CHAIN_NAME_INVALID", cast.administrator, { name: " led" }],
      ["CHAIN_NAME_INVALID", cast.administrator, { name: "x".repeat(65) }],
      ["CHAIN_NAME_INVALID", cast.administrator, { name: "two\nlines" }],
      ["REMARK_INVALID", cast.administrator, { name: "chain", remark: "x".repeat(101) }],
      ["VALIDITY_INVALID", cast.administrator, { name: "chain", validDays: 0 }],
      ["VALIDITY_INVALID", cast.administrator, { name: "chain", validDays: 1.5 }],
      ["BLOCK_CUTTING_INVALID", cast.administrator, { name: "chain", blockCutting: { messageCountMax: 0 } }],
      ["BLOCK_CUTTING_INVALID", cast.administrator, { name: "chain", blockCutting: { bytesMax: 1_023 } }],
      ["BLOCK_CUTTING_INVALID", cast.administrator, { name: "chain", blockCutting: { timeoutMs: 60_001 } }],
      ["BLOCK_CUTTING_INVALID", cast.administrator, { name: "chain", blockCutting: { timeoutMs: 1.5 } }],
      ["ACCOUNT_UNKNOWN", cast.administrator, { name: "chain", administratorUid: "0" }],
      ["QUOTA_INVALID", cast.administrator, { name: "chain", quotas: { countQuota: -1 } }],
      ["QUOTA_INVALID", cast.administrator, { name: "chain", quotas: { memberQuota: 1.5 } }],
      ["QUOTA_INVALID", cast.administrator, { name: "chain", quotas: { phaseQuota: Number.NaN } }],
      [
        "QUOTA_INVALID",
        cast.administrator,
        { name: "chain", quotas: { capacityQuotaBytes: platformLimits.chainQuotas.capacityQuotaBytes + 1 } },
      ],
    ] as const;
    for (const [code, caller, input] of cases) {
      expect(await codeOf(chains().create(as(caller), input)), JSON.stringify(input)).toBe(code);
    }
    expect(await harness.store.load()).toEqual(before);
  });

  it("needs an account with the service opened as its administrator", async () => {
    const create = (administratorUid: string) =>
      codeOf(chains().create(as(cast.administrator), { name: "chain", administratorUid }));
    expect(await create(cast.memberPrincipal.uid)).toBe("ACCOUNT_KIND_REFUSED");
    expect(await create(cast.unopened.uid)).toBe("SERVICE_NOT_OPENED");
  });

  it("is withdrawn when the ledger refuses its channel", async () => {
    const before = (await harness.store.load()).state;
    harness.ledger.failures.set("createChannel", ledgerError("CONFIG_INVALID"));
    expect(await codeOf(chains().create(as(cast.administrator), { name: "chain" }))).toBe("LEDGER_FAULT");
    expect((await harness.store.load()).state).toEqual(before);
  });

  it("has the quotas of the document's examples, and those that were given", async () => {
    const quotas = { countQuota: 10_000_000, capacityQuotaBytes: 800_000_000_000, memberQuota: 100 };
    const phases = { phaseGroupQuota: 200, phaseQuota: 5 };
    expect(cast.chain.chain).toMatchObject({ ...quotas, ...phases, service: "proof" });
    const given = { memberQuota: 0, phaseQuota: platformLimits.chainQuotas.phaseQuota };
    const { chain } = await chains().create(as(cast.administrator), { name: "chain", quotas: given });
    expect(chain).toMatchObject({ ...quotas, ...phases, ...given });
  });

  it("of a collaboration runs its contract, which knows the administrator before anybody can see the chain", async () => {
    const input = { name: "chain", service: "collaboration" } as const;
    const { chain, role } = await chains().create(as(cast.administrator), input);
    expect([chain.service, role]).toEqual(["collaboration", "administrator"]);
    expect((await harness.ledger.config(chain.channelId)).contracts).toEqual(["collaboration"]);
    expect(await isOpened(chain.channelId, cast.administrator)).toBe(true);
    expect(await isOpened(chain.channelId, cast.stranger)).toBe(false);
  });

  it("of a collaboration that was cut off before its contract was told is finished by the next start", async () => {
    harness.ledger.failures.set("submit", ledgerError("CHANNEL_FAILED"));
    const input = { name: "chain", service: "collaboration" } as const;
    expect(await codeOf(chains().create(as(cast.administrator), input))).toBe("OUTCOME_UNKNOWN");
    const find = async () => (await chains().list(cast.administrator, { name: "chain", page: 1, pageSize: 10 })).items;
    expect(await find()).toEqual([]);
    await harness.restart();
    const [found] = await find();
    expect(await isOpened(found?.chain.channelId ?? "", cast.administrator)).toBe(true);
    // Told already, when only the row did not say so.
    const [row] = (await harness.store.load()).state.chains.filter(({ name }) => name === "chain");
    if (row === undefined) throw new Error("There is no such chain.");
    await harness.commit([{ table: "chains", row: { ...row, status: "creating" } }]);
    await harness.restart();
    expect(await find()).toHaveLength(1);
  });

  it("is hidden while its outcome is unknown, and finished by the next start", async () => {
    harness.ledger.failures.set("createChannel", ledgerError("OUTCOME_UNKNOWN"));
    expect(await codeOf(chains().create(as(cast.administrator), { name: "chain" }))).toBe("OUTCOME_UNKNOWN");
    const find = () => chains().list(cast.administrator, { name: "chain", page: 1, pageSize: 10 });
    expect((await find()).total).toBe(0);
    await harness.restart();
    const [found] = (await find()).items;
    expect(await harness.ledger.status(found?.chain.channelId ?? "")).toMatchObject({ height: 1 });
  });

  it("is finished by the next start when the process ended between the ledger and the store", async () => {
    const row = {
      ...cast.chain.chain,
      bizChainId: "1",
      bizChainCode: "c".repeat(16),
      channelId: "ltl-1",
      status: "creating",
    } as const;
    const uid = cast.administrator.uid;
    const [place] = (await harness.store.load()).state.memberships.filter((each) => each.uid === uid);
    if (place === undefined) throw new Error("The administrator has no place.");
    await harness.commit([
      { table: "chains", row },
      { table: "memberships", row: { ...place, bizChainId: "1", dataTypeCode: "...." } },
    ]);
    await harness.restart();
    expect((await chains().get(cast.administrator, "1")).chain.channelId).toBe("ltl-1");
    // The same with the channel there already.
    await harness.commit([{ table: "chains", row }]);
    await harness.restart();
    expect((await chains().get(cast.administrator, "1")).chain.channelId).toBe("ltl-1");
  });
});

describe("the terms of a chain", () => {
  const update = (changes: ChainUpdate, caller = cast.administrator, bizChainId = cast.otherChain.chain.bizChainId) =>
    chains().update(as(caller), bizChainId, changes);

  it("are set by installation administrators, who need no place on it; what is left out stays", async () => {
    const before = cast.otherChain.chain;
    const expiresMs = harness.clock.nowMs() + 1;
    const changes = { name: "new name", remark: "备注", expiresMs, quotas: { countQuota: 7, memberQuota: 1 } };
    const { quotas, ...terms } = changes;
    expect(await update(changes)).toEqual({ ...before, ...terms, ...quotas });
    expect(await update({ quotas: { phaseQuota: 9 } })).toEqual({ ...before, ...terms, ...quotas, phaseQuota: 9 });
    await harness.restart();
    const seen = await chains().get(cast.stranger, before.bizChainId);
    expect(seen).toMatchObject({ status: "normal", chain: { ...terms, ...quotas, phaseQuota: 9 } });
    harness.clock.advance(1);
    expect((await chains().get(cast.stranger, before.bizChainId)).status).toBe("expired");
    expect(await auditTrail(harness.store, "platform:chain:update")).toMatchObject([
      { resourceId: before.bizChainId, uid: cast.administrator.uid, detail: { ...terms, ...quotas } },
      { detail: { phaseQuota: 9 } },
    ]);
  });

  it("hold from then on: quota, and expiry at once", async () => {
    const { bizChainCode: chainCode, bizChainId } = cast.otherChain.chain;
    const write = (id: number) =>
      codeOf(
        harness.platform.evidence.set(
          cast.stranger,
          { chainCode, key: keyOf(cast.otherChain, id), value: "v" },
          harness.nonce(),
        ),
      );
    expect(await write(1)).toMatchObject({ answered: {} });
    await update({ quotas: { countQuota: 1 } });
    expect(await write(2)).toBe("QUOTA_EXCEEDED");
    await update({ quotas: { countQuota: 2 } });
    expect(await write(2)).toMatchObject({ answered: {} });
    await update({ quotas: { countQuota: 3 }, expiresMs: 0 });
    expect(await write(3)).toBe("CHAIN_EXPIRED");
    expect((await chains().get(cast.stranger, bizChainId)).status).toBe("expired");
  });

  it("are refused with the reason, and stay", async () => {
    const before = (await harness.store.load()).state;
    const cases: readonly (readonly [string, ChainUpdate])[] = [
      ["CHAIN_NAME_INVALID", { name: "" }],
      ["REMARK_INVALID", { remark: "x".repeat(101) }],
      ["VALIDITY_INVALID", { expiresMs: -1 }],
      ["VALIDITY_INVALID", { expiresMs: 1.5 }],
      ["VALIDITY_INVALID", { expiresMs: harness.clock.nowMs() + 36_500 * 86_400_000 + 1 }],
      ["QUOTA_INVALID", { quotas: { phaseGroupQuota: -1 } }],
    ];
    for (const [code, changes] of cases) expect(await codeOf(update(changes)), JSON.stringify(changes)).toBe(code);
    for (const caller of [cast.stranger, cast.memberAccount, cast.memberPrincipal]) {
      expect(await codeOf(update({ remark: "mine" }, caller))).toBe("ACCESS_DENIED");
    }
    expect(await codeOf(update({}, cast.stranger, "0"))).toBe("ACCESS_DENIED");
    expect(await codeOf(update({}, cast.administrator, "0"))).toBe("CHAIN_UNKNOWN");
    expect((await harness.store.load()).state).toEqual(before);
  });
});

it("lists the caller's chains by ascending id, filters by exact name and service, pages", async () => {
  for (const name of ["aa", "bb", "aa"]) await chains().create(as(cast.administrator), { name });
  const list = (input: { service?: ChainService; name?: string; page: number; pageSize: number }) =>
    chains().list(cast.administrator, input);
  const all = await list({ page: 1, pageSize: 100 });
  const ids = all.items.map(({ chain }) => chain.bizChainId);
  // Three and the two of the first run.
  expect(all.total).toBe(5);
  expect(ids).toEqual([...ids].sort());
  expect((await list({ name: "aa", page: 1, pageSize: 10 })).total).toBe(2);
  expect((await list({ name: "a", page: 1, pageSize: 10 })).total).toBe(0);
  const collaborations = await list({ service: "collaboration", page: 1, pageSize: 10 });
  expect(collaborations).toMatchObject({ total: 1, items: [{ chain: { name: "collaboration-chain" } }] });
  expect((await list({ service: "proof", page: 1, pageSize: 10 })).total).toBe(4);
  expect((await list({ service: "collaboration", name: "aa", page: 1, pageSize: 10 })).total).toBe(0);
  expect((await list({ page: 2, pageSize: 3 })).items.map(({ chain }) => chain.bizChainId)).toEqual(ids.slice(3));
  expect(await codeOf(list({ page: 0, pageSize: 1 }))).toBe("PAGE_INVALID");
  expect(await codeOf(chains().list(cast.unopened, { page: 1, pageSize: 1 }))).toBe("SERVICE_NOT_OPENED");
  expect(await chains().list(cast.memberPrincipal, { page: 1, pageSize: 10 })).toMatchObject({
    total: 1,
    items: [{ role: "member", dataTypeCode: cast.member.dataTypeCode }],
  });
});

it("tells of a chain to who is on it", async () => {
  const { bizChainId } = cast.chain.chain;
  expect(await chains().get(cast.memberPrincipal, bizChainId)).toMatchObject({ role: "member", status: "normal" });
  expect(await codeOf(chains().get(cast.stranger, bizChainId))).toBe("ACCESS_DENIED");
  expect(await codeOf(chains().usage(cast.memberAccount, bizChainId))).toBe("ACCOUNT_KIND_REFUSED");
  expect(await codeOf(chains().usage(cast.stranger, "0"))).toBe("CHAIN_UNKNOWN");
});

it("counts the caller's own share of a chain", async () => {
  const write = (uid: typeof cast.administrator, key: string, value: string) =>
    harness.platform.evidence.set(uid, { chainCode: cast.chain.chain.bizChainCode, key, value }, harness.nonce());
  await write(cast.administrator, keyOf(cast.chain, 1), "12345");
  await write(cast.memberPrincipal, keyOf(cast.member, 1), "123");
  expect(await chains().usage(cast.memberPrincipal, cast.chain.chain.bizChainId)).toEqual({
    usedCount: 2,
    usedCapacityBytes: 8,
    memberUsedCount: 1,
    memberUsedCapacityBytes: 3,
  });
  const { chain } = (await harness.bootstrap()).collaborationChain;
  const { bizChainId } = chain;
  expect(await chains().usage(cast.administrator, bizChainId)).toMatchObject({ usedCount: 0, usedCapacityBytes: 0 });
  const { collaboration } = harness.platform;
  const input = { bizChainId, name: "group" };
  const { phaseGroupId } = await collaboration.createGroup(cast.administrator, input, harness.nonce());
  const phase = { bizChainId, phaseGroupId, name: "phase" };
  const { phaseId } = await collaboration.createPhase(cast.administrator, phase, harness.nonce());
  const items = [{ dataKey: "key", phaseData: "12345" }];
  const upload = { bizChainId, phaseGroupId, phaseId, kind: "text", items, isBatch: false } as const;
  await collaboration.upload(cast.administrator, upload, harness.nonce());
  expect(await chains().usage(cast.administrator, bizChainId)).toEqual({
    usedCount: 1,
    usedCapacityBytes: 5,
    memberUsedCount: 1,
    memberUsedCapacityBytes: 5,
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../ports.ts";
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
    const membership = {
      bizChainId: "1",
      uid,
      role: "administrator",
      dataTypeCode: "....",
      status: "active",
      createdMs: 1,
    } as const;
    await harness.commit([
      { table: "chains", row },
      { table: "memberships", row: membership },
    ]);
    await harness.restart();
    expect((await chains().get(cast.administrator, "1")).chain.channelId).toBe("ltl-1");
    // The same with the channel there already.
    await harness.commit([{ table: "chains", row }]);
    await harness.restart();
    expect((await chains().get(cast.administrator, "1")).chain.channelId).toBe("ltl-1");
  });
});

describe("members", () => {
  const addMember = (memberUid: string, caller = cast.administrator) =>
    chains().addMember(as(caller), { bizChainId: cast.chain.chain.bizChainId, memberUid });

  it("bring their organization on the channel once", async () => {
    const { channelId } = cast.chain.chain;
    const before = await harness.ledger.status(channelId);
    expect(before.organizations.map(({ mspId }) => mspId)).toEqual([
      cast.administrator.mspId,
      cast.memberAccount.mspId,
    ]);
    const second = await harness.platform.accounts.createRamUser(as(cast.administrator), {
      accountUid: cast.memberAccount.uid,
      name: "second",
    });
    const { dataTypeCode, role } = await addMember(second.principal.uid);
    expect(role).toBe("member");
    expect(dataTypeCode).not.toBe(cast.member.dataTypeCode);
    expect((await harness.ledger.status(channelId)).configSequence).toBe(before.configSequence);
  });

  it("are refused with the reason", async () => {
    expect(await codeOf(addMember("0"))).toBe("ACCOUNT_UNKNOWN");
    expect(await codeOf(addMember(cast.stranger.uid))).toBe("ACCOUNT_KIND_REFUSED");
    expect(await codeOf(addMember(cast.memberPrincipal.uid))).toBe("MEMBER_EXISTS");
    expect(await codeOf(addMember(cast.memberPrincipal.uid, cast.stranger))).toBe("ACCESS_DENIED");
    expect(await codeOf(addMember(cast.memberPrincipal.uid, cast.memberPrincipal))).toBe("ACCESS_DENIED");
    expect(await codeOf(chains().addMember(as(cast.administrator), { bizChainId: "0", memberUid: "0" }))).toBe(
      "CHAIN_UNKNOWN",
    );
  });

  it("who failed to join can be added again, or join at the next start", async () => {
    const { principal } = await harness.platform.accounts.createRamUser(as(cast.administrator), {
      accountUid: cast.stranger.uid,
      name: "late",
    });
    harness.ledger.failures.set("updateChannel", ledgerError("CHANNEL_FAILED"));
    expect(await codeOf(addMember(principal.uid))).toBe("LEDGER_UNAVAILABLE");
    const key = { chainCode: cast.chain.chain.bizChainCode, key: keyOf(cast.chain, 1) };
    expect(await codeOf(harness.platform.evidence.get(principal, key))).toBe("ACCESS_DENIED");
    await harness.restart();
    expect(await codeOf(harness.platform.evidence.get(principal, key))).toBe("EVIDENCE_UNKNOWN");
    expect(await codeOf(addMember(principal.uid))).toBe("MEMBER_EXISTS");
    const { organizations } = await harness.ledger.status(cast.chain.chain.channelId);
    expect(organizations.map(({ mspId }) => mspId)).toContain(cast.stranger.mspId);
  });

  it("of different organizations can join at the same time", async () => {
    const { accounts } = harness.platform;
    const users = await Promise.all(
      ["one", "two", "three"].map(async (name) => {
        const { principal: account } = await accounts.createAccount(as(cast.administrator), { name });
        return accounts.createRamUser(as(cast.administrator), { accountUid: account.uid, name: "user" });
      }),
    );
    await Promise.all(users.map(({ principal }) => addMember(principal.uid)));
    expect((await harness.ledger.status(cast.chain.chain.channelId)).organizations).toHaveLength(5);
  });
});

it("lists the caller's chains by ascending id, filters by exact name, pages", async () => {
  for (const name of ["aa", "bb", "aa"]) await chains().create(as(cast.administrator), { name });
  const list = (input: { name?: string; page: number; pageSize: number }) => chains().list(cast.administrator, input);
  const all = await list({ page: 1, pageSize: 100 });
  const ids = all.items.map(({ chain }) => chain.bizChainId);
  expect(all.total).toBe(4);
  expect(ids).toEqual([...ids].sort());
  expect((await list({ name: "aa", page: 1, pageSize: 10 })).total).toBe(2);
  expect((await list({ name: "a", page: 1, pageSize: 10 })).total).toBe(0);
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
});

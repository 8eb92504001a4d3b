import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlatformErrorCode, Principal } from "../ports.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let code: string;

beforeAll(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  code = cast.chain.chain.bizChainCode;
});
afterAll(() => harness.dispose());

const evidence = () => harness.platform.evidence;
const write = (caller: Principal, key: string, value: string, chainCode = code) =>
  evidence().set(caller, { chainCode, key, value }, harness.nonce());
const attach = (caller: Principal, key: string, value: string, businessId?: string) =>
  evidence().attach(
    caller,
    { chainCode: code, key, value, ...(businessId === undefined ? {} : { businessId }) },
    harness.nonce(),
  );
const read = (caller: Principal, key: string, chainCode = code) => evidence().get(caller, { chainCode, key });
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the rules, in their order", () => {
  type Fault = readonly [expected: PlatformErrorCode, change: (call: Call) => Call];
  interface Call {
    readonly caller: Principal;
    readonly chainCode: string;
    readonly key: string;
    readonly value: string;
    readonly businessId?: string;
  }

  /** Each fault leaves those after it in place: so the one that answers must come before them. */
  const faults = (): readonly Fault[] => [
    ["SERVICE_NOT_OPENED", (call) => ({ ...call, caller: cast.unopened })],
    ["CHAIN_CODE_MALFORMED", (call) => ({ ...call, chainCode: "short" })],
    ["EVIDENCE_KEY_MALFORMED", (call) => ({ ...call, key: `0003${call.key.slice(4)}` })],
    ["VALUE_EMPTY", (call) => ({ ...call, value: "" })],
    ["BUSINESS_ID_MALFORMED", (call) => ({ ...call, businessId: "xyz" })],
    ["CHAIN_CODE_MISMATCH", (call) => (call.chainCode === "short" ? call : { ...call, chainCode: "0".repeat(16) })],
    [
      "DATA_TYPE_FOREIGN",
      (call) => ({ ...call, key: call.key.replace(/_[0-9A-Z]{4}_/, `_${cast.otherChain.dataTypeCode}_`) }),
    ],
    ["ACCESS_DENIED", (call) => (call.caller === cast.unopened ? call : { ...call, caller: cast.stranger })],
  ];

  it.each(Array.from({ length: 8 }, (_, index) => index))("fault %i answers before all later ones", async (index) => {
    const good: Call = { caller: cast.administrator, chainCode: code, key: keyOf(cast.chain, "rules"), value: "v" };
    const applied = faults().slice(index);
    // Applied from the last to the first, so that an earlier fault has the last word on a field that both change.
    const { caller, ...input } = applied.reduceRight((call, [, change]) => change(call), good);
    expect(await codeOf(evidence().attach(caller, input, harness.nonce()))).toBe(applied[0]?.[0]);
  });

  it("tells an unknown data-type code from one of another chain", async () => {
    const free = ["AAAA", "ZZZZ", "0000"].find(
      (type) => ![cast.chain, cast.member, cast.otherChain].some(({ dataTypeCode }) => dataTypeCode === type),
    );
    expect(await codeOf(write(cast.administrator, `0001_${code}_${free}_1`, "v"))).toBe("DATA_TYPE_UNKNOWN");
    const foreign = `0001_${code}_${cast.otherChain.dataTypeCode}_1`;
    expect(await codeOf(read(cast.administrator, foreign))).toBe("DATA_TYPE_FOREIGN");
  });

  it("refuses an account that takes part only through its RAM users", async () => {
    expect(await codeOf(write(cast.memberAccount, keyOf(cast.member, 1), "v"))).toBe("ACCOUNT_KIND_REFUSED");
    expect(await codeOf(read(cast.memberAccount, keyOf(cast.member, 1)))).toBe("ACCOUNT_KIND_REFUSED");
  });

  it("lets a member read the whole chain, and write under its own data-type code only", async () => {
    await write(cast.administrator, keyOf(cast.chain, "shared"), "from the administrator");
    await write(cast.memberPrincipal, keyOf(cast.member, "own"), "from the member");
    expect(await read(cast.memberPrincipal, keyOf(cast.chain, "shared"))).toMatchObject({
      value: "from the administrator",
    });
    expect(await codeOf(write(cast.memberPrincipal, keyOf(cast.chain, "forged"), "v"))).toBe("ACCESS_DENIED");
    expect(await read(cast.administrator, keyOf(cast.member, "own"))).toMatchObject({
      value: "from the member",
      writerUid: cast.memberPrincipal.uid,
    });
    expect(
      await write(cast.administrator, keyOf(cast.member, "by the administrator".replaceAll(" ", "-")), "v"),
    ).toMatchObject({ txIds: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
  });

  it("reads keys of version 0002 and writes none", async () => {
    const key = `0002${keyOf(cast.chain, 1).slice(4)}`;
    expect(await codeOf(read(cast.administrator, key))).toBe("EVIDENCE_UNKNOWN");
    expect(await codeOf(write(cast.administrator, key, "v"))).toBe("EVIDENCE_KEY_MALFORMED");
  });
});

describe("writes and reads", () => {
  it("answers the transaction that wrote, and the record's block", async () => {
    const key = keyOf(cast.chain, "block");
    const { txIds } = await write(cast.administrator, key, "value");
    const data = await evidence().blockData(cast.administrator, { chainCode: code, key });
    expect(data).toMatchObject({ record: { txId: txIds[0], value: "value" }, chainName: "proof-chain" });
    expect([...data.organizationNames].sort()).toEqual(["administrator", "member-company"]);
    expect(data.block.headerHash).toContain("header");
  });

  it("names the organizations that were on the channel at the record's block, reading the trust once", async () => {
    const { chain } = cast.otherChain;
    const record = (id: string) => ({ chainCode: chain.bizChainCode, key: keyOf(cast.otherChain, id) });
    const namesOf = async (id: string) =>
      (await evidence().blockData(cast.stranger, record(id))).organizationNames.toSorted();
    const trustReads = () => harness.ledger.calls.filter((call) => call === `trust ${chain.channelId}`).length;
    const before = trustReads();
    await write(cast.stranger, record("before").key, "v", chain.bizChainCode);
    expect(await namesOf("before")).toEqual(["stranger"]);
    await harness.platform.members.create(harness.callerOf(cast.stranger), {
      bizChainId: chain.bizChainId,
      uid: cast.memberPrincipal.uid,
    });
    await write(cast.stranger, record("after").key, "v", chain.bizChainCode);
    for (const _ of ["first", "second"]) {
      expect(await namesOf("after")).toEqual(["member-company", "stranger"]);
      expect(await namesOf("before")).toEqual(["stranger"]);
    }
    // Once for each configuration.
    expect(trustReads() - before).toBe(2);
  });

  it("asks for the trust again when reading it failed", async () => {
    const own = await Harness.start();
    const { accessKey, proofChain } = await own.bootstrap();
    const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, 1) };
    await own.platform.evidence.set(accessKey.principal, { ...input, value: "v" }, own.nonce());
    own.ledger.failures.set("trust", ledgerError("CHANNEL_FAILED"));
    const read = () => own.platform.evidence.blockData(accessKey.principal, input);
    expect(await codeOf(read())).toBe("LEDGER_UNAVAILABLE");
    expect((await read()).organizationNames).toEqual(["administrator"]);
    await own.dispose();
  });

  it("writes a batch in one transaction and reads its items", async () => {
    const items = [1, 2].map((id) => ({ Key: keyOf(cast.chain, `item-${id}`), Value: `value ${id}` }));
    const outer = keyOf(cast.chain, "outer");
    const { txIds } = await write(cast.administrator, outer, JSON.stringify(items));
    expect(txIds).toHaveLength(1);
    expect(await read(cast.administrator, keyOf(cast.chain, "item-2"))).toMatchObject({
      value: "value 2",
      txId: txIds[0],
    });
    expect((await read(cast.administrator, outer)).value).toBe(JSON.stringify(items));
  });

  it("pages history newest first with block and rank", async () => {
    const key = keyOf(cast.chain, "history");
    const txIds: string[] = [];
    for (const value of ["a", "b", "c"]) txIds.push(...(await attach(cast.administrator, key, value)).txIds);
    const page = await evidence().history(cast.administrator, { chainCode: code, key, page: 1, pageSize: 2 });
    expect(page).toMatchObject({ total: 3, chainName: "proof-chain" });
    expect(page.records.map(({ value, rank, txId }) => [value, rank, txId])).toEqual([
      ["c", 1, txIds[2]],
      ["b", 2, txIds[1]],
    ]);
    expect(page.records[0]?.block).toBeGreaterThan(page.records[1]?.block ?? 0);
    const second = await evidence().history(cast.administrator, { chainCode: code, key, page: 2, pageSize: 2 });
    expect(second.records).toMatchObject([{ value: "a", rank: 3 }]);
    expect(await evidence().historyCount(cast.administrator, { chainCode: code, key })).toBe(3);
    const nowMs = harness.clock.nowMs();
    const before = { startMs: nowMs - 10, endMs: nowMs - 1 };
    expect(await evidence().historyCount(cast.administrator, { chainCode: code, key, window: before })).toBe(0);
  });

  it("finds records by the digest of their value, on one chain", async () => {
    await write(cast.administrator, keyOf(cast.chain, "digest"), "needle");
    const found = await evidence().findByDigest(cast.memberPrincipal, {
      chainCode: code,
      digest: sha256("needle").toUpperCase(),
    });
    expect(found).toMatchObject([{ key: keyOf(cast.chain, "digest") }]);
    const otherCode = cast.otherChain.chain.bizChainCode;
    expect(await evidence().findByDigest(cast.stranger, { chainCode: otherCode, digest: sha256("needle") })).toEqual(
      [],
    );
    expect(await codeOf(evidence().findByDigest(cast.stranger, { chainCode: code, digest: sha256("needle") }))).toBe(
      "ACCESS_DENIED",
    );
    expect(await codeOf(evidence().findByDigest(cast.stranger, { chainCode: "0".repeat(16), digest: "" }))).toBe(
      "CHAIN_UNKNOWN",
    );
    expect(await codeOf(evidence().findByDigest(cast.stranger, { chainCode: "0", digest: "" }))).toBe(
      "CHAIN_CODE_MALFORMED",
    );
    expect(await codeOf(evidence().findByDigest(cast.administrator, { chainCode: code, digest: "12" }))).toBe(
      "DIGEST_MALFORMED",
    );
  });

  it("refuses reads and attachments while a write of the key is in flight", async () => {
    const key = keyOf(cast.chain, "flight");
    let release = () => {};
    harness.ledger.hold = new Promise((resolve) => {
      release = resolve;
    });
    const writing = write(cast.administrator, key, "v");
    await expect.poll(() => codeOf(read(cast.administrator, key))).toBe("EVIDENCE_IN_FLIGHT");
    expect(await codeOf(attach(cast.administrator, key, "w"))).toBe("EVIDENCE_IN_FLIGHT");
    release();
    await writing;
    expect(await read(cast.administrator, key)).toMatchObject({ value: "v" });
  });
});

describe("refusals of batch, contract and ledger", () => {
  const batch = (...items: readonly (readonly [key: string, value: string])[]) =>
    JSON.stringify(items.map(([key, value]) => ({ key, value })));
  const key = (id: string | number) => keyOf(cast.chain, id);

  it.each<[PlatformErrorCode, () => Promise<unknown>]>([
    ["VALUE_TOO_LONG", () => write(cast.administrator, key(1), "x".repeat(257))],
    ["VALUE_MALFORMED", () => write(cast.administrator, key(1), "\ud800")],
    ["VALUE_TOO_LONG", () => attach(cast.administrator, key(1), "é".repeat(129))],
    ["BATCH_MIXED", () => write(cast.administrator, key(1), batch([keyOf(cast.member, 2), "v"]))],
    ["BATCH_KEY_REPEATED", () => write(cast.administrator, key(1), batch([key(2), "v"], [key(2), "w"]))],
    [
      "BATCH_TOO_LARGE",
      () => write(cast.administrator, key("o"), batch(...Array.from({ length: 51 }, (_, i) => [key(i), "v"] as const))),
    ],
    ["BATCH_VALUE_TOO_LONG", () => write(cast.administrator, key(1), batch([key(2), "x".repeat(257)]))],
    ["VALUE_EMPTY", () => write(cast.administrator, key(1), batch([key(2), ""]))],
    ["KEY_EXISTS", () => write(cast.administrator, key("block"), "again")],
    ["BATCH_KEY_EXISTS", () => write(cast.administrator, key(1), batch([key("block"), "v"]))],
    ["EVIDENCE_UNKNOWN", () => read(cast.administrator, key("absent"))],
    [
      "WINDOW_INVALID",
      () =>
        evidence().historyCount(cast.administrator, { chainCode: code, key: key(1), window: { startMs: 2, endMs: 1 } }),
    ],
    [
      "PAGE_INVALID",
      () => evidence().history(cast.administrator, { chainCode: code, key: key(1), page: 1, pageSize: 101 }),
    ],
  ])("%s", async (expected, call) => {
    const { channelId } = cast.chain.chain;
    const before = await harness.ledger.stateHash(channelId);
    expect(await codeOf(call())).toBe(expected);
    expect(await harness.ledger.stateHash(channelId)).toBe(before);
  });

  it("refuses a business id that was used on the key", async () => {
    await attach(cast.administrator, key("business"), "v", "a".repeat(64));
    expect(await codeOf(attach(cast.administrator, key("business"), "w", "a".repeat(64)))).toBe("BUSINESS_ID_EXISTS");
  });

  it.each([
    ["OVERLOADED", "OVERLOADED"],
    ["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"],
    ["CHANNEL_FAILED", "LEDGER_UNAVAILABLE"],
    ["CHANNEL_READ_ONLY", "LEDGER_UNAVAILABLE"],
    ["CLOSED", "LEDGER_UNAVAILABLE"],
    ["CONTRACT_FAILED", "LEDGER_FAULT"],
  ] as const)("says the ledger's %s as %s", async (ledgerCode, expected) => {
    harness.ledger.failures.set("submit", ledgerError(ledgerCode));
    expect(await codeOf(write(cast.administrator, key(`fails-${ledgerCode}`), "v"))).toBe(expected);
  });

  it("lets a defect through as it is", async () => {
    const defect = new TypeError("a defect");
    harness.ledger.failures.set("submit", defect);
    expect(await codeOf(write(cast.administrator, key("defect"), "v"))).toBe(defect);
  });
});

it("takes no more writes on a chain that has expired, and still reads it", async () => {
  const own = await Harness.start({ chains: { validDays: 1 } });
  const { accessKey, proofChain } = await own.bootstrap();
  const input = { chainCode: proofChain.chain.bizChainCode, key: keyOf(proofChain, 1), value: "v" };
  await own.platform.evidence.set(accessKey.principal, input, own.nonce());
  own.clock.advance(86_400_000);
  const late = { ...input, key: keyOf(proofChain, 2) };
  expect(await codeOf(own.platform.evidence.set(accessKey.principal, late, own.nonce()))).toBe("CHAIN_EXPIRED");
  expect(await own.platform.evidence.get(accessKey.principal, input)).toMatchObject({ value: "v" });
  expect((await own.platform.chains.get(accessKey.principal, proofChain.chain.bizChainId)).status).toBe("expired");
  await own.dispose();
});

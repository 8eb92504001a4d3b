import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlacedPhaseRecord } from "./ports.ts";
import { openRice, type Rice, relatedTo, sha256 } from "./rice.fixture.ts";

let rice: Rice;
beforeAll(async () => {
  rice = await openRice();
});
afterAll(() => rice.close());

const key = (letter: string) => `${letter}${"0".repeat(62)}1`;
const sequence = `${"0".repeat(63)}1`;
const grown = { dataKey: key("A"), dataSeq: sequence, phaseData: '{"地块" : "P4"}' };
const milled = { dataKey: key("B"), dataSeq: sequence, phaseData: '{"大米加工" : "97E6FBCE"}' };
const sold = { dataKey: key("C"), dataSeq: sequence, phaseData: '{"大米销售编号" : "39766baf"}' };

const find = (phaseId: string, dataKey: string, dataSeq?: string) => {
  const { bizChainId, phaseGroupId } = rice;
  return { bizChainId, phaseGroupId, phaseId, dataKey, ...(dataSeq === undefined ? {} : { dataSeq }) };
};

it("takes rice from the field to the shop", async () => {
  const { phases, members, administrator, bizChainId, phaseGroupId } = rice;
  const { grower, mill, shop } = members;
  for (const [{ memberId }, phaseId] of [
    [grower, phases.grown],
    [mill, phases.milled],
    [shop, phases.sold],
  ] as const) {
    expect(await rice.grant(memberId, [phaseId])).toEqual({ txIds: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
  }
  const access = await rice
    .collaboration()
    .access(administrator, { bizChainId, memberId: mill.memberId, phaseGroupId });
  expect(access).toEqual({
    authorized: [{ phaseId: phases.milled, name: "大米加工" }],
    unauthorized: [
      { phaseId: phases.grown, name: "大米生产" },
      { phaseId: phases.sold, name: "大米销售" },
    ],
  });
  const listed = await rice.collaboration().listPhases(shop.principal, { ...rice, page: 1, pageSize: 10 });
  expect(listed.items.map(({ phaseId, writable }) => [phaseId, writable])).toEqual([
    [phases.grown, false],
    [phases.milled, false],
    [phases.sold, true],
  ]);

  const first = await rice.upload(grower.principal, phases.grown, [grown]);
  const second = await rice.upload(mill.principal, phases.milled, [
    { ...milled, related: [relatedTo(phases.grown, grown)] },
  ]);
  // The key as describe answers it, in full.
  const fullKey = (await rice.collaboration().describe(shop.principal, find(phases.milled, milled.dataKey))).record
    .related[0]?.fullKey;
  expect(fullKey).toMatch(new RegExp(`^0002_${rice.chain.bizChainCode}_[0-9A-Z]{4}_${grown.dataKey}$`));
  const third = await rice.upload(shop.principal, phases.sold, [
    {
      ...sold,
      related: [relatedTo(phases.milled, milled), { ...relatedTo(phases.grown, grown), dataKey: fullKey ?? "" }],
    },
  ]);

  const at = (phaseId: string, dataKey: string) =>
    rice.collaboration().describe(grower.principal, find(phaseId, dataKey, sequence));
  const blockOf = async (txId = "") => (await rice.opened.ledger.transaction(rice.chain.channelId, txId)).block;
  expect(await at(phases.grown, grown.dataKey)).toEqual({
    record: {
      phaseGroupId,
      phaseId: phases.grown,
      phaseName: "大米生产",
      dataKey: grown.dataKey,
      dataSeq: sequence,
      kind: "text",
      value: grown.phaseData,
      digest: sha256(grown.phaseData),
      writerUid: grower.principal.uid,
      iotId: "",
      productKey: "",
      txId: first.txIds[0],
      timestampMs: rice.clock.nowMs(),
      related: [],
    },
    block: await blockOf(first.txIds[0]),
  });
  expect(await at(phases.sold, sold.dataKey)).toMatchObject({
    record: {
      txId: third.txIds[0],
      related: [
        {
          phaseId: phases.milled,
          phaseName: "大米加工",
          dataKey: milled.dataKey,
          dataSeq: sequence,
          digest: sha256(milled.phaseData),
        },
        { phaseId: phases.grown, dataKey: grown.dataKey, fullKey, digest: sha256(grown.phaseData) },
      ],
    },
    block: { previousHash: (await blockOf(second.txIds[0])).headerHash },
  });
});

it("takes digests, whose data a later upload may give in either form", async () => {
  const { phases, administrator } = rice;
  const photo = { dataKey: "photo", phaseData: sha256("the picture").toUpperCase() };
  await rice.upload(administrator, phases.grown, [photo], { kind: "digest" });
  for (const phaseData of [photo.phaseData, photo.phaseData.toLowerCase(), "the picture"]) {
    const related = [{ phaseId: phases.grown, dataKey: "photo", phaseData }];
    await rice.upload(administrator, phases.milled, [{ dataKey: "about", phaseData: "x", related }]);
  }
  const { record } = await rice.collaboration().describe(administrator, find(phases.grown, "photo"));
  expect(record).toMatchObject({ kind: "digest", value: photo.phaseData, digest: sha256("the picture") });
  const other = [{ phaseId: phases.grown, dataKey: "photo", phaseData: "another picture" }];
  const call = () => rice.upload(administrator, phases.milled, [{ dataKey: "wrong", phaseData: "x", related: other }]);
  expect(await rice.refusal(call)).toBe("RELATED_DATA_REFUSED");
});

it("writes a batch in one transaction, with items that refer to earlier ones", async () => {
  const { phases, administrator } = rice;
  const sack = { dataKey: "sack", dataSeq: "1", phaseData: "one sack" };
  const items = [sack, { dataKey: "sack", phaseData: "two sacks", related: [relatedTo(phases.grown, sack)] }];
  const { txIds } = await rice.upload(administrator, phases.grown, items, { isBatch: true });
  expect(txIds).toHaveLength(1);
  const { record } = await rice.collaboration().describe(administrator, find(phases.grown, "sack"));
  expect(record).toMatchObject({
    value: "two sacks",
    dataSeq: sha256(`${txIds[0]}:1`),
    related: [{ dataKey: "sack", dataSeq: "1" }],
  });
});

describe("keys in full", () => {
  it("find what they name, and nothing in another phase", async () => {
    const { phases, administrator, collaboration } = rice;
    const item = { dataKey: "full", phaseData: "x" };
    for (const phaseId of [phases.grown, phases.milled]) await rice.upload(administrator, phaseId, [item]);
    const uses = { dataKey: "uses", phaseData: "y", related: [relatedTo(phases.grown, item)] };
    await rice.upload(administrator, phases.sold, [uses]);
    const { record } = await collaboration().describe(administrator, find(phases.sold, "uses"));
    const fullKey = record.related[0]?.fullKey ?? "";
    const here = find(phases.grown, fullKey);
    const elsewhere = find(phases.milled, fullKey);
    expect(await collaboration().describe(administrator, here)).toMatchObject({ record: { dataKey: "full" } });
    expect(await rice.refusal(() => collaboration().describe(administrator, elsewhere))).toBe("PHASE_DATA_UNKNOWN");
    const graph = { withReceipts: false };
    expect((await collaboration().provenance(administrator, here, graph)).nodes).toHaveLength(1);
    expect(await rice.refusal(() => collaboration().provenance(administrator, elsewhere, graph))).toBe(
      "PHASE_DATA_UNKNOWN",
    );
    const page = { window: { startMs: 0, endMs: rice.clock.nowMs() }, page: 1, pageSize: 10 };
    const total = async (name: typeof here) =>
      (await collaboration().history(administrator, { ...name, ...page })).total;
    expect([await total(here), await total(elsewhere)]).toEqual([1, 0]);

    const related = (phaseId: string) => [{ ...relatedTo(phaseId, item), dataKey: fullKey }];
    const refer = (phaseId: string) => () =>
      rice.upload(administrator, phases.sold, [{ dataKey: "z", phaseData: "z", related: related(phaseId) }]);
    expect(await rice.refusal(refer(phases.milled))).toBe("RELATED_DATA_REFUSED");
    await refer(phases.grown)();
    const named = () => rice.upload(administrator, phases.grown, [{ ...item, dataKey: fullKey }]);
    expect(await rice.refusal(named)).toBe("PHASE_DATA_KEY_MALFORMED");
  });
});

describe("history", () => {
  it("shows the window's records newest first, page by page, with their blocks", async () => {
    const { phases, administrator, clock, collaboration } = rice;
    const times: number[] = [];
    const txIds: string[] = [];
    for (const phaseData of ["1", "2", "3", "4", "5"]) {
      clock.advance(1_000);
      times.push(clock.nowMs());
      const { txIds: written } = await rice.upload(administrator, phases.sold, [{ dataKey: "history", phaseData }]);
      txIds.push(...written);
    }
    const [, second = 0, , fourth = 0] = times;
    const read = (startMs: number, endMs: number, page = 1, pageSize = 10) =>
      collaboration().history(administrator, {
        ...find(phases.sold, "history"),
        window: { startMs, endMs },
        page,
        pageSize,
      });
    const values = ({ items }: { items: readonly PlacedPhaseRecord[] }) => items.map(({ record }) => record.value);
    expect(values(await read(second, fourth))).toEqual(["4", "3", "2"]);
    expect(values(await read(second + 1, fourth - 1))).toEqual(["3"]);
    expect(await read(0, second - 1_001)).toEqual({ total: 0, items: [] });
    const page = await read(0, clock.nowMs(), 2, 2);
    expect([page.total, values(page)]).toEqual([5, ["3", "2"]]);
    expect((await read(0, clock.nowMs(), 4, 2)).items).toEqual([]);
    const { block } = await rice.opened.ledger.transaction(rice.chain.channelId, txIds[2] ?? "");
    expect(page.items[0]).toMatchObject({ record: { txId: txIds[2] }, block });
    // A key that is not there has no history.
    const absent = { ...find(phases.sold, "absent"), window: { startMs: 0, endMs: 1 }, page: 1, pageSize: 1 };
    expect(await collaboration().history(administrator, absent)).toEqual({ total: 0, items: [] });
  });
});

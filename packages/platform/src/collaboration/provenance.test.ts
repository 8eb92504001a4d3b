import { afterAll, beforeAll, expect, it } from "vitest";
import type { PhaseDataItem, Provenance } from "./ports.ts";
import { openRice, type Rice, relatedTo } from "./rice.fixture.ts";

let rice: Rice;
beforeAll(async () => {
  rice = await openRice({}, ["shop"]);
});
afterAll(() => rice.close());

const of = (phaseId: string, dataKey: string, options: { withReceipts: boolean; limit?: number }) => {
  const { bizChainId, phaseGroupId, members } = rice;
  return rice
    .collaboration()
    .provenance(members.shop.principal, { bizChainId, phaseGroupId, phaseId, dataKey }, options);
};
const keysOf = ({ nodes }: Provenance) => nodes.map(({ record }) => record.dataKey);

it("shows a diamond breadth first, each record once with its block and receipt", async () => {
  const { administrator, phases, chain, opened } = rice;
  const write = async (phaseId: string, item: PhaseDataItem) => rice.upload(administrator, phaseId, [item]);
  const field = { dataKey: "field", phaseData: "one field" };
  await write(phases.grown, field);
  const halves = ["left", "right"].map((dataKey) => ({ dataKey, phaseData: `${dataKey} half` }));
  const related = [relatedTo(phases.grown, field)];
  // Both in one transaction: one look-up of the ledger for two nodes.
  const batch = halves.map((half) => ({ ...half, related }));
  await rice.upload(administrator, phases.milled, batch, { isBatch: true });
  const mixed = halves.map((half) => relatedTo(phases.milled, half));
  await write(phases.sold, { dataKey: "bag", phaseData: "both", related: [...mixed, ...related] });

  const graph = await of(phases.sold, "bag", { withReceipts: true });
  expect(graph.complete).toBe(true);
  expect(keysOf(graph)).toEqual(["bag", "left", "right", "field"]);
  for (const { record, block, receipt } of graph.nodes) {
    expect(receipt).toEqual(await opened.ledger.receipt(chain.channelId, record.txId));
    expect(block).toBe((await opened.ledger.transaction(chain.channelId, record.txId)).block.number);
  }
  const plain = await of(phases.sold, "bag", { withReceipts: false });
  expect(plain.nodes).toEqual(graph.nodes.map(({ record, block }) => ({ record, block })));
  expect(keysOf(await of(phases.milled, "right", { withReceipts: false }))).toEqual(["right", "field"]);

  const cut = await of(phases.sold, "bag", { withReceipts: true, limit: 3 });
  expect([cut.complete, keysOf(cut)]).toEqual([false, ["bag", "left", "right"]]);
});

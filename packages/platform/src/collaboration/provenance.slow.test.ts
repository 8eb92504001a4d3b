import { expect, it } from "vitest";
import type { PhaseDataItem } from "./ports.ts";
import { openRice, relatedTo } from "./rice.fixture.ts";

const RECORDS = 1_000;

it("follows a chain of a thousand records, each in a block of its own, to its beginning", async () => {
  const rice = await openRice({}, []);
  const { administrator, bizChainId, phaseGroupId, phases } = rice;
  const phaseIds = Object.values(phases);
  const phaseOf = (at: number) => phaseIds[at % phaseIds.length] ?? "";
  let before: PhaseDataItem | undefined;
  for (let at = 0; at < RECORDS; at++) {
    const item = { dataKey: `record-${at}`, phaseData: `the record number ${at}` };
    const related = before === undefined ? [] : [relatedTo(phaseOf(at - 1), before)];
    await rice.upload(administrator, phaseOf(at), [{ ...item, related }]);
    before = item;
  }
  const last = { bizChainId, phaseGroupId, phaseId: phaseOf(RECORDS - 1), dataKey: `record-${RECORDS - 1}` };
  const graph = await rice.collaboration().provenance(administrator, last, { withReceipts: true });
  expect(graph.complete).toBe(true);
  expect(graph.nodes.map(({ record }) => record.dataKey)).toEqual(
    Array.from({ length: RECORDS }, (_, at) => `record-${RECORDS - 1 - at}`),
  );
  for (const { record, block, receipt } of graph.nodes) {
    expect(receipt?.leaf).toMatchObject({ txId: record.txId, block });
  }
  expect(new Set(graph.nodes.map(({ block }) => block)).size).toBe(RECORDS);
  await rice.close();
}, 120_000);

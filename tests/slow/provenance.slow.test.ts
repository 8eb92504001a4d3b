import { createHash } from "node:crypto";
import { verifyReceipt } from "@concordat/verifier";
import { beforeAll, expect, test } from "vitest";
import { LtlSetup } from "../support/ltl-world.ts";
import { createChooser, runSeed } from "../support/seed.ts";
import { newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";

const RECORDS = 1_000;
const BATCH_ITEMS = 50;
const PHASES = ["大米种植", "大米加工", "大米销售"];

interface Named {
  readonly index: number;
  readonly phaseId: string;
  readonly dataKey: string;
  readonly phaseData: string;
  /** Indexes of the records that it was made of. */
  readonly from: readonly number[];
}

interface GraphAnswer {
  readonly complete: boolean;
  readonly nodes: readonly {
    readonly record: {
      readonly dataKey: string;
      readonly value: string;
      readonly digest: string;
      readonly txId: string;
    };
    readonly block: number;
    readonly receipt: unknown;
  }[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

let server: RunningServer;
let setup: LtlSetup;

beforeAll(async () => {
  server = await startServer(await newInstallation("provenance"));
  setup = new LtlSetup(server);
  return async () => {
    setup.caller.close();
    await server.stop();
  };
});

test("a graph of 1,000 records comes whole, each with a receipt that checks offline", async () => {
  const BizChainId = server.bootstrap.aliyun.collaborationChain.bizChainId;
  const PhaseGroupId = String(await setup.call("CreateMPCoSPhaseGroup", { BizChainId, Name: "大米溯源" }));
  const group = { BizChainId, PhaseGroupId };
  const phaseIds: string[] = [];
  for (const Name of PHASES) phaseIds.push(String(await setup.call("CreateMPCoSPhase", { ...group, Name })));
  const records = chooseRecords(phaseIds);
  // One batch goes to one phase: here the phases take turns.
  for (let start = 0; start < RECORDS; start += BATCH_ITEMS) {
    const batch = records.slice(start, start + BATCH_ITEMS);
    await setup.call("BatchUploadMPCoSPhaseTextInfo", {
      ...group,
      PhaseId: batch[0]?.phaseId ?? "",
      PhaseDataList: JSON.stringify(batch.map((record) => itemOf(record, records))),
    });
  }

  const last = records[RECORDS - 1];
  const query = new URLSearchParams({
    phaseGroupId: PhaseGroupId,
    phaseId: last?.phaseId ?? "",
    dataKey: last?.dataKey ?? "",
  });
  const answer = await setup.native.get(`/chains/${BizChainId}/provenance?${query}`);
  expect(answer.status).toBe(200);
  const graph = answer.body as unknown as GraphAnswer;
  expect(graph.complete).toBe(true);
  expect(graph.nodes[0]?.record.dataKey).toBe(last?.dataKey);
  expect(graph.nodes.map(({ record }) => record.dataKey).sort()).toEqual(records.map(({ dataKey }) => dataKey).sort());
  const edges = graph.edges.map(({ from, to }) => `${keyAt(graph, from)} ${keyAt(graph, to)}`);
  const expected = records.flatMap((record) => record.from.map((to) => `${record.dataKey} ${records[to]?.dataKey}`));
  expect(edges.sort()).toEqual(expected.sort());
  await expectReceipts(graph, records);

  const limited = await setup.native.get(`/chains/${BizChainId}/provenance?${query}&limit=10&withReceipts=false`);
  expect(limited.body).toMatchObject({ complete: false });
  expect(limited.body["nodes"]).toHaveLength(10);
  const { exitCode, stdout } = await runCommand(server, ["verify", "--data", server.dataFolder]);
  expect([exitCode, stdout.includes("The ledger verifies.")], stdout).toEqual([0, true]);
});

function chooseRecords(phaseIds: readonly string[]): Named[] {
  const choose = createChooser(runSeed("provenance"));
  return Array.from({ length: RECORDS }, (_, index) => {
    const others = Array.from({ length: choose.between(0, 3) }, () => choose.between(0, Math.max(1, index)));
    return {
      index,
      phaseId: phaseIds[Math.floor(index / BATCH_ITEMS) % phaseIds.length] ?? "",
      dataKey: createHash("sha256").update(`record ${index}`).digest("hex"),
      phaseData: JSON.stringify({ 编号: index, 重量: choose.between(1, 1_000) }),
      // Each is made of the one before it, so that the last one is made of all.
      from: index === 0 ? [] : [...new Set([index - 1, ...others])],
    };
  });
}

function itemOf({ dataKey, phaseData, from }: Named, records: readonly Named[]) {
  const relatedDataList = from.map((index) => ({
    relatedPhaseId: records[index]?.phaseId,
    relatedDataKey: records[index]?.dataKey,
    relatedPhaseData: records[index]?.phaseData,
  }));
  return { dataKey, phaseData, relatedDataList };
}

function keyAt(graph: GraphAnswer, position: number): string {
  return String(graph.nodes[position]?.record.dataKey);
}

async function expectReceipts(graph: GraphAnswer, records: readonly Named[]): Promise<void> {
  const trust = await setup.native.trustBundle();
  const byKey = new Map(records.map((record) => [record.dataKey, record]));
  for (const { record, block, receipt } of graph.nodes) {
    const value = byKey.get(record.dataKey)?.phaseData ?? "";
    expect(record).toMatchObject({ value, digest: createHash("sha256").update(value).digest("hex") });
    const verdict = verifyReceipt(receipt, trust);
    expect([verdict.status, verdict.reasons]).toEqual(["valid", []]);
    expect(verdict.facts).toMatchObject({ block, txId: record.txId });
  }
}

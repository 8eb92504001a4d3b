import type { PhaseDataItem, RelatedData } from "@concordat/platform";
import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
let place: { readonly bizChainId: string; readonly phaseGroupId: string };
let field: string;
let mill: string;
beforeAll(async () => {
  world = await openNativeWorld();
  root = world.clientOf((await world.harness.bootstrap()).accessKey);
  const { bizChainId } = await root.createChain({ name: "Rice", service: "collaboration" });
  const { phaseGroupId } = await collaboration().createGroup(owner(), { bizChainId, name: "model" }, nonce());
  place = { bizChainId, phaseGroupId };
  const newPhase = async (name: string) =>
    (await collaboration().createPhase(owner(), { ...place, name, remark: "r" }, nonce())).phaseId;
  [field, mill] = [await newPhase("field"), await newPhase("mill")];
});
afterAll(() => world.dispose());

const owner = () => world.cast.administrator;
const nonce = () => world.harness.nonce();
const collaboration = () => world.harness.platform.collaboration;

/** Writes a record whose text is its key; it is made of others, which are of the field unless said otherwise. */
async function write(phaseId: string, dataKey: string, ...made: readonly (string | RelatedData)[]): Promise<void> {
  const related = made.map((each) =>
    typeof each === "string" ? { phaseId: field, dataKey: each, dataSeq: "1", phaseData: each } : each,
  );
  const items: readonly PhaseDataItem[] = [{ dataKey, dataSeq: "1", phaseData: dataKey, related }];
  await collaboration().upload(owner(), { ...place, phaseId, kind: "text", items, isBatch: false }, nonce());
}

const inMill = (key: string): RelatedData => ({ phaseId: mill, dataKey: key, dataSeq: "1", phaseData: key });

it("groups and phases are listed with their ids", async () => {
  const { bizChainId, phaseGroupId } = place;
  expect(await root.listPhaseGroups({ bizChainId })).toMatchObject({
    total: 1,
    phaseGroups: [{ phaseGroupId, name: "model" }],
  });
  expect(await root.listPhases({ ...place, name: "mill" })).toEqual({
    total: 1,
    phases: [{ phaseId: mill, name: "mill", remark: "r", writable: true }],
  });
  expect((await root.listPhases({ ...place, page: 2, pageSize: 1 })).phases).toMatchObject([{ phaseId: mill }]);
  expect((await root.listPhaseGroups({ bizChainId, name: "other" })).total).toBe(0);
});

it("a record is answered with everything that it was made of, as a graph with receipts", async () => {
  await write(field, "seed");
  await write(field, "north", "seed");
  await write(field, "south", "seed");
  await write(mill, "sack", "north", "south", "south");
  const asked = { ...place, phaseId: mill, dataKey: "sack" };
  const { complete, nodes, edges } = await root.getChainProvenance(asked);
  expect(complete).toBe(true);
  const keys = nodes.map(({ record }) => record.dataKey);
  expect([keys[0], [...keys].sort(), keys[3]]).toEqual(["sack", ["north", "sack", "seed", "south"], "seed"]);
  const drawn = edges.map(({ from, to }) => `${keys[from]} of ${keys[to]}`).sort();
  expect(drawn).toEqual(["north of seed", "sack of north", "sack of south", "south of seed"]);
  expect(nodes[0]?.record).toMatchObject({
    phaseId: mill,
    phaseName: "mill",
    kind: "text",
    value: "sack",
    dataSeq: "1",
  });
  expect(nodes[0]?.record.related[0]?.fullKey).toMatch(/^0002_[0-9A-Za-z]{16}_[0-9A-Z]{4}_north$/);
  for (const { record, block, receipt } of nodes) {
    expect(receipt?.leaf).toMatchObject({ txId: record.txId, block });
    expect(await root.getReceipt({ tx: record.txId })).toMatchObject({ leaf: receipt?.leaf });
  }
  const bare = await root.getChainProvenance({ ...asked, dataSeq: "1", withReceipts: false });
  expect(bare).toEqual({ complete, edges, nodes: nodes.map(({ receipt: _, ...node }) => node) });
});

it("ends at the limit, with the edges between what is there", async () => {
  for (let i = 1; i <= 5; i++) await write(mill, `chain-${i}`, ...(i === 1 ? [] : [inMill(`chain-${i - 1}`)]));
  const asked = { ...place, phaseId: mill, dataKey: "chain-5" };
  const some = await root.getChainProvenance({ ...asked, limit: 3 });
  expect(some.nodes.map(({ record }) => record.dataKey)).toEqual(["chain-5", "chain-4", "chain-3"]);
  expect([some.complete, some.edges]).toEqual([
    false,
    [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ],
  ]);
  expect(await root.getChainProvenance({ ...asked, limit: 5 })).toMatchObject({ complete: true });
});

it("is for everybody on the chain, and nobody else", async () => {
  const { bizChainId } = place;
  const { uid: accountUid } = (await root.createAccount({ name: "Shipper" })).principal;
  const { principal, accessKey } = await root.createRamUser({ accountUid, name: "reader" });
  const reader = world.clientOf({ accessKeyId: accessKey.accessKeyId, secret: accessKey.accessKeySecret });
  await write(field, "shared");
  const asked = { ...place, phaseId: field, dataKey: "shared" };
  const refusals = () =>
    Promise.all([
      codeOf(reader.listPhaseGroups({ bizChainId })),
      codeOf(reader.listPhases(place)),
      codeOf(reader.getChainProvenance(asked)),
    ]);
  expect(await refusals()).toEqual(["ACCESS_DENIED", "ACCESS_DENIED", "ACCESS_DENIED"]);
  const { memberId } = await root.addChainMember({ bizChainId, memberUid: principal.uid });
  expect((await reader.listPhaseGroups({ bizChainId })).total).toBe(1);
  expect((await reader.listPhases(place)).phases).toMatchObject([{ writable: false }, { writable: false }]);
  expect((await reader.getChainProvenance(asked)).nodes).toHaveLength(1);
  await root.lockChainMember({ bizChainId, memberId });
  expect(await refusals()).toEqual(["ACCESS_DENIED", "ACCESS_DENIED", "ACCESS_DENIED"]);
});

it("refuses with the reason", async () => {
  const nobody = "0".repeat(16);
  const asked = { ...place, phaseId: field, dataKey: "none" };
  expect(await codeOf(root.getChainProvenance(asked))).toBe("PHASE_DATA_UNKNOWN");
  expect(await codeOf(root.getChainProvenance({ ...asked, dataKey: "a b" }))).toBe("PHASE_DATA_KEY_MALFORMED");
  expect(await codeOf(root.getChainProvenance({ ...asked, dataSeq: " " }))).toBe("PHASE_DATA_SEQUENCE_MALFORMED");
  expect(await codeOf(root.getChainProvenance({ ...asked, phaseId: nobody }))).toBe("PHASE_UNKNOWN");
  expect(await codeOf(root.getChainProvenance({ ...asked, phaseGroupId: nobody }))).toBe("PHASE_GROUP_UNKNOWN");
  expect(await codeOf(root.getChainProvenance({ ...asked, limit: 10_001 }))).toBe("FIELD_MALFORMED");
  expect(await codeOf(root.listPhases({ ...place, phaseGroupId: nobody }))).toBe("PHASE_GROUP_UNKNOWN");
  const { bizChainId } = world.cast.chain.chain;
  expect(await codeOf(root.listPhaseGroups({ bizChainId }))).toBe("CHAIN_UNKNOWN");
});

import { createHash } from "node:crypto";
import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
let owner: typeof root;
let ownerUid: string;
beforeAll(async () => {
  world = await openNativeWorld();
  const { accessKey } = await world.harness.bootstrap();
  root = world.clientOf(accessKey);
  const made = await root.createAccount({ name: "Shipper" });
  ownerUid = made.principal.uid;
  owner = world.clientOf({ accessKeyId: made.accessKey.accessKeyId, secret: made.accessKey.accessKeySecret });
  await owner.createGroup({ name: "Auditors" });
});
afterAll(() => world.dispose());

it("a call's entry is found, and has a receipt once it is on the ledger", async () => {
  const { auditEntries } = await owner.listAuditEntries({ action: "iam:group:", actorUid: ownerUid });
  const [entry] = auditEntries;
  if (entry === undefined) throw new Error("no entry");
  expect(auditEntries).toHaveLength(1);
  expect(entry).toMatchObject({
    uid: ownerUid,
    action: "iam:group:create",
    credential: { kind: "access-key" },
    outcome: "done",
    occurrences: 1,
    txId: null,
  });
  const { entryId, requestId } = entry;
  expect((await owner.listAuditEntries({ requestId: requestId ?? "" })).auditEntries).toEqual([entry]);
  expect(await codeOf(owner.getAuditReceipt({ entryId }))).toBe("AUDIT_ENTRY_PENDING");
  await world.harness.platform.provisioning.auditOutbox.flush();
  const { txId, digest } = await owner.getAuditEntry({ entryId });
  const receipt = await owner.getAuditReceipt({ entryId });
  expect(receipt.leaf.txId).toBe(txId);
  expect(receipt.origin).toMatch(/\/audit$/);
  expect(receipt).not.toHaveProperty("envelope");
  expect(await owner.getAuditReceipt({ entryId, envelope: true })).toHaveProperty("envelope");
  const text = await world.harness.ledger.evaluate({
    channelId: "audit",
    creator: world.harness.platform.provisioning.directory.creator(ownerUid),
    contract: "audit",
    fn: "get",
    args: [entryId],
  });
  expect(createHash("sha256").update(text).digest("hex")).toBe(digest);
});

it("pages go on after the last entry of the page before", async () => {
  const all = (await root.listAuditEntries({})).auditEntries.map(({ entryId }) => entryId);
  const first = await root.listAuditEntries({ pageSize: 2 });
  const second = await root.listAuditEntries({ pageSize: 100, after: first.next ?? "" });
  expect([...first.auditEntries, ...second.auditEntries].map(({ entryId }) => entryId)).toEqual(all);
  expect(second.next).toBeUndefined();
});

it("tenants see their own entries only", async () => {
  const own = new Set((await owner.listAuditEntries({})).auditEntries.map(({ tenantId }) => tenantId));
  expect(own.size).toBe(1);
  const foreign = (await root.listAuditEntries({})).auditEntries.find(({ tenantId }) => !own.has(tenantId));
  if (foreign === undefined) throw new Error("no entry of another tenant");
  expect(await codeOf(owner.getAuditEntry({ entryId: foreign.entryId }))).toBe("AUDIT_ENTRY_UNKNOWN");
  expect(await codeOf(owner.getAuditReceipt({ entryId: foreign.entryId }))).toBe("AUDIT_ENTRY_UNKNOWN");
  expect(await codeOf(owner.listAuditEntries({ tenantId: foreign.tenantId ?? "0".repeat(32) }))).toBe("ACCESS_DENIED");
});

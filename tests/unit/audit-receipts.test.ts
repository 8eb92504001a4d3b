import { createHash } from "node:crypto";
import { systemClock } from "@concordat/base";
import { openOverEngine } from "@concordat/platform/testing";
import { verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary.ts";

/* The platform brings its audit trail to the engine; the verifier, which shares no code with either, judges it. */

type Opened = Awaited<ReturnType<typeof openOverEngine>>;

let folder: string;
let opened: Opened;
beforeAll(async () => {
  folder = await temporaryFolder("audit-receipts");
  opened = await openOverEngine(folder, systemClock);
});
afterAll(() => opened.close());

test("every entry has a receipt that verifies offline and holds the entry's text", async () => {
  const { platform, boot, callerOf } = opened;
  const administrator = boot.accessKey.principal;
  const caller = callerOf(administrator);
  for (const name of ["carrier", "shipper"]) {
    const { principal } = await platform.accounts.createAccount(caller, { name });
    await platform.accounts.createRamUser(callerOf(principal), { accountUid: principal.uid, name: "sensor" });
  }
  await platform.provisioning.auditOutbox.flush();
  const trust = await platform.receipts.trustBundle(administrator);
  const { items } = await platform.audit.list(caller, { limit: 100 });
  expect(items.length).toBeGreaterThanOrEqual(4);
  expect(new Set(items.map(({ tenantId }) => tenantId)).size).toBeGreaterThanOrEqual(3);
  for (const { entryId, digest, txId, tenantId, action, uid } of items) {
    const receipt = await platform.audit.receipt(caller, entryId, { withEnvelope: true });
    const { status, reasons, facts } = verifyReceipt(receipt, trust);
    expect([entryId, status, reasons]).toEqual([entryId, "valid", []]);
    expect(facts?.txId).toBe(txId);
    const { contract, functionName, arguments: given = [], writes = [] } = facts?.transaction ?? {};
    expect([contract, functionName]).toEqual(["audit", "append"]);
    const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
    const text = given.map(({ value }) => value).find((value) => hashOf(value) === digest) ?? "{}";
    expect(JSON.parse(text)).toMatchObject({ entryId, action, uid, tenantId });
    expect(writes.filter(({ key }) => key === entryId)).toHaveLength(1);
    // Whoever may see the envelope may see all that is in it.
    expect(new Set(given.map(({ value }) => JSON.parse(value).tenantId))).toEqual(new Set([tenantId]));
  }
  const report = await verifyLedger({ directory: `${folder}/ledger`, trust });
  expect(report.faults).toEqual([]);
  const channel = report.channels.find(({ origin }) => origin?.endsWith("/audit"));
  expect(channel).toMatchObject({ faults: [], authenticated: true });
});

test("a receipt with a changed entry does not verify", async () => {
  const { platform, boot, callerOf } = opened;
  const administrator = boot.accessKey.principal;
  const caller = callerOf(administrator);
  const trust = await platform.receipts.trustBundle(administrator);
  const [entry] = (await platform.audit.list(caller, { limit: 1 })).items;
  const receipt = await platform.audit.receipt(caller, entry?.entryId ?? "", { withEnvelope: true });
  const envelope = Buffer.from(receipt.envelope ?? "", "base64");
  const place = envelope.indexOf('"outcome":"done"');
  expect(place).toBeGreaterThan(0);
  envelope.write('"outcome":"gone"', place);
  expect(verifyReceipt({ ...receipt, envelope: envelope.toString("base64") }, trust).status).toBe("invalid");
});

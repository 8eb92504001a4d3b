import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import { expect, onTestFinished, test } from "vitest";
import { OUTSIDE_CODES, writeOutsideLedger } from "../support/outside-ledger.ts";

test("the verifier agrees with a ledger of transactions from outside that the engine wrote", async () => {
  const directory = mkdtempSync(join(tmpdir(), "outside-ledger-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { ledger, codes } = await writeOutsideLedger(directory);
  onTestFinished(() => ledger.close());
  expect(codes).toEqual(OUTSIDE_CODES);
  const { valid, channels, notes } = await verifyLedger({ directory });
  expect(channels.flatMap(({ faults }) => faults)).toEqual([]);
  expect(valid).toBe(true);
  expect(channels[0]?.kinds).toEqual({ configuration: 2, serial: 4, optimistic: OUTSIDE_CODES.length });
  expect(notes.join()).not.toContain("not checked");
  const blocks = await ledger.committedBlocks("ch1", 0, 100);
  const last = blocks.at(-1)?.transactions.at(-1)?.txId ?? "";
  const trust = { format: "concordat-trust/1", channels: [await ledger.trust("ch1")] };
  const verdict = verifyReceipt(await ledger.receipt("ch1", last, { withEnvelope: true }), trust);
  expect(verdict).toMatchObject({ status: "valid", reasons: [], facts: { kind: "optimistic" } });
  expect(verdict.facts?.transaction?.endorsers.map(({ mspId }) => mspId)).toEqual(["Org1MSP", "Org2MSP"]);
});

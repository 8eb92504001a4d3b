import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createBenchIdentity, openBenchLedger } from "./bench-ledger.ts";
import { openTokenBank } from "./token-bank.ts";

it("moves the smallest amount between accounts that have enough", async () => {
  const directory = mkdtempSync(join(tmpdir(), "concordat-token-bank-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const identity = await createBenchIdentity();
  const { ledger } = await openBenchLedger(directory, "thread", identity, ["evidence", "token"]);
  onTestFinished(() => ledger.close());
  const bank = await openTokenBank(ledger, identity, 3);
  await Promise.all(Array.from({ length: 50 }, (_, index) => bank.transfer(0, 1 + (index % 2))));
  await bank.transfer(2, 1);
  expect([await bank.balance(1), await bank.balance(2)]).toEqual([1_000_000.26, 1_000_000.24]);
  expect(await bank.balance(0)).toBe(9_000_000_000_000 - 2_000_000 - 0.5);
});

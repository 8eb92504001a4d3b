import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Ledger } from "../ports.ts";
import { contracts } from "../testing/kv-contract.ts";
import { TEST_INSTALLATION } from "../testing/organizations.ts";
import { openLedger } from "./ledger.ts";

/*
 * Ledgers as earlier versions wrote them, segments and anchor only. They are never made again: whatever the engine becomes, it opens
 * them, derives the same state and makes the same receipts.
 */

let directory: string;
let ledger: Ledger | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "concordat-released-"));
});

afterEach(async () => {
  await ledger?.close();
  await rm(directory, { recursive: true, force: true });
});

it.each(["ledger-v1"])("opens %s and answers what it answered then", async (name) => {
  const released = fileURLToPath(new URL(`../../testdata/${name}/`, import.meta.url));
  const expected = JSON.parse(await readFile(join(released, "expected.json"), "utf8"));
  await cp(join(released, "channels"), join(directory, "channels"), { recursive: true });
  ledger = await openLedger({ directory, installationId: TEST_INSTALLATION, contracts });
  const { txId } = expected.receipt.leaf;
  expect({
    status: await ledger.status("ch1"),
    stateHash: await ledger.stateHash("ch1"),
    meters: await ledger.meters("ch1", "kv", ""),
    trust: await ledger.trust("ch1"),
    receipt: await ledger.receipt("ch1", txId, { withEnvelope: true }),
  }).toEqual(expected);
});

import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger, SubmitRequest } from "../ports.ts";
import { contracts } from "../testing/kv-contract.ts";
import {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "../testing/organizations.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { openLedger } from "./ledger.ts";

/* Invariant: whatever happens to derived data while the ledger is closed, the next start answers as if nothing had happened. */

const SEEDS = Number(process.env["CONCORDAT_DAMAGE_SEEDS"] ?? 40);

let org: TestOrganization;
let scratch: string;
const txIds: string[] = [];

beforeAll(async () => {
  org = await createTestOrganization();
  scratch = await mkdtemp(join(tmpdir(), "concordat-damage-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

function open(name: string): Promise<Ledger> {
  return openLedger({ directory: join(scratch, name), installationId: TEST_INSTALLATION, contracts });
}

function call(fn: string, ...args: string[]): SubmitRequest {
  return { channelId: "ch1", creator: org.creator, contract: "kv", fn, args };
}

async function build(stateDatabase: "goleveldb" | "couchdb"): Promise<void> {
  const ledger = await open("kept");
  await ledger.createChannel(testChannelConfig([org], { stateDatabase }), [org.signer]);
  for (let round = 0; round < 40; round += 1) {
    const written = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        ledger.submit(call("put", `k${index}`, `{"round":${round},"text":"${"x".repeat(round)}"}`)),
      ),
    );
    txIds.push(...written.map(({ txId }) => txId));
  }
  await ledger.stateHash("ch1");
  // A copy of the open folder is what a killed process leaves; after the close there is a sealed one.
  await cp(join(scratch, "kept"), join(scratch, "killed"), { recursive: true });
  await ledger.close();
}

/** Everything that the derived stores answer. */
async function answers(ledger: Ledger): Promise<unknown> {
  const receipts = await Promise.all(
    txIds.filter((_, index) => index % 7 === 0).map((txId) => ledger.receipt("ch1", txId)),
  );
  return {
    stateHash: await ledger.stateHash("ch1"),
    history: Buffer.from(await ledger.evaluate(call("history", "k3"))).toString(),
    meters: await ledger.meters("ch1", "kv", ""),
    receipts,
    proof: await ledger.consistencyProof("ch1", 3, 30),
    known: await Promise.all(txIds.map((txId) => ledger.hasTransaction("ch1", txId))),
  };
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function damage(directory: string, seed: number): Promise<string> {
  const random = new SeededRandom(seed);
  const files = await filesBelow(directory);
  const file = files[random.below(files.length)] ?? directory;
  const { size } = await stat(file);
  switch (random.below(4)) {
    case 0:
      await rm(file);
      return `${file} removed`;
    case 1:
      await truncate(file, random.below(size + 1));
      return `${file} cut`;
    case 2:
      await rm(directory, { recursive: true });
      return "all removed";
    default: {
      const bytes = await readFile(file);
      const at = random.below(Math.max(1, size));
      bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
      await writeFile(file, bytes);
      return `${file} byte ${at} changed`;
    }
  }
}

describe.each(["goleveldb", "couchdb"] as const)("derived data of a %s channel", (stateDatabase) => {
  it("is rebuilt to the same answers after any damage", async () => {
    txIds.length = 0;
    await rm(scratch, { recursive: true, force: true });
    await build(stateDatabase);
    const ledger = await open("kept");
    const expected = await answers(ledger);
    await ledger.close();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      for (const source of ["kept", "killed"]) {
        await cp(join(scratch, source), join(scratch, "damaged"), { recursive: true });
        const what = await damage(join(scratch, "damaged", "channels", "ch1", "derived"), seed);
        const damaged = await open("damaged");
        const answered = await answers(damaged).finally(() => damaged.close());
        expect(answered, `seed ${seed}, ${source}: ${what}`).toEqual(expected);
        await rm(join(scratch, "damaged"), { recursive: true });
      }
    }
  });
});

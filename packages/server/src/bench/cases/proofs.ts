import { join } from "node:path";
import { InvariantError } from "@concordat/base";
import { nodeCrypto, parseTrustBundle, verifyLedger, verifyReceipt } from "@concordat/verifier/node";
import type { BenchCase } from "../bench.ts";
import { BENCH_CHANNEL, type BenchLedger, createBenchIdentity, fillTo, openBenchLedger } from "../bench-ledger.ts";
import { benchCatalog } from "../catalog.ts";
import { measureCalls, round, stopwatch } from "../measure.ts";

const SIZES = [100_000, 1_000_000];
const VALUE_BYTES = 100;
const SAMPLES = 256;

/** Receipts of a large tree, made by the engine and judged by the verifier; and the check of the whole ledger. */
export const proofsCase: BenchCase = {
  name: "proofs",
  what: benchCatalog.proofs,
  async run({ directory, durationMs, keysMax }, report) {
    const identity = await createBenchIdentity();
    const folder = join(directory, "proofs");
    const bench = await openBenchLedger(folder, "thread", identity);
    let written = 0;
    const txIds: string[] = [];
    try {
      for (const keys of SIZES.filter((size) => size <= keysMax)) {
        const step = Math.floor((keys - written) / SAMPLES);
        while (written < keys) {
          const { txId } = await bench.set(written + 1, VALUE_BYTES);
          txIds.push(txId);
          written = await fillTo(bench, written + 1, Math.min(keys, written + step), VALUE_BYTES);
        }
        await measureReceipts(bench, txIds, durationMs, (result) => report({ ...result, keys }));
        const elapsed = stopwatch();
        const { valid } = await verifyLedger({ directory: folder });
        if (!valid) throw new InvariantError("The benchmark's own ledger does not verify.");
        const seconds = elapsed() / 1000;
        report({ variant: "verify ledger", keys, seconds: round(seconds), perSecond: round(keys / seconds) });
      }
    } finally {
      await bench.ledger.close();
    }
  },
};

async function measureReceipts(
  { ledger }: BenchLedger,
  txIds: readonly string[],
  durationMs: number,
  report: (result: Readonly<Record<string, string | number>>) => void,
): Promise<void> {
  const serial = { concurrency: 1, durationMs };
  // A prime stride, so that each receipt is of another block than the one before.
  const txIdAt = (index: number) => txIds[(index * 97) % txIds.length] ?? "";
  const made = await measureCalls(serial, (index) =>
    ledger.receipt(BENCH_CHANNEL, txIdAt(index), { withEnvelope: true }),
  );
  report({ variant: "receipt make", ...made });
  const trust = parseTrustBundle({ format: "concordat-trust/1", channels: [await ledger.trust(BENCH_CHANNEL)] });
  const receipts = await Promise.all(txIds.map((txId) => ledger.receipt(BENCH_CHANNEL, txId, { withEnvelope: true })));
  const judged = await measureCalls(serial, async (index) => {
    const { status } = verifyReceipt(receipts[index % receipts.length], trust, nodeCrypto);
    if (status !== "valid") throw new InvariantError("A receipt of the benchmark does not verify.");
  });
  report({ variant: "receipt verify", ...judged });
}

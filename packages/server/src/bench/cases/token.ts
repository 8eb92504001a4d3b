import { join } from "node:path";
import type { BenchCase } from "../bench.ts";
import { createBenchIdentity, openBenchLedger } from "../bench-ledger.ts";
import { benchCatalog } from "../catalog.ts";
import { measureCalls } from "../measure.ts";
import { openTokenBank } from "../token-bank.ts";

const CONCURRENCIES = [1, 64, 256, 4_096];
const ACCOUNTS = 1_024;
const VALUE_BYTES = 100;

/** Transfers without HTTP: all out of one account, and each out of another; beside evidence writes of the same channel. */
export const tokenCase: BenchCase = {
  name: "token",
  what: benchCatalog.token,
  async run({ directory, durationMs }, report) {
    const identity = await createBenchIdentity();
    for (const place of ["thread", "worker"] as const) {
      const bench = await openBenchLedger(join(directory, place), place, identity, ["evidence", "token"]);
      try {
        const bank = await openTokenBank(bench.ledger, identity, ACCOUNTS);
        // Account 0 has what the others were given, many times over.
        const hot = (index: number) => bank.transfer(0, 1 + (index % (ACCOUNTS - 1)));
        const spread = (index: number) => bank.transfer(index % ACCOUNTS, (index + ACCOUNTS / 2) % ACCOUNTS);
        let written = 0;
        for (const concurrency of CONCURRENCIES) {
          const load = { concurrency, durationMs };
          const base = written;
          const evidence = await measureCalls(load, (index) => bench.set(base + index, VALUE_BYTES));
          written += evidence.count;
          report({ variant: `reference: evidence/${place}`, concurrency, valueBytes: VALUE_BYTES, ...evidence });
          report({ variant: `hot/${place}`, concurrency, accounts: ACCOUNTS, ...(await measureCalls(load, hot)) });
          report({
            variant: `spread/${place}`,
            concurrency,
            accounts: ACCOUNTS,
            ...(await measureCalls(load, spread)),
          });
        }
      } finally {
        await bench.ledger.close();
      }
    }
  },
};

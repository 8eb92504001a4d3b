import { systemClock } from "@concordat/base";
import { openLedger } from "@concordat/ledger";
import { contracts } from "../built-in-contracts.ts";
import { BENCH_INSTALLATION_ID } from "./bench-ledger.ts";
import { round, stopwatch } from "./measure.ts";

/** Until memory is looked at. */
const IDLE_MS = 2_000;

/** Opens the ledger in the folder named by the first argument, in a process without a past, and prints how long it took and what it keeps. */
const elapsed = stopwatch();
const ledger = await openLedger({
  directory: process.argv[2] ?? "",
  installationId: BENCH_INSTALLATION_ID,
  contracts,
});
const openMs = round(elapsed());
await new Promise<void>((resolve) => systemClock.after(IDLE_MS, resolve));
process.stdout.write(JSON.stringify({ openMs, idleMiB: round(process.memoryUsage.rss() / 2 ** 20) }));
await ledger.close();

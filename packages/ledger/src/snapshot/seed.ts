import type { FileSystem } from "@concordat/base";
import { type LedgerIndex, meterName } from "../history/ports.ts";
import type { StateDatabase } from "../state/ports.ts";
import { readMeters, readStateRows, readTransactionIds } from "./load.ts";

/** Fills derived stores that are empty with what the snapshot holds; stores that have begun already are left alone. */
export async function seedFromSnapshot(
  base: { readonly height: number; readonly lastTimestampMs: number; readonly directory: string },
  stores: { readonly state: StateDatabase; readonly index: LedgerIndex },
  fileSystem: FileSystem,
): Promise<void> {
  if (stores.state.savepoint < base.height) {
    await stores.state.load(base.height, readStateRows(fileSystem, base.directory));
  }
  if (stores.index.savepoint < base.height) {
    const meters = new Map<string, number>();
    for (const [contract, sums] of Object.entries(await readMeters(fileSystem, base.directory))) {
      for (const [meter, sum] of Object.entries(sums)) meters.set(meterName(contract, meter), sum);
    }
    const transactionIds = readTransactionIds(fileSystem, base.directory);
    await stores.index.load(base.height, transactionIds, meters, base.lastTimestampMs);
  }
}

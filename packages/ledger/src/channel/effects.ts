import type { Contract } from "../contract-api/index.ts";
import { meterName } from "../history/ports.ts";
import type { StateWrite } from "../state/ports.ts";

/** The namespace and key under which the configuration in force is kept with the world state, so that its history is indexed. */
export const CONFIG_NAMESPACE = "_config";
export const CONFIG_KEY = "config";

/** Validation codes that the engine gives; the numbers are Fabric's TxValidationCode. */
export const VALID = 0;
/** The contract refused and the channel records refusals. */
export const INVALID_OTHER_REASON = 255;

/** One transaction's place and verdict, as the transaction index keeps it. */
export interface TransactionEffect {
  readonly txId: string;
  readonly block: number;
  readonly index: number;
  readonly validationCode: number;
}

/** What a block changes in the derived stores. The same whether the block was just built or is replayed. */
export interface BlockEffects {
  readonly number: number;
  readonly headerHash: Uint8Array;
  /** Of its last transaction of kind 0 or 1, whose times the channel gives; undefined when all of it came from outside. */
  readonly lastTimestampMs: number | undefined;
  readonly transactions: readonly TransactionEffect[];
  /** Of valid transactions, in log order. */
  readonly writes: readonly StateWrite[];
}

/** Sums of what the contracts measure in these writes, by meter name. */
export function meterWrites(
  blocks: readonly BlockEffects[],
  contracts: ReadonlyMap<string, Contract>,
): ReadonlyMap<string, number> {
  // By namespace first: joining the two names for each reading would cost more than the addition.
  const namespaces = new Map<string, Map<string, number>>();
  for (const block of blocks) {
    for (const write of block.writes) {
      const readings = contracts.get(write.namespace)?.meter?.(write.key, write.value) ?? [];
      if (readings.length === 0) continue;
      let sums = namespaces.get(write.namespace);
      if (sums === undefined) {
        sums = new Map();
        namespaces.set(write.namespace, sums);
      }
      for (const { meter, amount } of readings) sums.set(meter, (sums.get(meter) ?? 0) + amount);
    }
  }
  const named = new Map<string, number>();
  for (const [namespace, sums] of namespaces) {
    for (const [meter, sum] of sums) named.set(meterName(namespace, meter), sum);
  }
  return named;
}

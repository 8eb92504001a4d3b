import type { Clock, RandomSource } from "@concordat/base";
import type { EnvelopeHeaders } from "../endorsement/ports.ts";
import type { MerkleLog } from "../merkle/log.ts";
import type { OrderResult, SubmitRequest, SubmitResult } from "../ports.ts";
import type { StateWrite } from "../state/ports.ts";
import type { CutBlock, OrderedTransaction, PlacedTransaction } from "./block-builder.ts";
import type { EnvelopeValidator } from "./envelope-validator.ts";
import type { ExecutedTransaction, Executor } from "./executor.ts";
import type { WorldState } from "./world-state.ts";

export interface SequencerDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly merkle: MerkleLog;
  /** SM channels only. */
  readonly sm3: MerkleLog | undefined;
  readonly world: WorldState;
  readonly executor: Executor;
  readonly validator: Pick<EnvelopeValidator, "judge">;
  /** Told of each transaction that has got its place. */
  readonly ordered: (transaction: PlacedTransaction) => void;
  /** Takes a cut block on its way to the disk. */
  readonly commit: (block: CutBlock) => void;
  /** Whether the disk has nothing to do. */
  readonly committerIdle: () => boolean;
  /** Settles when the stages behind have room again. */
  readonly room: () => Promise<void>;
  /** Settles when everything cut so far is durable and applied to the derived stores. */
  readonly settled: () => Promise<void>;
}

export interface SubmitCall {
  readonly request: SubmitRequest;
  readonly resolve: (result: SubmitResult) => void;
  readonly reject: (reason: unknown) => void;
}

export interface OrderCall {
  readonly envelope: Uint8Array;
  readonly headers: EnvelopeHeaders;
  readonly resolve: (result: OrderResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** A call to execute or to judge, or something else to do between two calls. */
export type Work = SubmitCall | OrderCall | (() => Promise<void>);

/** A transaction without its place. */
export type Unplaced = Pick<OrderedTransaction, "kind" | "envelope" | "timestampMs"> &
  Pick<PlacedTransaction, "txId" | "validationCode">;

/** A place is the version of all that is written there. */
export function versioned({ namespace, writes }: ExecutedTransaction, place: PlacedTransaction): readonly StateWrite[] {
  const ordered: StateWrite[] = [];
  for (const { key, value } of writes) ordered.push({ namespace, key, value, version: place });
  return ordered;
}

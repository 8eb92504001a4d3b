import { ConcordatError, type Logger, type RandomSource, utf8ToBytes } from "@concordat/base";
import { type Contract, type ContractFunction, ContractRefusal } from "../contract-api/index.ts";
import { encodeSerialEnvelope, type KeyWrite, transactionId } from "../encoding/envelope.ts";
import { LIFECYCLE_NAMESPACE } from "../endorsement/definitions.ts";
import { LedgerError, ledgerErrors, toLedgerError } from "../errors.ts";
import { lifecycleContract } from "../lifecycle/contract.ts";
import type { ChannelConfig, EvaluateRequest, SimulationRequest, SubmitRequest, TransactionKind } from "../ports.ts";
import type { CreatorCache, KnownCreator } from "../runtime/creators.ts";
import type { SimulatedState } from "../runtime/simulated-state.ts";
import { SimulatedStub } from "../runtime/simulated-stub.ts";
import { TransactionStub } from "../runtime/stub.ts";
import type { StateView } from "../runtime/view.ts";
import { INVALID_OTHER_REASON, VALID } from "./effects.ts";
import type { RunAnswer, RunStep } from "./simulation.ts";
import type { TransactionTime } from "./transaction-clock.ts";

/** Largest envelope that a channel orders, whatever its preferred block size. */
export const ENVELOPE_BYTES_MAX = 10 * 1024 * 1024;
const NONCE_BYTES = 24;
const OK_STATUS = 200;
const REFUSED_STATUS = 500;
const NOTHING = new Uint8Array(0);

/** An executed transaction, packed but without a place in the log. */
export interface ExecutedTransaction {
  readonly txId: string;
  readonly kind: TransactionKind;
  readonly validationCode: number;
  readonly envelope: Uint8Array;
  readonly timestampMs: number;
  readonly namespace: string;
  readonly writes: readonly KeyWrite[];
}

export interface ExecutedSubmit extends ExecutedTransaction {
  readonly result: Uint8Array;
  /** The contract refused and the channel records refusals: the caller learns it when the verdict is durable. */
  readonly recordedRefusal: LedgerError | undefined;
}

export type ExecutionOutcome = ExecutedSubmit | { readonly refusal: LedgerError; readonly immediate: boolean };

export interface ExecutorDependencies {
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly creators: CreatorCache;
  readonly random: RandomSource;
  readonly log: Logger;
  readonly view: StateView;
  readonly isPending: (namespace: string, key: string) => boolean;
  /** Whether the log, as far as it is ordered, holds a valid transaction with this id. */
  readonly isOrdered: (txId: string) => boolean;
}

/** Runs contract functions for one channel and packs what they did into Fabric envelopes. */
export class Executor {
  readonly #dependencies: ExecutorDependencies;

  constructor(dependencies: ExecutorDependencies) {
    this.#dependencies = dependencies;
  }

  async execute(request: SubmitRequest, config: ChannelConfig, time: TransactionTime): Promise<ExecutionOutcome> {
    const { random, creators, view } = this.#dependencies;
    const resolved = this.#resolve(request, config);
    if (resolved instanceof LedgerError) return { refusal: resolved, immediate: true };
    const nonce = request.nonce ?? random.bytes(NONCE_BYTES);
    if (nonce.length !== NONCE_BYTES) {
      return { refusal: ledgerErrors.argumentInvalid(`A nonce has ${NONCE_BYTES} bytes.`), immediate: true };
    }
    const creator = creators.get(request.creator);
    const txId = transactionId(nonce, creator.serialized);
    // Only a nonce that the caller chose can repeat.
    if (request.nonce !== undefined && this.#dependencies.isOrdered(txId)) {
      return { refusal: ledgerErrors.duplicateTransaction(txId), immediate: false };
    }
    const inFlight = this.#inFlight(request);
    if (inFlight !== undefined) return { refusal: inFlight, immediate: true };
    const stub = new TransactionStub(
      { txId, channelId: config.channelId, namespace: request.contract, timestamp: time },
      view,
    );
    const call = { txId, nonce, creator, time, stub };
    try {
      const returned = await resolved.fn({ stub, clientIdentity: creator.clientIdentity }, ...request.args);
      return pack(request, resolved.contract, call, toBytes(returned), undefined);
    } catch (cause) {
      const refusal = this.#refusalOf(cause, request);
      if (!(config.recordRefusals && refusal.code === "CONTRACT_REFUSED")) return { refusal, immediate: false };
      return pack(request, resolved.contract, call, NOTHING, refusal);
    }
  }

  async evaluate(
    request: EvaluateRequest,
    config: ChannelConfig,
    time: TransactionTime,
    view: StateView,
  ): Promise<Uint8Array> {
    const resolved = this.#resolve(request, config);
    if (resolved instanceof LedgerError) throw resolved;
    const inFlight = this.#inFlight(request);
    if (inFlight !== undefined) throw inFlight;
    const creator = this.#dependencies.creators.get(request.creator);
    const nonce = this.#dependencies.random.bytes(NONCE_BYTES);
    const stub = new TransactionStub(
      {
        txId: transactionId(nonce, creator.serialized),
        channelId: config.channelId,
        namespace: request.contract,
        timestamp: time,
      },
      view,
    );
    try {
      return toBytes(await resolved.fn({ stub, clientIdentity: creator.clientIdentity }, ...request.args));
    } catch (cause) {
      throw this.#refusalOf(cause, request);
    }
  }

  /** Runs a function of a built-in or system contract as a part of a simulation, whose reads and writes it adds to. */
  async simulate(
    step: RunStep,
    state: SimulatedState,
    proposal: { readonly config: ChannelConfig } & Pick<SimulationRequest, "txId" | "timestamp">,
  ): Promise<RunAnswer> {
    const { config, txId, timestamp } = proposal;
    const resolved =
      step.contract === LIFECYCLE_NAMESPACE ? functionOf(lifecycleContract, step) : this.#resolve(step, config);
    if (resolved instanceof LedgerError) throw resolved;
    const { clientIdentity } = this.#creatorOf(step.creator);
    const stub = new SimulatedStub({ txId, channelId: config.channelId, namespace: step.contract, timestamp }, state);
    try {
      const result = toBytes(await resolved.fn({ stub, clientIdentity }, ...step.args));
      return { kind: "ran", contractVersion: resolved.contract.version, result, event: stub.event };
    } catch (cause) {
      throw this.#refusalOf(cause, step);
    }
  }

  #creatorOf(creator: RunStep["creator"]): KnownCreator {
    try {
      return this.#dependencies.creators.get(creator);
    } catch (cause) {
      throw new LedgerError("ARGUMENT_INVALID", "The creator's certificate cannot be read.", { cause });
    }
  }

  #resolve(request: FunctionName, config: ChannelConfig): ResolvedFunction | LedgerError {
    const contract = this.#dependencies.contracts.get(request.contract);
    if (contract === undefined || !config.contracts.includes(request.contract)) {
      return ledgerErrors.contractUnknown(request.contract);
    }
    return functionOf(contract, request);
  }

  #inFlight(request: { readonly contract: string; readonly settledKeys?: readonly string[] }): LedgerError | undefined {
    const key = request.settledKeys?.find((candidate) => this.#dependencies.isPending(request.contract, candidate));
    return key === undefined ? undefined : ledgerErrors.writeInFlight(key);
  }

  /** What a contract function threw, in the words of the ledger. */
  #refusalOf(cause: unknown, request: { readonly contract: string; readonly fn: string }): LedgerError {
    if (cause instanceof ContractRefusal)
      return ledgerErrors.contractRefused(request.contract, cause.code, cause.message);
    // The stub's own refusals: a query that is not one, a key that no state database takes.
    if (cause instanceof ConcordatError) return toLedgerError(cause);
    this.#dependencies.log.error("contract broke off", {
      contract: request.contract,
      function: request.fn,
      reason: cause instanceof Error ? cause.message : "unknown",
    });
    return ledgerErrors.contractFailed(request.contract, request.fn, cause);
  }
}

interface FunctionName {
  readonly contract: string;
  readonly fn: string;
  readonly args: readonly string[];
}

interface ResolvedFunction {
  readonly contract: Contract;
  readonly fn: ContractFunction;
}

function functionOf(contract: Contract, request: FunctionName): ResolvedFunction | LedgerError {
  // Protobuf text is UTF-8, which has no lone surrogates.
  if (!request.args.every((argument) => argument.isWellFormed())) {
    return ledgerErrors.argumentInvalid("An argument is not well-formed Unicode.");
  }
  const fn = Object.hasOwn(contract.functions, request.fn) ? contract.functions[request.fn] : undefined;
  return fn === undefined ? ledgerErrors.functionUnknown(request.contract, request.fn) : { contract, fn };
}

function toBytes(returned: string | Uint8Array | undefined): Uint8Array {
  // In memory of its own: a piece of a shared pool would take the whole pool along to another thread.
  return typeof returned === "string" ? utf8ToBytes(returned) : (returned ?? NOTHING);
}

interface ExecutedCall {
  readonly txId: string;
  readonly nonce: Uint8Array;
  readonly creator: KnownCreator;
  readonly time: TransactionTime;
  readonly stub: TransactionStub;
}

function pack(
  request: SubmitRequest,
  contract: Contract,
  call: ExecutedCall,
  result: Uint8Array,
  recordedRefusal: LedgerError | undefined,
): ExecutionOutcome {
  const writes = recordedRefusal === undefined ? call.stub.writes : [];
  const envelope = encodeSerialEnvelope({
    channelId: call.stub.getChannelID(),
    contract: contract.name,
    contractVersion: contract.version,
    creator: call.creator.serialized,
    nonce: call.nonce,
    txId: call.txId,
    timestamp: call.time,
    args: [request.fn, ...request.args],
    reads: call.stub.reads,
    writes,
    event: recordedRefusal === undefined ? call.stub.event : undefined,
    response:
      recordedRefusal === undefined
        ? { status: OK_STATUS, message: "", payload: result }
        : {
            status: REFUSED_STATUS,
            message: `${String(recordedRefusal.facts["refusal"])}: ${recordedRefusal.message}`,
            payload: result,
          },
  });
  if (envelope.length > ENVELOPE_BYTES_MAX) {
    return { refusal: ledgerErrors.transactionTooLarge(envelope.length, ENVELOPE_BYTES_MAX), immediate: true };
  }
  return {
    txId: call.txId,
    kind: 1,
    validationCode: recordedRefusal === undefined ? VALID : INVALID_OTHER_REASON,
    envelope,
    timestampMs: call.time.ms,
    namespace: contract.name,
    writes,
    result,
    recordedRefusal,
  };
}

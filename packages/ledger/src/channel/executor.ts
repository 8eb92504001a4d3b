import { ConcordatError, type Logger, type RandomSource } from "@concordat/base";
import { type Contract, type ContractFunction, ContractRefusal } from "../contract-api/index.ts";
import { encodeSerialEnvelope, transactionId } from "../encoding/envelope.ts";
import { LedgerError, ledgerErrors, toLedgerError } from "../errors.ts";
import type { ChannelConfig, Creator, EvaluateRequest, SubmitRequest } from "../ports.ts";
import type { CreatorCache, KnownCreator } from "../runtime/creators.ts";
import { TransactionStub } from "../runtime/stub.ts";
import type { StateView } from "../runtime/view.ts";
import type { OrderedTransaction } from "./block-builder.ts";
import { INVALID_OTHER_REASON, VALID } from "./effects.ts";
import type { TransactionTime } from "./transaction-clock.ts";

/** Largest envelope that a channel orders, whatever its preferred block size. */
const ENVELOPE_BYTES_MAX = 10 * 1024 * 1024;
const NONCE_BYTES = 24;
const OK_STATUS = 200;
const REFUSED_STATUS = 500;

export interface ExecutedWrite {
  readonly namespace: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

export type ExecutionOutcome =
  | { readonly refusal: LedgerError; readonly immediate: boolean }
  | {
      readonly transaction: Omit<OrderedTransaction, "writes" | "settle">;
      readonly writes: readonly ExecutedWrite[];
      readonly result: Uint8Array;
      /** The contract refused and the channel records refusals: the caller learns it when the verdict is durable. */
      readonly recordedRefusal?: LedgerError;
    };

export interface ExecutorDependencies {
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly creators: CreatorCache;
  readonly random: RandomSource;
  readonly log: Logger;
  readonly view: StateView;
  readonly isPending: (namespace: string, key: string) => boolean;
  /** Whether the log, as far as it is ordered, holds a valid transaction with this id. */
  readonly isOrdered: (txId: string) => boolean;
  readonly ordered: (txId: string) => void;
}

/** Runs contract functions for one channel and packs what they did into Fabric envelopes. */
export class Executor {
  readonly #dependencies: ExecutorDependencies;

  constructor(dependencies: ExecutorDependencies) {
    this.#dependencies = dependencies;
  }

  ordered(txId: string): void {
    this.#dependencies.ordered(txId);
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
    const ran = await this.#run(resolved.fn, stub, creator, request);
    if (ran instanceof LedgerError && !(config.recordRefusals && ran.code === "CONTRACT_REFUSED")) {
      return { refusal: ran, immediate: false };
    }
    return pack(request, resolved.contract, { txId, nonce, creator, time, stub }, ran);
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
    const ran = await this.#run(resolved.fn, stub, creator, request);
    if (ran instanceof LedgerError) throw ran;
    return ran;
  }

  #resolve(
    request: { readonly contract: string; readonly fn: string; readonly args: readonly string[] },
    config: ChannelConfig,
  ): { contract: Contract; fn: ContractFunction } | LedgerError {
    const contract = this.#dependencies.contracts.get(request.contract);
    if (contract === undefined || !config.contracts.includes(request.contract)) {
      return ledgerErrors.contractUnknown(request.contract);
    }
    // Protobuf text is UTF-8, which has no lone surrogates.
    if (!request.args.every((argument) => argument.isWellFormed())) {
      return ledgerErrors.argumentInvalid("An argument is not well-formed Unicode.");
    }
    const fn = Object.hasOwn(contract.functions, request.fn) ? contract.functions[request.fn] : undefined;
    return fn === undefined ? ledgerErrors.functionUnknown(request.contract, request.fn) : { contract, fn };
  }

  #inFlight(request: { readonly contract: string; readonly settledKeys?: readonly string[] }): LedgerError | undefined {
    const key = request.settledKeys?.find((candidate) => this.#dependencies.isPending(request.contract, candidate));
    return key === undefined ? undefined : ledgerErrors.writeInFlight(key);
  }

  async #run(
    fn: ContractFunction,
    stub: TransactionStub,
    creator: KnownCreator,
    request: {
      readonly contract: string;
      readonly fn: string;
      readonly args: readonly string[];
      readonly creator: Creator;
    },
  ): Promise<Uint8Array | LedgerError> {
    try {
      const result = await fn({ stub, clientIdentity: creator.clientIdentity }, ...request.args);
      return typeof result === "string" ? Buffer.from(result, "utf8") : (result ?? new Uint8Array(0));
    } catch (cause) {
      if (cause instanceof ContractRefusal) return ledgerErrors.contractRefused(cause.code, cause.message);
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
  ran: Uint8Array | LedgerError,
): ExecutionOutcome {
  const refused = ran instanceof LedgerError ? ran : undefined;
  const result = ran instanceof LedgerError ? new Uint8Array(0) : ran;
  const writes = refused === undefined ? [...call.stub.writes].map(([key, value]) => ({ key, value })) : [];
  const envelope = encodeSerialEnvelope({
    channelId: call.stub.getChannelID(),
    contract: contract.name,
    contractVersion: contract.version,
    creator: call.creator.serialized,
    nonce: call.nonce,
    txId: call.txId,
    timestamp: call.time,
    args: [request.fn, ...request.args],
    reads: [...call.stub.reads].map(([key, version]) => (version === undefined ? { key } : { key, version })),
    writes,
    ...(call.stub.event === undefined || refused !== undefined ? {} : { event: call.stub.event }),
    response:
      refused === undefined
        ? { status: OK_STATUS, message: "", payload: result }
        : {
            status: REFUSED_STATUS,
            message: `${String(refused.facts["refusal"])}: ${refused.message}`,
            payload: result,
          },
  });
  if (envelope.length > ENVELOPE_BYTES_MAX) {
    return { refusal: ledgerErrors.transactionTooLarge(envelope.length, ENVELOPE_BYTES_MAX), immediate: true };
  }
  return {
    transaction: {
      txId: call.txId,
      kind: 1,
      validationCode: refused === undefined ? VALID : INVALID_OTHER_REASON,
      envelope,
      timestampMs: call.time.ms,
    },
    writes: writes.map((write) => ({ ...write, namespace: contract.name })),
    result,
    ...(refused === undefined ? {} : { recordedRefusal: refused }),
  };
}

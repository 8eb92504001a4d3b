import type { Clock, Logger } from "@concordat/base";
import type { ContractCallRequest, ContractConnection, ContractResponse } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import type { ShimLimits } from "./limits.ts";
import { decodeMessage, encodeCall, MESSAGE_TYPE, messageTypeName, type ShimMessage } from "./message.ts";
import { isStateRequest } from "./requests.ts";
import { failure } from "./response.ts";
import { encodeRequestError, Transaction, transactionKey } from "./transaction.ts";
import type { MessageStream } from "./wire.ts";

/** A call from its beginning to its answer. */
interface Call {
  readonly key: string;
  readonly request: ContractCallRequest;
  readonly resolve: (response: ContractResponse) => void;
  readonly reject: (error: FabricError) => void;
  readonly cancelTimer: () => void;
  /** Undefined while it waits for its turn. */
  transaction: Transaction | undefined;
}

/** Transactions that were given up and have not ended in the chaincode; beyond so many the oldest are forgotten. */
const ABANDONED_MAX = 10_000;

export function notRunning(reason: string): FabricError {
  return new FabricError("CONTRACT_NOT_RUNNING", `The contract is not running: ${reason}.`, { facts: { reason } });
}

/**
 * The peer's side of a stream on which a chaincode has registered. Reads as fast as the chaincode takes the answers; a call waits while
 * the stream is full or too many others run. Its timeout counts from the call.
 */
export class ShimConnection implements ContractConnection {
  readonly closed: Promise<string>;
  readonly #stream: MessageStream;
  readonly #limits: ShimLimits;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #settleClosed: (reason: string) => void;
  readonly #calls = new Map<string, Call>();
  readonly #waiting = new Set<Call>();
  readonly #abandoned = new Set<string>();
  #endReason: string | undefined;
  #full = false;

  constructor(
    options: { readonly limits: ShimLimits },
    dependencies: { readonly stream: MessageStream; readonly clock: Clock; readonly log: Logger },
  ) {
    this.#limits = options.limits;
    this.#stream = dependencies.stream;
    this.#clock = dependencies.clock;
    this.#log = dependencies.log;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    this.#settleClosed = resolve;
    this.#stream.on("drain", () => this.#onDrain());
  }

  call(request: ContractCallRequest): Promise<ContractResponse> {
    if (this.#endReason !== undefined) return Promise.reject(notRunning(this.#endReason));
    const key = transactionKey(request);
    // A chaincode that calls itself, round about or not, ends here, as on Fabric.
    if (this.#calls.has(key) || this.#abandoned.has(key)) {
      return Promise.resolve(failure(`txid: ${request.txId}(${request.channelId}) exists`));
    }
    if (this.#waiting.size >= this.#limits.waitingMax) {
      return Promise.reject(notRunning(`${this.#waiting.size} calls are waiting for it already`));
    }
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(request.timeoutMs, () => this.#giveUp(call));
      const call: Call = { key, request, resolve, reject, cancelTimer, transaction: undefined };
      this.#calls.set(key, call);
      this.#waiting.add(call);
      this.#startWaiting();
    });
  }

  close(): void {
    this.end("the peer closed the stream");
  }

  /** The stream is over: every open call is told why. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    this.#stream.end();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#waiting.clear();
    this.#abandoned.clear();
    for (const call of calls) {
      call.cancelTimer();
      call.transaction?.drop();
      call.reject(notRunning(reason));
    }
    this.#settleClosed(reason);
  }

  /** One message of the chaincode, as it came. */
  receive(bytes: Uint8Array): void {
    if (this.#endReason !== undefined) return;
    const message = decodeMessage(bytes);
    if (message === undefined) this.#breakOff("it sent what is no chaincode message");
    else if (isStateRequest(message.type)) this.#ask(message);
    else if (message.type === MESSAGE_TYPE.COMPLETED || message.type === MESSAGE_TYPE.ERROR) this.#complete(message);
    // Shims send every KEEPALIVE back, so one that was sent back to them would travel for ever.
    else if (message.type !== MESSAGE_TYPE.KEEPALIVE) {
      this.#breakOff(`it sent ${messageTypeName(message.type)}, which no registered contract may`);
    }
  }

  #breakOff(reason: string): void {
    this.#log.warn("the stream of a contract is ended", { reason });
    this.end(reason);
  }

  #ask(message: ShimMessage): void {
    const transaction = this.#calls.get(transactionKey(message))?.transaction;
    if (transaction === undefined) this.#send(encodeRequestError(message, "no ledger context"));
    else transaction.ask(message);
  }

  #complete(message: ShimMessage): void {
    const key = transactionKey(message);
    this.#abandoned.delete(key);
    this.#calls.get(key)?.transaction?.end(message);
  }

  #startWaiting(): void {
    for (const call of this.#waiting) {
      if (this.#full || this.#calls.size - this.#waiting.size >= this.#limits.runningMax) return;
      this.#waiting.delete(call);
      this.#start(call);
    }
  }

  #start(call: Call): void {
    const message = encodeCall(call.request);
    if (message.length > this.#limits.messageBytesMax) {
      this.#settle(call);
      call.resolve(failure(`the call has ${message.length} bytes; a message takes ${this.#limits.messageBytesMax}`));
      return;
    }
    const { iteratorsMax, messageBytesMax } = this.#limits;
    call.transaction = new Transaction(
      { request: call.request, iteratorsMax, messageBytesMax },
      {
        log: this.#log,
        send: (bytes) => this.#send(bytes),
        done: (response) => {
          this.#settle(call);
          call.resolve(response);
          this.#startWaiting();
        },
      },
    );
    this.#send(message);
  }

  #settle(call: Call): void {
    call.cancelTimer();
    this.#calls.delete(call.key);
    this.#waiting.delete(call);
  }

  #giveUp(call: Call): void {
    if (this.#calls.get(call.key) !== call) return;
    this.#settle(call);
    if (call.transaction !== undefined) {
      call.transaction.drop();
      const [oldest] = this.#abandoned;
      if (this.#abandoned.size >= ABANDONED_MAX && oldest !== undefined) this.#abandoned.delete(oldest);
      this.#abandoned.add(call.key);
    }
    const { txId, timeoutMs } = call.request;
    const text = `failed to execute transaction ${txId}: timeout expired while executing transaction`;
    call.reject(new FabricError("CONTRACT_TIMEOUT", text, { facts: { txId, timeoutMs } }));
    this.#startWaiting();
  }

  #send(bytes: Uint8Array): void {
    if (this.#endReason !== undefined) return;
    if (this.#stream.write(bytes)) return;
    this.#full = true;
    // What the chaincode asks next would only wait: let its own buffers fill instead.
    this.#stream.pause();
  }

  #onDrain(): void {
    this.#full = false;
    if (this.#endReason !== undefined) return;
    this.#stream.resume();
    this.#startWaiting();
  }
}

import { ConcordatError, type Logger } from "@concordat/base";
import type { CallSimulation, ContractCallRequest, ContractResponse } from "../contracts/ports.ts";
import { encodeStepAnswer } from "./answers.ts";
import { Iterators } from "./iterators.ts";
import { encodeMessage, MESSAGE_TYPE, messageTypeName, type ShimMessage, type TransactionName } from "./message.ts";
import { refusal } from "./refusal.ts";
import { readStateRequest, type StateRequest } from "./requests.ts";
import { encodeInvokeAnswer, messageToResponse } from "./response.ts";

/** Faults of the peer's own, whose texts may speak of its files. */
const INTERNAL_CODES: ReadonlySet<string> = new Set(["STORE_DAMAGED", "CHANNEL_FAILED", "OUTCOME_UNKNOWN", "CLOSED"]);

/** One name for each transaction of a connection. */
export function transactionKey(name: TransactionName): string {
  return `${name.channelId}\0${name.txId}`;
}

/** The ERROR that answers a request, in Fabric's words. */
export function encodeRequestError(message: ShimMessage, reason: string): Uint8Array {
  const text = `${messageTypeName(message.type)} failed: transaction ID: ${message.txId}: ${reason}`;
  return encodeMessage(MESSAGE_TYPE.ERROR, message, Buffer.from(text));
}

/**
 * One call that a chaincode is executing: its requests become steps of the call's simulation, one at a time, and its last message the
 * call's response, once the request before it is answered and its queries are closed.
 */
export class Transaction {
  readonly request: ContractCallRequest;
  readonly #log: Logger;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #done: (response: ContractResponse) => void;
  readonly #simulation: CallSimulation;
  readonly #iterators: Iterators;
  readonly #bytesMax: number;
  #busy = false;
  #warned = false;
  #ended = false;
  #last: ShimMessage | undefined;

  constructor(
    options: { readonly request: ContractCallRequest; readonly iteratorsMax: number; readonly messageBytesMax: number },
    dependencies: {
      readonly log: Logger;
      readonly send: (bytes: Uint8Array) => void;
      /** Called once, unless the transaction is dropped before. */
      readonly done: (response: ContractResponse) => void;
    },
  ) {
    this.request = options.request;
    this.#bytesMax = options.messageBytesMax;
    this.#log = dependencies.log;
    this.#send = dependencies.send;
    this.#done = dependencies.done;
    // Several calls may share a simulation: one that was given up takes no further step of it.
    this.#simulation = {
      step: (step) => (this.#ended ? Promise.reject(refusal("the call is over")) : this.request.simulation.step(step)),
    };
    this.#iterators = new Iterators({ openMax: options.iteratorsMax }, { simulation: this.#simulation });
  }

  /** From now on nothing is sent, and the simulation is left alone but for the step that runs. */
  drop(): void {
    this.#ended = true;
  }

  /** COMPLETED or ERROR. */
  end(message: ShimMessage): void {
    if (this.#last !== undefined) return;
    this.#last = message;
    if (!this.#busy) void this.#finish(message);
  }

  /** A request for state or for another chaincode. */
  ask(message: ShimMessage): void {
    if (this.#last !== undefined) this.#send(encodeRequestError(message, "the transaction has ended"));
    else if (!this.#busy) void this.#answer(message);
    else if (!this.#warned) {
      // An answer would be taken for that of the request that is being worked on; so, as on Fabric, there is none.
      this.#warned = true;
      this.#log.warn("a contract sent a second request of a transaction before the first was answered", this.#facts());
    }
  }

  async #answer(message: ShimMessage): Promise<void> {
    this.#busy = true;
    const answer = await this.#work(message)
      .then((payload) => this.#bounded(message, encodeMessage(MESSAGE_TYPE.RESPONSE, message, payload)))
      .catch((error: unknown) => encodeRequestError(message, this.#reason(error)));
    this.#busy = false;
    if (this.#ended) return;
    this.#send(answer);
    if (this.#last !== undefined) await this.#finish(this.#last);
  }

  async #work(message: ShimMessage): Promise<Uint8Array> {
    const request: StateRequest = readStateRequest(message, this.request.contract);
    switch (request.kind) {
      case "step":
        return encodeStepAnswer(await this.#simulation.step(request.step));
      case "rows":
        return this.#iterators.start(request.step, request.paged);
      case "next":
        return this.#iterators.next(request.iterator);
      case "close":
        return this.#iterators.close(request.iterator);
      case "invoke":
        return encodeInvokeAnswer(message, await this.request.invoke(request.target, request.args));
    }
  }

  #bounded(message: ShimMessage, answer: Uint8Array): Uint8Array {
    if (answer.length <= this.#bytesMax) return answer;
    return encodeRequestError(message, `the answer has ${answer.length} bytes; a message takes ${this.#bytesMax}`);
  }

  /** Only refusals are told: what else goes wrong inside the peer is no contract's business. */
  #reason(error: unknown): string {
    if (error instanceof ConcordatError && !INTERNAL_CODES.has(error.code)) return error.message;
    this.#log.error("a request of a contract failed", {
      ...this.#facts(),
      error: error instanceof Error ? error.message : String(error),
    });
    return "the peer failed";
  }

  async #finish(message: ShimMessage): Promise<void> {
    try {
      await this.#iterators.closeAll();
    } catch (error) {
      this.#reason(error);
    }
    if (this.#ended) return;
    this.#ended = true;
    this.#done(messageToResponse(message));
  }

  #facts() {
    const { channelId, txId, contract } = this.request;
    return { channelId, txId, contract };
  }
}

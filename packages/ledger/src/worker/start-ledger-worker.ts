import { Worker } from "node:worker_threads";
import type { Logger } from "@concordat/base";
import { ledgerErrors } from "../errors.ts";
import type { Ledger } from "../ports.ts";
import {
  errorFromWire,
  type LedgerMethod,
  type LedgerWorkerData,
  type WorkerAnswer,
  type WorkerCall,
  type WorkerMessage,
} from "./protocol.ts";

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * Starts the ledger in a thread of its own, so that execution and hashing never hold up the caller's event loop.
 * @throws what opening the ledger throws there, see {@link openLedger}
 */
export async function startLedgerWorker(
  options: LedgerWorkerData,
  dependencies: { readonly log: Logger },
): Promise<Ledger> {
  const worker = new Worker(new URL("./ledger-worker.ts", import.meta.url), { workerData: options });
  const connection = new Connection(worker, dependencies.log);
  await connection.ready;
  return connection.ledger();
}

class Connection {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls: WorkerCall[] = [];
  #lastId = 0;
  #ended: Error | undefined;

  constructor(worker: Worker, log: Logger) {
    this.#worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.on("message", (message: WorkerMessage) => {
        if (message.type === "answers") this.#receive(message.answers);
        else if (message.type === "log") log[message.level](message.message, message.fields as never);
        else if (message.type === "ready") resolve();
        else reject(errorFromWire(message.error));
      });
      worker.on("error", (cause) => {
        this.#end(ledgerErrors.outcomeUnknown(cause));
        reject(cause);
      });
      worker.on("exit", () => this.#end(ledgerErrors.closed()));
    });
  }

  ledger(): Ledger {
    const call = <Method extends LedgerMethod>(method: Method): Ledger[Method] =>
      // Every method of the port is asynchronous and takes plain data, so one forwarder serves all.
      ((...args: readonly unknown[]) => this.#call(method, args)) as Ledger[Method];
    return {
      createChannel: call("createChannel"),
      unlockChannel: call("unlockChannel"),
      updateChannel: call("updateChannel"),
      channels: call("channels"),
      status: call("status"),
      config: call("config"),
      submit: call("submit"),
      evaluate: call("evaluate"),
      order: call("order"),
      openSimulation: call("openSimulation"),
      simulate: call("simulate"),
      finishSimulation: call("finishSimulation"),
      dropSimulation: call("dropSimulation"),
      committedBlocks: call("committedBlocks"),
      blockNumberByHash: call("blockNumberByHash"),
      envelope: call("envelope"),
      configBlock: call("configBlock"),
      hasTransaction: call("hasTransaction"),
      transaction: call("transaction"),
      block: call("block"),
      blockBytes: call("blockBytes"),
      receipt: call("receipt"),
      checkpoint: call("checkpoint"),
      consistencyProof: call("consistencyProof"),
      trust: call("trust"),
      events: call("events"),
      waitForBlock: call("waitForBlock"),
      meters: call("meters"),
      stateHash: call("stateHash"),
      exportSnapshot: call("exportSnapshot"),
      importSnapshot: call("importSnapshot"),
      close: async () => {
        await this.#call("close", []);
        await this.#worker.terminate();
      },
    };
  }

  #call(method: LedgerMethod, args: readonly unknown[]): Promise<never> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      if (this.#calls.length === 0) setImmediate(() => this.#flush());
      this.#calls.push({ id: this.#lastId, method, args });
    });
  }

  #flush(): void {
    const batch = this.#calls;
    this.#calls = [];
    this.#worker.postMessage(batch);
  }

  #receive(answers: readonly WorkerAnswer[]): void {
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ("error" in answer) waiting?.reject(errorFromWire(answer.error));
      else waiting?.resolve(answer.result as never);
    }
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#ended);
  }
}

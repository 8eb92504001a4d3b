import { parentPort, workerData } from "node:worker_threads";
import { InvariantError, type LogFields } from "@concordat/base";
import type { Contract } from "../contract-api/index.ts";
import { openLedger } from "../engine/ledger.ts";
import type { Ledger } from "../ports.ts";
import {
  errorToWire,
  type LedgerWorkerData,
  type WorkerAnswer,
  type WorkerCall,
  type WorkerMessage,
} from "./protocol.ts";

/** The ledger's thread: answers the calls of `startLedgerWorker`. */
const port = parentPort;
if (port === null) throw new InvariantError("This module is the entry of a worker thread.");

const send = (message: WorkerMessage) => port.postMessage(message);
const log =
  (level: "info" | "warn" | "error") =>
  (message: string, fields: LogFields = {}) =>
    send({ type: "log", level, message, fields });

const data: LedgerWorkerData = workerData;
let answers: WorkerAnswer[] = [];

function answer(one: WorkerAnswer): void {
  // Everything that settles in one turn of the event loop goes back in one message.
  if (answers.length === 0) setImmediate(flush);
  answers.push(one);
}

function flush(): void {
  const batch = answers;
  answers = [];
  send({ type: "answers", answers: batch });
}

function perform(ledger: Ledger, call: WorkerCall): void {
  const method = ledger[call.method] as (...args: readonly unknown[]) => Promise<unknown>;
  method.apply(ledger, [...call.args]).then(
    (result) => answer({ id: call.id, result }),
    (error: unknown) => answer({ id: call.id, error: errorToWire(error) }),
  );
}

try {
  const module: { readonly contracts: readonly Contract[] } = await import(data.contractsModule);
  const ledger = await openLedger(
    { ...data, contracts: module.contracts },
    { log: { info: log("info"), warn: log("warn"), error: log("error") } },
  );
  port.on("message", (calls: readonly WorkerCall[]) => {
    for (const call of calls) perform(ledger, call);
  });
  send({ type: "ready" });
} catch (error) {
  send({ type: "failed", error: errorToWire(error) });
}

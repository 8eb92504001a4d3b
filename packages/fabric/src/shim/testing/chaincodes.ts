import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ChaincodeOrder } from "./chaincode-worker.ts";

/** Starts the sample contract in a thread. Its output is dropped: the shim logs every failure that a test asks for. */
export function startChaincode(order: ChaincodeOrder): Worker {
  return new Worker(new URL("./chaincode-worker.ts", import.meta.url), {
    workerData: order,
    stdout: true,
    stderr: true,
    env: { CORE_CHAINCODE_LOGGING_LEVEL: "error" },
  });
}

/** The free port of loopback that a serving chaincode took. */
export async function portOf(worker: Worker): Promise<number> {
  const [message]: unknown[] = await once(worker, "message");
  if (typeof message !== "object" || message === null || !("port" in message))
    throw new Error("the worker names no port");
  return Number(message.port);
}

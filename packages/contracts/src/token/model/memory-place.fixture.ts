import { createHash } from "node:crypto";
import { type Contract, ContractRefusal } from "@concordat/ledger/contract-api";
import { MemoryChannel } from "../../testing/memory-channel.ts";
import type { ModelCall } from "./checks.fixture.ts";
import type { CallOutcome, Place } from "./place.fixture.ts";

/** The contract on a channel in memory; each call has its own transaction id, which follows from its number. */
export class MemoryPlace implements Place {
  readonly #channel: MemoryChannel;
  #transactions = 0;

  constructor(contract: Contract) {
    this.#channel = new MemoryChannel(contract);
  }

  async submit(fn: string, json: string, call: ModelCall): Promise<CallOutcome> {
    const txId = createHash("sha256")
      .update(`transaction ${++this.#transactions}`)
      .digest("hex");
    try {
      return { answer: await this.#channel.submit(fn, [json], memoryCall(txId, call)), txId };
    } catch (error) {
      if (error instanceof ContractRefusal) return { refusal: error.code };
      throw error;
    }
  }

  read(fn: string, json: string, call: ModelCall): Promise<string> {
    return this.#channel.evaluate(fn, [json], memoryCall("0".repeat(64), call));
  }
}

function memoryCall(txId: string, { caller, timeMs }: ModelCall) {
  return { txId, timeMs, mspId: caller.org, attributes: { "hf.EnrollmentID": caller.user } };
}

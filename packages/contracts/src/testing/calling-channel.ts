import { createHash } from "node:crypto";
import { type Contract, ContractRefusal } from "@concordat/ledger/contract-api";
import { MemoryChannel } from "./memory-channel.ts";

/** A channel in memory with a clock and a row of transaction ids, called as one uid after another. */
export class CallingChannel {
  readonly channel: MemoryChannel;
  timeMs = 1_700_000_000_123;
  #transactions = 0;

  constructor(contract: Contract) {
    this.channel = new MemoryChannel(contract);
  }

  /** The id of the last transaction that was submitted. */
  get txId(): string {
    return txIdOf(this.#transactions);
  }

  get nextTxId(): string {
    return txIdOf(this.#transactions + 1);
  }

  /** The answer's JSON; undefined where a function answers nothing. */
  async submit(uid: string, fn: string, ...args: readonly string[]): Promise<unknown> {
    this.#transactions++;
    return toJson(await this.channel.submit(fn, args, this.#call(uid)));
  }

  async read(uid: string, fn: string, ...args: readonly string[]): Promise<unknown> {
    return toJson(await this.channel.evaluate(fn, args, this.#call(uid)));
  }

  #call(uid: string) {
    return { txId: this.txId, timeMs: this.timeMs, attributes: uid === "" ? {} : { principal: uid } };
  }
}

/** The code of the refusal that a call ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    return `no refusal: ${JSON.stringify(await work)}`;
  } catch (error) {
    if (error instanceof ContractRefusal) return error.code;
    throw error;
  }
}

function txIdOf(transaction: number): string {
  return createHash("sha256").update(`transaction ${transaction}`).digest("hex");
}

function toJson(answer: string): unknown {
  return answer === "" ? undefined : JSON.parse(answer);
}

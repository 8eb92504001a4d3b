import type { Contract } from "@concordat/ledger/contract-api";
import {
  compareAccount,
  compareHistory,
  compareHold,
  compareHoldIds,
  comparePeople,
  comparePolicies,
  compareRoles,
  compareSupply,
  compareToken,
  Divergence,
  type Read,
  requireEqual,
} from "./compared.fixture.ts";
import { administrator } from "./founding.fixture.ts";
import { Generator, type Operation, type WorldOptions } from "./generator.fixture.ts";
import { MemoryPlace } from "./memory-place.fixture.ts";
import { runOnModel } from "./model.fixture.ts";
import { requireMoneyAddsUp, requireWithinDay } from "./money-checks.fixture.ts";
import { ObservedRows, observed } from "./observed.fixture.ts";
import type { CallOutcome, Place } from "./place.fixture.ts";
import { type ModelAccount, ModelState } from "./state.fixture.ts";
import type { Tally } from "./tally.fixture.ts";

/** Calls between two comparisons of what calls have touched. */
const BLOCK = 20;
/** Calls between two comparisons of everything. */
const ALL = 200;

/** Model and contract side by side, from nothing, called alike. */
export class World {
  readonly state = new ModelState();
  readonly #rows = new ObservedRows();
  readonly #place: Place;
  readonly #generator: Generator;
  readonly #seed: number;
  readonly #compared = new Map<object, string>();
  #calls = 0;
  #timeMs = 0;

  /** @param open where the contract runs, which is given so that its writes are seen */
  constructor(seed: number, contract: Contract, open: (contract: Contract) => Place, options: WorldOptions = {}) {
    this.#seed = seed;
    this.#place = open(observed(contract, this.#rows));
    this.#generator = new Generator(seed, this.state, options);
  }

  static inMemory(seed: number, contract: Contract, options: WorldOptions = {}): World {
    return new World(seed, contract, (seen) => new MemoryPlace(seen), options);
  }

  /** @throws Divergence where the contract does otherwise than the model; its message names the world's seed */
  async run(calls: number, tally: Tally): Promise<void> {
    try {
      for (let call = 0; call < calls; call++) await this.#step(tally);
      await this.compareAll();
    } catch (error) {
      if (!(error instanceof Divergence)) throw error;
      throw new Divergence(`World ${this.#seed}, call ${this.#calls}: ${error.message}`);
    }
  }

  async #step(tally: Tally): Promise<void> {
    const operation = this.#generator.next();
    this.#calls++;
    this.#timeMs = operation.timeMs;
    const expected = runOnModel(this.state, operation.fn, operation, operation.args);
    const json = JSON.stringify(operation.args);
    const outcome = await unbroken(operation.fn, this.#place.submit(operation.fn, json, operation));
    requireEqual(describe(operation), "refusal" in outcome ? outcome.refusal : "", expected);
    tally.count(operation.fn, expected);
    learn(this.state, operation, outcome);
    if (expected === "") requireWithinDay(this.#rows, this.state, operation);
    if (this.#calls % BLOCK === 0) await this.#compareTouched();
    if (this.#calls % ALL === 0) await this.compareAll();
  }

  readonly #read: Read = async (fn, args) => {
    const call = { caller: administrator, timeMs: this.#timeMs };
    return JSON.parse(await unbroken(fn, this.#place.read(fn, JSON.stringify(args), call)));
  };

  async #compareTouched(): Promise<void> {
    requireMoneyAddsUp(this.#rows, this.state);
    for (const account of this.state.accounts) {
      if (!this.#isTouched(account, fingerprint(account))) continue;
      await compareAccount(this.#read, account);
      await compareHistory(this.#read, account);
      await compareHoldIds(this.#read, this.state, account);
    }
    for (const hold of this.state.holds.values()) {
      if (this.#isTouched(hold, hold.status)) await compareHold(this.#read, hold);
    }
    for (const token of this.state.tokens.values()) {
      if (this.#isTouched(token, `${token.minted} ${token.burned}`)) await compareSupply(this.#read, token);
    }
  }

  #isTouched(item: object, mark: string): boolean {
    const before = this.#compared.get(item);
    this.#compared.set(item, mark);
    return before !== mark;
  }

  /** All that the contract can tell, whether it was touched or not. @throws Divergence */
  async compareAll(): Promise<void> {
    if (!this.state.isOpen) return;
    this.#compared.clear();
    await this.#compareTouched();
    await comparePeople(this.#read, this.state);
    await compareRoles(this.#read, this.state);
    await comparePolicies(this.#read, this.state);
    for (const token of this.state.tokens.values()) await compareToken(this.#read, token);
  }
}

/** @throws Divergence where the contract breaks off, or refuses what it must answer */
async function unbroken<Answer>(fn: string, work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (cause) {
    throw new Divergence(`${fn} does not answer: ${cause}`, { cause });
  }
}

function fingerprint(account: ModelAccount): string {
  const { token, status, balance, onHold, onHoldBurn, amountMaxText, countMax, dailyCount, dayMs, history } = account;
  return [
    token?.id,
    status,
    balance,
    onHold,
    onHoldBurn,
    amountMaxText,
    countMax,
    dailyCount,
    dayMs,
    history.length,
  ].join();
}

function describe({ fn, caller, args, timeMs }: Operation): string {
  return `${fn} ${JSON.stringify(args)} by ${caller.org} ${caller.user} at ${new Date(timeMs).toISOString()}`;
}

const movements = /^(transfer|bulkTransfer|hold|executeHold|releaseHold)Tokens$|^(request|approve|reject)(Mint|Burn)$/;

/** The ids that the ledger has given. */
export function learn(state: ModelState, { fn }: Operation, outcome: CallOutcome): void {
  if ("refusal" in outcome) return;
  if (movements.test(fn)) state.transactionIds.push(`otransaction~${outcome.txId}`);
  const made = state.accounts.at(-1);
  if (fn === "createAccount" && made !== undefined) made.id = String(JSON.parse(outcome.answer)["account_id"]);
}

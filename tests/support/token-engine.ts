import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { type Contract, type Ledger, openLedger } from "@concordat/ledger";
import type { ModelCall } from "../../packages/contracts/src/token/model/checks.fixture.ts";
import { organizations as organizationsOfWorlds } from "../../packages/contracts/src/token/model/founding.fixture.ts";
import type { CallOutcome, Place } from "../../packages/contracts/src/token/model/place.fixture.ts";
import { createWorld, START_MS, type World } from "./contract-homes.ts";
import { createHomeChannel, installationId } from "./engine-home.ts";

const TOKEN = "token";

/** The organizations whose users the model's worlds have. */
export function createTokenWorld(): Promise<World> {
  return createWorld(organizationsOfWorlds.map((mspId) => mspId.replace(/MSP$/, "")));
}

/** The token contract on a channel of the embedded engine, called by users of four organizations with certificates of their own. */
export class TokenEngine implements Place {
  readonly #directory: string;
  readonly #world: World;
  readonly #clock = new ManualClock(START_MS);
  #contracts: readonly Contract[] = [];
  #ledger: Ledger | undefined;

  constructor(directory: string, world: World) {
    this.#directory = directory;
    this.#world = world;
  }

  /** Sets which contract is run when the engine opens. */
  run(contract: Contract): this {
    this.#contracts = [contract];
    return this;
  }

  /** Opens the ledger of the folder with what it finds there; makes the channel when there is none. */
  async open(): Promise<void> {
    const options = { directory: this.#directory, installationId, contracts: this.#contracts };
    this.#ledger = await openLedger(options, { clock: this.#clock });
    const { channelId, organizations } = this.#world;
    const isKnown = (await this.#ledger.channels()).length > 0;
    if (!isKnown) await createHomeChannel(this.#ledger, this.#world, [TOKEN]);
    else {
      const signers = organizations.map(({ signer }) => signer);
      await this.#ledger.unlockChannel(channelId, signers);
    }
  }

  get #opened(): Ledger {
    if (this.#ledger === undefined) throw new Error("The engine is closed.");
    return this.#ledger;
  }

  async close(): Promise<void> {
    await this.#opened.close();
    this.#ledger = undefined;
  }

  /** Takes away all that the ledger can make again from its segments. The engine is closed. */
  deleteDerived(): Promise<void> {
    return rm(join(this.#directory, "channels", this.#world.channelId, "derived"), { recursive: true });
  }

  /** Over every key and value of the state. */
  stateHash(): Promise<string> {
    return this.#opened.stateHash(this.#world.channelId);
  }

  async submit(fn: string, json: string, call: ModelCall): Promise<CallOutcome> {
    try {
      const { result, txId } = await this.#opened.submit(await this.#request(fn, json, call));
      return { answer: Buffer.from(result).toString(), txId };
    } catch (error) {
      // The ledger's errors have these; of another neither is there.
      const { code, facts } = error as { readonly code?: unknown; readonly facts?: { readonly refusal?: unknown } };
      if (code === "CONTRACT_REFUSED") return { refusal: String(facts?.refusal) };
      throw error;
    }
  }

  async read(fn: string, json: string, call: ModelCall): Promise<string> {
    return Buffer.from(await this.#opened.evaluate(await this.#request(fn, json, call))).toString();
  }

  async #request(fn: string, json: string, { caller, timeMs }: ModelCall) {
    this.#clock.advance(timeMs - this.#clock.nowMs());
    const organization = this.#world.organizations.find(({ mspId }) => mspId === caller.org);
    if (organization === undefined) throw new Error(`There is no organization ${caller.org}.`);
    const { mspId, certificatePem } = await organization.client(caller.user);
    const { channelId } = this.#world;
    return { channelId, creator: { mspId, certificatePem }, contract: TOKEN, fn, args: [json] };
  }
}

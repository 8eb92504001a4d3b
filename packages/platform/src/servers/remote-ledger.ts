import type { Clock } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import { LEDGER_LEASE } from "./home-lease.ts";
import type { Leases } from "./leases.ts";

/** How long the home's address is believed before it is looked up again. */
const KNOWN_FOR_MS = 1_000;

/**
 * The ledger of a server that is not its home. This is the place from which calls will be forwarded to the home server; until they are,
 * every call is refused with its address.
 */
export function remoteLedger(dependencies: { readonly leases: Pick<Leases, "find">; readonly clock: Clock }): Ledger {
  const home = new HomeAddress(dependencies);
  const refuse = async (): Promise<never> => {
    const url = await home.find();
    throw new PlatformError("HOME_ELSEWHERE", `The ledger is kept by the server at ${url}.`, {
      remedy: "Send this call there.",
      facts: { url },
    });
  };
  return {
    createChannel: refuse,
    unlockChannel: refuse,
    updateChannel: refuse,
    channels: refuse,
    status: refuse,
    config: refuse,
    submit: refuse,
    evaluate: refuse,
    order: refuse,
    openSimulation: refuse,
    simulate: refuse,
    finishSimulation: refuse,
    dropSimulation: refuse,
    committedBlocks: refuse,
    blockNumberByHash: refuse,
    envelope: refuse,
    configBlock: refuse,
    hasTransaction: refuse,
    transaction: refuse,
    block: refuse,
    blockBytes: refuse,
    receipt: refuse,
    checkpoint: refuse,
    consistencyProof: refuse,
    trust: refuse,
    events: refuse,
    waitForBlock: refuse,
    meters: refuse,
    stateHash: refuse,
    exportSnapshot: refuse,
    importSnapshot: refuse,
    close: async () => undefined,
  };
}

/** Where the home server answers, or answered last. */
class HomeAddress {
  readonly #dependencies: { readonly leases: Pick<Leases, "find">; readonly clock: Clock };
  #known: { readonly url: Promise<string>; readonly untilMs: number } | undefined;

  constructor(dependencies: { readonly leases: Pick<Leases, "find">; readonly clock: Clock }) {
    this.#dependencies = dependencies;
  }

  find(): Promise<string> {
    const nowMs = this.#dependencies.clock.nowMs();
    if (this.#known === undefined || this.#known.untilMs <= nowMs) {
      const url = this.#dependencies.leases.find(LEDGER_LEASE).then((lease) => lease?.url ?? "an unknown address");
      this.#known = { url, untilMs: nowMs + KNOWN_FOR_MS };
      // Asked again by the next call.
      url.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.url;
  }
}

import type { RandomSource } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import type { ChainRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { contractOfService } from "./channel-config.ts";

export interface CollaborationStepsDependencies {
  readonly ledger: Pick<Ledger, "submit">;
  readonly directory: Directory;
  readonly random: RandomSource;
}

/** Of a transaction. */
const nonceBytes = 24;

/**
 * What a collaboration chain's contract has to be told for the chain's rows to be true. Each call may be made again: the contract finds it
 * done, and writes nothing.
 */
export class CollaborationSteps {
  readonly #dependencies: CollaborationStepsDependencies;

  constructor(dependencies: CollaborationStepsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Tells who the administrator is. */
  open(chain: ChainRow): Promise<void> {
    return this.#submit(chain, "open", []);
  }

  /** Gives one RAM user's rights in phases to another. */
  moveGrants(chain: ChainRow, fromUid: string, toUid: string): Promise<void> {
    return this.#submit(chain, "moveGrants", [fromUid, toUid]);
  }

  /** In the administrator's name and by its present certificate, whatever its state: a start has to finish what was begun. */
  async #submit({ channelId, service, administratorUid }: ChainRow, fn: string, args: readonly string[]) {
    const { ledger, directory, random } = this.#dependencies;
    const creator = directory.creator(administratorUid);
    const nonce = random.bytes(nonceBytes);
    await ledger.submit({ channelId, creator, contract: contractOfService[service], fn, args, nonce });
  }
}

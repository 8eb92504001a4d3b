import type { Ledger, TrustBundleChannel } from "@concordat/ledger";

/**
 * Whose keys each channel had at which block, read from the ledger once for each configuration: reading it takes every configuration block
 * of the channel.
 *
 * Invariant: what is kept is of the configuration in force, because every change of one goes through {@link ChannelTrust.change}.
 */
export class ChannelTrust {
  readonly #ledger: Pick<Ledger, "trust">;
  readonly #known = new Map<string, Promise<TrustBundleChannel>>();
  readonly #changing = new Set<string>();

  constructor(dependencies: { readonly ledger: Pick<Ledger, "trust"> }) {
    this.#ledger = dependencies.ledger;
  }

  of(channelId: string): Promise<TrustBundleChannel> {
    const known = this.#known.get(channelId);
    if (known !== undefined) return known;
    const read = this.#ledger.trust(channelId);
    // Read during a change, it may be of the configuration before: good for this caller, not for those to come.
    if (this.#changing.has(channelId)) return read;
    this.#known.set(channelId, read);
    read.catch(() => {
      if (this.#known.get(channelId) === read) this.#known.delete(channelId);
    });
    return read;
  }

  /** Display names of the organizations whose keys signed a block. */
  async organizationNames(channelId: string, block: number): Promise<string[]> {
    const { organizations } = await this.of(channelId);
    return organizations
      .filter(({ checkpointKeys }) =>
        checkpointKeys.some(({ fromBlock, toBlock }) => fromBlock <= block && (toBlock === null || block <= toBlock)),
      )
      .map(({ displayName }) => displayName);
  }

  /** Runs a change of a channel's configuration; the changes of one channel come one at a time. */
  async change<Result>(channelId: string, work: () => Promise<Result>): Promise<Result> {
    this.#changing.add(channelId);
    this.#known.delete(channelId);
    try {
      return await work();
    } finally {
      this.#changing.delete(channelId);
    }
  }
}

import type { Ledger } from "@concordat/ledger";
import { contractOfService } from "../chains/channel-config.ts";
import { Mutex } from "../directory/mutex.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { BusinessChain } from "../ports.ts";

export interface Amount {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Holds a chain to its quota. The ledger's meters count what is on chain; what is being written is added here, so that writers at the
 * same time cannot pass together. The sum kept here is never too low; before it refuses, the meters are asked again.
 */
export class QuotaGate {
  readonly #ledger: Ledger;
  /** Metered once, plus every write let through since that did not fail. */
  readonly #used = new Map<string, Amount>();
  /** The part of it that has no answer yet. */
  readonly #writing = new Map<string, Amount>();
  readonly #metering = new Mutex();

  constructor(dependencies: { readonly ledger: Ledger }) {
    this.#ledger = dependencies.ledger;
  }

  /**
   * Runs a write if the quota has room for it.
   * @throws PlatformError QUOTA_EXCEEDED
   */
  async run<Result>(chain: BusinessChain, amount: Amount, write: () => Promise<Result>): Promise<Result> {
    const { channelId } = chain;
    if (!this.#admit(chain, amount)) await this.#metering.run(() => this.#admitMetered(chain, amount));
    change(this.#writing, channelId, amount, 1);
    try {
      return await write();
    } catch (error) {
      change(this.#used, channelId, amount, -1);
      throw error;
    } finally {
      change(this.#writing, channelId, amount, -1);
    }
  }

  #admit(chain: BusinessChain, amount: Amount): boolean {
    const used = this.#used.get(chain.channelId);
    if (used === undefined) return false;
    if (used.records + amount.records > chain.countQuota) return false;
    if (used.bytes + amount.bytes > chain.capacityQuotaBytes) return false;
    change(this.#used, chain.channelId, amount, 1);
    return true;
  }

  async #admitMetered(chain: BusinessChain, amount: Amount): Promise<void> {
    const { channelId } = chain;
    // Another call may have metered while this one waited.
    if (this.#admit(chain, amount)) return;
    const before = this.#used.get(channelId) ?? nothing;
    // Of these the meters may show some already: they count twice until the next metering.
    const writing = this.#writing.get(channelId) ?? nothing;
    const meters = await onLedger(() => this.#ledger.meters(channelId, contractOfService[chain.service], ""));
    const since = this.#used.get(channelId) ?? nothing;
    this.#used.set(channelId, {
      records: (meters["count"] ?? 0) + writing.records + since.records - before.records,
      bytes: (meters["bytes"] ?? 0) + writing.bytes + since.bytes - before.bytes,
    });
    if (!this.#admit(chain, amount)) throw new PlatformError("QUOTA_EXCEEDED", undefined, { facts: { channelId } });
  }
}

const nothing: Amount = { records: 0, bytes: 0 };

function change(amounts: Map<string, Amount>, channelId: string, by: Amount, sign: 1 | -1): void {
  const { records, bytes } = amounts.get(channelId) ?? nothing;
  amounts.set(channelId, { records: records + sign * by.records, bytes: bytes + sign * by.bytes });
}

import { isConcordatError } from "@concordat/base";
import type { ChannelStatus, ConsistencyProof, Ledger, Receipt, TrustBundleChannel } from "@concordat/ledger";
import { authorizeOnChain, requireInstallationAdministrator, requireServiceOpened } from "../access/authorize.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { ChannelTrust } from "../ledger/channel-trust.ts";
import { onLedger, toPlatformError } from "../ledger/ledger-errors.ts";
import type { BusinessChain, Evidence, Principal, Receipts } from "../ports.ts";

export interface ReceiptsDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly trust: ChannelTrust;
  readonly evidence: Evidence;
}

/** Receipts and proofs. Reading one needs the same permission as reading the record: a place on the chain. */
export class ReceiptsService implements Receipts {
  readonly #dependencies: ReceiptsDependencies;

  constructor(dependencies: ReceiptsDependencies) {
    this.#dependencies = dependencies;
  }

  /** A transaction on a chain that the caller has no place on is unknown to it. */
  async byTransaction(caller: Principal, txId: string, options: { withEnvelope: boolean }): Promise<Receipt> {
    requireServiceOpened(caller);
    const { ledger, directory } = this.#dependencies;
    for (const { chain } of directory.membershipsOf(caller.uid)) {
      authorizeOnChain(caller, { name: "receipt:read" }, chain, directory);
      try {
        return await ledger.receipt(chain.channelId, txId, options);
      } catch (error) {
        if (!isConcordatError(error, "TRANSACTION_UNKNOWN")) throw toPlatformError(error);
      }
    }
    throw new PlatformError("TRANSACTION_UNKNOWN", undefined, { facts: { txId } });
  }

  async byKey(
    caller: Principal,
    input: { chainCode: string; key: string; businessId?: string },
    options: { withEnvelope: boolean },
  ): Promise<Receipt> {
    const record = await this.#dependencies.evidence.get(caller, input);
    return this.#receipt(this.#chainOf(caller, input.chainCode), record.txId, options);
  }

  async byDigest(
    caller: Principal,
    input: { chainCode: string; digest: string },
    options: { withEnvelope: boolean },
  ): Promise<readonly Receipt[]> {
    const records = await this.#dependencies.evidence.findByDigest(caller, input);
    const chain = this.#chainOf(caller, input.chainCode);
    const txIds = [...new Set(records.map((record) => record.txId))];
    return Promise.all(txIds.map((txId) => this.#receipt(chain, txId, options)));
  }

  /** The channels of the caller's chains, all of them for an installation administrator. */
  async trustBundle(
    caller: Principal,
  ): Promise<{ readonly format: "concordat-trust/1"; readonly channels: readonly TrustBundleChannel[] }> {
    const { trust } = this.#dependencies;
    const channelIds = this.#visibleChannels(caller);
    const channels = await onLedger(() => Promise.all(channelIds.map((channelId) => trust.of(channelId))));
    return { format: "concordat-trust/1", channels };
  }

  async channelStatus(caller: Principal, channelId: string): Promise<ChannelStatus> {
    this.#requireVisible(caller, channelId);
    return onLedger(() => this.#dependencies.ledger.status(channelId));
  }

  async stateHash(caller: Principal, channelId: string): Promise<string> {
    this.#requireVisible(caller, channelId);
    requireInstallationAdministrator(caller);
    return onLedger(() => this.#dependencies.ledger.stateHash(channelId));
  }

  async checkpoint(caller: Principal, channelId: string, block?: number): Promise<string> {
    this.#requireVisible(caller, channelId);
    return onLedger(() => this.#dependencies.ledger.checkpoint(channelId, block));
  }

  async consistency(
    caller: Principal,
    channelId: string,
    fromBlock: number,
    toBlock: number,
  ): Promise<ConsistencyProof> {
    this.#requireVisible(caller, channelId);
    return onLedger(() => this.#dependencies.ledger.consistencyProof(channelId, fromBlock, toBlock));
  }

  #chainOf(caller: Principal, chainCode: string): BusinessChain {
    const { directory } = this.#dependencies;
    const chain = directory.chainByCode(chainCode);
    if (chain === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    authorizeOnChain(caller, { name: "receipt:read" }, chain, directory);
    return chain;
  }

  #receipt({ channelId }: BusinessChain, txId: string, options: { withEnvelope: boolean }): Promise<Receipt> {
    return onLedger(() => this.#dependencies.ledger.receipt(channelId, txId, options));
  }

  #visibleChannels(caller: Principal): string[] {
    const { directory } = this.#dependencies;
    if (!caller.installationAdministrator) {
      return directory.membershipsOf(caller.uid).map(({ chain }) => chain.channelId);
    }
    return directory.chainRows().flatMap((row) => (row.status === "active" ? [row.channelId] : []));
  }

  #requireVisible(caller: Principal, channelId: string): void {
    if (!this.#visibleChannels(caller).includes(channelId)) throw new PlatformError("CHANNEL_UNKNOWN");
  }
}

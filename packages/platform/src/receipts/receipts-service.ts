import { isConcordatError } from "@concordat/base";
import type { ChannelStatus, ConsistencyProof, Ledger, Receipt, TrustBundleChannel } from "@concordat/ledger";
import { chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import { auditChannelId } from "../chains/channel-config.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { ChannelTrust } from "../ledger/channel-trust.ts";
import { onLedger, toPlatformError } from "../ledger/ledger-errors.ts";
import { visibleNetworkChannels } from "../networks/visible-channels.ts";
import type { BusinessChain, Evidence, Principal, Receipts } from "../ports.ts";

export interface ReceiptsDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly trust: ChannelTrust;
  readonly evidence: Evidence;
}

/**
 * Receipts and proofs. Reading one needs the same permission as reading the record: a place on the chain, or on a network's channel
 * the right to query its contracts.
 */
export class ReceiptsService implements Receipts {
  readonly #dependencies: ReceiptsDependencies;

  constructor(dependencies: ReceiptsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * A transaction on a channel that the caller may not read is unknown to it, unless that is a chain that it is on: then the refusal says
   * why, if none of the others has the transaction.
   */
  async byTransaction(caller: Principal, txId: string, options: { withEnvelope: boolean }): Promise<Receipt> {
    const { directory, authorizer } = this.#dependencies;
    for (const channelId of visibleNetworkChannels(caller, "network:contract:query", this.#dependencies)) {
      const receipt = await this.#receiptIfThere(channelId, txId, options);
      if (receipt !== undefined) return receipt;
    }
    authorizer.requireService(caller);
    const whole = authorizer.wholeCaller(caller);
    const chains = directory.membershipsOf(caller.uid).map(({ chain }) => chain);
    const isOpen = (chain: BusinessChain) => authorizer.allowsOnChain(whole, chainActions.readReceipt, chain);
    for (const { channelId } of chains.filter(isOpen)) {
      const receipt = await this.#receiptIfThere(channelId, txId, options);
      if (receipt !== undefined) return receipt;
    }
    for (const chain of chains) authorizer.placeOnChain(whole, chainActions.readReceipt, chain);
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

  /** The channels of the caller's chains and networks, all of them for an installation administrator. */
  async trustBundle(
    caller: Principal,
  ): Promise<{ readonly format: "concordat-trust/1"; readonly channels: readonly TrustBundleChannel[] }> {
    const { ledger, trust } = this.#dependencies;
    const found = await onLedger(() => ledger.channels());
    // Whoever holds a receipt of an audit entry needs the keys of that channel, once it is there.
    const audit = found.map(({ channelId }) => channelId).filter((channelId) => channelId === auditChannelId);
    const channelIds = [...this.#chainChannels(caller), ...this.#networkChannels(caller), ...audit];
    const channels = await onLedger(() => Promise.all(channelIds.map((channelId) => trust.of(channelId))));
    return { format: "concordat-trust/1", channels };
  }

  async channelStatus(caller: Principal, channelId: string): Promise<ChannelStatus> {
    this.#requireVisible(caller, channelId);
    return onLedger(() => this.#dependencies.ledger.status(channelId));
  }

  async stateHash(caller: Principal, channelId: string): Promise<string> {
    this.#requireVisible(caller, channelId);
    const { authorizer } = this.#dependencies;
    const installation = { kind: "installation", tenantId: null };
    authorizer.require(authorizer.wholeCaller(caller), "platform:channel:readState", installation);
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
    const { directory, authorizer } = this.#dependencies;
    const chain = directory.chainByCode(chainCode);
    if (chain === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    authorizer.placeOnChain(authorizer.wholeCaller(caller), chainActions.readReceipt, chain);
    return chain;
  }

  async #receiptIfThere(
    channelId: string,
    txId: string,
    options: { withEnvelope: boolean },
  ): Promise<Receipt | undefined> {
    try {
      return await this.#dependencies.ledger.receipt(channelId, txId, options);
    } catch (error) {
      if (isConcordatError(error, "TRANSACTION_UNKNOWN")) return undefined;
      throw toPlatformError(error);
    }
  }

  #networkChannels(caller: Principal): string[] {
    return visibleNetworkChannels(caller, "network:channel:get", this.#dependencies);
  }

  #receipt({ channelId }: BusinessChain, txId: string, options: { withEnvelope: boolean }): Promise<Receipt> {
    return onLedger(() => this.#dependencies.ledger.receipt(channelId, txId, options));
  }

  #chainChannels(caller: Principal): string[] {
    const { directory, authorizer } = this.#dependencies;
    const whole = authorizer.wholeCaller(caller);
    if (!authorizer.allows(whole, "platform:channel:list", { kind: "installation", tenantId: null })) {
      return directory
        .membershipsOf(caller.uid)
        .filter(({ chain }) => authorizer.allowsOnChain(whole, chainActions.describeChain, chain))
        .map(({ chain }) => chain.channelId);
    }
    return directory.chainRows().flatMap((row) => (row.status === "active" ? [row.channelId] : []));
  }

  #requireVisible(caller: Principal, channelId: string): void {
    const isVisible =
      this.#chainChannels(caller).includes(channelId) ||
      this.#networkChannels(caller).includes(channelId) ||
      (channelId === auditChannelId && caller.installationAdministrator);
    if (!isVisible) throw new PlatformError("CHANNEL_UNKNOWN");
  }
}

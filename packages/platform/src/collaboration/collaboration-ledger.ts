import type { Clock } from "@concordat/base";
import type { Ledger, SubmitResult } from "@concordat/ledger";
import type { ChainAction } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import type { Creators } from "../certificates/creators.ts";
import { contractOfService } from "../chains/channel-config.ts";
import type { Directory } from "../directory/directory.ts";
import { requireWritable } from "../evidence/rules.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { BusinessChain, CallNonce, Principal } from "../ports.ts";
import type { ReplayedWrites } from "../replay/replayed-writes.ts";
import { type CollaborationAnswers, parseAnswer } from "./contract-answers.ts";

import { placeOnCollaboration } from "./rules.ts";

export interface CollaborationLedgerDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly creators: Creators;
  readonly replayedWrites: ReplayedWrites;
  readonly clock: Clock;
}

/** A function of the contract with its arguments; "" stands for one that is not given. */
export interface ContractCall {
  readonly fn: string;
  readonly args: readonly string[];
  /** Keys of the contract that must have no write in flight. */
  readonly settledKeys?: readonly string[];
}

const contract = contractOfService.collaboration;

/** Calls of the contract `collaboration` as a principal, once its place on the chain allows them. */
export class CollaborationLedger {
  readonly #dependencies: CollaborationLedgerDependencies;

  constructor(dependencies: CollaborationLedgerDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws PlatformError SERVICE_NOT_OPENED, CHAIN_UNKNOWN, ACCOUNT_KIND_REFUSED, ACCESS_DENIED */
  place(caller: Principal, bizChainId: string, action: ChainAction): BusinessChain {
    return placeOnCollaboration(caller, bizChainId, action, this.#dependencies);
  }

  /** @throws PlatformError CHAIN_EXPIRED */
  requireWritable(chain: BusinessChain): void {
    requireWritable(chain, this.#dependencies.clock.nowMs());
  }

  /** @throws PlatformError CALL_REPLAYED, CERTIFICATE_NOT_USABLE and the contract's refusals */
  async submit(caller: Principal, chain: BusinessChain, call: ContractCall, nonce: CallNonce): Promise<SubmitResult> {
    const { ledger, creators, replayedWrites } = this.#dependencies;
    const { channelId } = chain;
    const creator = creators.forWrite(caller.uid);
    const bound = await replayedWrites.nonceFor(channelId, creator, nonce, creators.lately(caller.uid));
    return onLedger(() => ledger.submit({ channelId, creator, contract, ...call, nonce: bound }));
  }

  /** Runs a function that only reads and takes its answer apart. @throws PlatformError EVIDENCE_IN_FLIGHT and the contract's refusals */
  async read<Name extends keyof CollaborationAnswers>(
    caller: Principal,
    { channelId }: BusinessChain,
    call: ContractCall & { readonly fn: Name },
  ): Promise<CollaborationAnswers[Name]> {
    const { ledger, directory } = this.#dependencies;
    const creator = directory.creator(caller.uid);
    return parseAnswer(call.fn, await onLedger(() => ledger.evaluate({ channelId, creator, contract, ...call })));
  }
}

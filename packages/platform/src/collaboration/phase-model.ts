import { chainActions } from "../access/actions.ts";
import { isName, isRemark } from "../access/names.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import { requireChainPage } from "../chains/pages.ts";
import type { MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain, CallNonce, Principal, WriteOutcome } from "../ports.ts";
import type { Page } from "../tenancy/ports.ts";
import type { CollaborationLedger, ContractCall } from "./collaboration-ledger.ts";
import { parseAnswer } from "./contract-answers.ts";
import type { Collaboration, Phase, PhaseAccess, PhaseGroup, PhaseQuotas } from "./ports.ts";
import { isId, requireGroupId, requirePhaseId } from "./rules.ts";

type Model = Pick<
  Collaboration,
  | "createGroup"
  | "modifyGroup"
  | "listGroups"
  | "createPhase"
  | "modifyPhase"
  | "listPhases"
  | "access"
  | "updateAccess"
  | "quotas"
>;

export interface PhaseModelDependencies {
  readonly collaboration: CollaborationLedger;
  readonly directory: Directory;
  readonly steps: Pick<ChannelSteps, "whileMembersStay">;
}

/** Phase groups, their phases, who may write to them, and how many there may be. */
export class PhaseModel implements Model {
  readonly #ledger: CollaborationLedger;
  readonly #directory: Directory;
  readonly #steps: PhaseModelDependencies["steps"];

  constructor(dependencies: PhaseModelDependencies) {
    this.#ledger = dependencies.collaboration;
    this.#directory = dependencies.directory;
    this.#steps = dependencies.steps;
  }

  async createGroup(
    caller: Principal,
    input: Parameters<Model["createGroup"]>[1],
    nonce: CallNonce,
  ): Promise<WriteOutcome & { readonly phaseGroupId: string }> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.createPhaseGroup);
    const { name, remark } = requireNamed(input);
    this.#ledger.requireWritable(chain);
    const call = { fn: "createGroup", args: [name, remark, String(chain.phaseGroupQuota)] };
    const { txId, result } = await this.#ledger.submit(caller, chain, call, nonce);
    return { txIds: [txId], phaseGroupId: parseAnswer("createGroup", result).groupId };
  }

  async modifyGroup(
    caller: Principal,
    input: Parameters<Model["modifyGroup"]>[1],
    nonce: CallNonce,
  ): Promise<WriteOutcome> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.modifyPhaseGroup);
    requireGroupId(input.phaseGroupId);
    const { name, remark } = requireNamed(input);
    return this.#write(caller, chain, { fn: "modifyGroup", args: [input.phaseGroupId, name, remark] }, nonce);
  }

  async listGroups(caller: Principal, query: Parameters<Model["listGroups"]>[1]): Promise<Page<PhaseGroup>> {
    const chain = this.#ledger.place(caller, query.bizChainId, chainActions.listPhaseGroups);
    requireChainPage(query);
    const args = [nameSought(query.name), String(query.page), String(query.pageSize)];
    const { total, groups } = await this.#ledger.read(caller, chain, { fn: "groups", args });
    return { total, items: groups.map(({ groupId, name, remark }) => ({ phaseGroupId: groupId, name, remark })) };
  }

  async createPhase(
    caller: Principal,
    input: Parameters<Model["createPhase"]>[1],
    nonce: CallNonce,
  ): Promise<WriteOutcome & { readonly phaseId: string }> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.createPhase);
    requireGroupId(input.phaseGroupId);
    const { name, remark } = requireNamed(input);
    this.#ledger.requireWritable(chain);
    const call = { fn: "createPhase", args: [input.phaseGroupId, name, remark, String(chain.phaseQuota)] };
    const { txId, result } = await this.#ledger.submit(caller, chain, call, nonce);
    return { txIds: [txId], phaseId: parseAnswer("createPhase", result).phaseId };
  }

  async modifyPhase(
    caller: Principal,
    input: Parameters<Model["modifyPhase"]>[1],
    nonce: CallNonce,
  ): Promise<WriteOutcome> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.modifyPhase);
    requirePhaseId(input.phaseId);
    const { name, remark } = requireNamed(input);
    return this.#write(caller, chain, { fn: "modifyPhase", args: [input.phaseId, name, remark] }, nonce);
  }

  async listPhases(caller: Principal, query: Parameters<Model["listPhases"]>[1]): Promise<Page<Phase>> {
    const chain = this.#ledger.place(caller, query.bizChainId, chainActions.listPhases);
    requireGroupId(query.phaseGroupId);
    requireChainPage(query);
    const args = [query.phaseGroupId, nameSought(query.name), String(query.page), String(query.pageSize)];
    const { total, phases } = await this.#ledger.read(caller, chain, { fn: "phases", args });
    return { total, items: phases };
  }

  async access(caller: Principal, input: Parameters<Model["access"]>[1]): Promise<PhaseAccess> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.describePhaseAccess);
    const { uid } = this.#member(chain, input.memberId);
    requireGroupId(input.phaseGroupId);
    return this.#ledger.read(caller, chain, { fn: "grants", args: [input.phaseGroupId, uid] });
  }

  async updateAccess(
    caller: Principal,
    input: Parameters<Model["updateAccess"]>[1],
    nonce: CallNonce,
  ): Promise<WriteOutcome> {
    const chain = this.#ledger.place(caller, input.bizChainId, chainActions.updatePhaseAccess);
    this.#member(chain, input.memberId);
    const { phaseGroupId, phaseIds } = input;
    requireGroupId(phaseGroupId);
    if (!phaseIds.every(isId) || new Set(phaseIds).size !== phaseIds.length) {
      throw new PlatformError("PHASE_LIST_INVALID");
    }
    // The place may go to another RAM user, and its rights with it: before these are given, or after, but not meanwhile.
    return this.#steps.whileMembersStay(chain.channelId, async () => {
      const { uid } = this.#member(chain, input.memberId);
      const call = { fn: "grant", args: [phaseGroupId, uid, JSON.stringify(phaseIds)] };
      return this.#write(caller, chain, call, nonce);
    });
  }

  async quotas(caller: Principal, bizChainId: string): Promise<PhaseQuotas> {
    const chain = this.#ledger.place(caller, bizChainId, chainActions.describePhaseQuotas);
    const { groups } = await this.#ledger.read(caller, chain, { fn: "resources", args: [] });
    return {
      memberQuota: chain.memberQuota,
      usedMembers: this.#directory.membershipRows(bizChainId).filter(({ role }) => role === "member").length,
      phaseGroupQuota: chain.phaseGroupQuota,
      usedPhaseGroups: groups.length,
      groups: groups.map(({ groupId, name, phases }) => ({
        phaseGroupId: groupId,
        name,
        phaseQuota: chain.phaseQuota,
        usedPhases: phases,
      })),
    };
  }

  async #write(caller: Principal, chain: BusinessChain, call: ContractCall, nonce: CallNonce): Promise<WriteOutcome> {
    this.#ledger.requireWritable(chain);
    const { txId } = await this.#ledger.submit(caller, chain, call, nonce);
    return { txIds: [txId] };
  }

  /**
   * A member that is on the chain already. While its place goes to another RAM user, its rights go too: until that is done there is nobody
   * whose rights could be shown or changed.
   */
  #member({ bizChainId }: BusinessChain, memberId: string): MembershipRow {
    const member = this.#directory.row("memberships", bizChainId, memberId);
    if (member?.role !== "member" || member.status !== "active") throw new PlatformError("MEMBER_UNKNOWN");
    return member;
  }
}

/** A remark that is left out is "" for the contract: none for something new, the one before for something that is modified. */
function requireNamed(input: { readonly name: string; readonly remark?: string }): {
  readonly name: string;
  readonly remark: string;
} {
  const { name, remark = "" } = input;
  if (!isName(name)) throw new PlatformError("NAME_INVALID");
  if (!isRemark(remark)) throw new PlatformError("REMARK_INVALID");
  return { name, remark };
}

/** Text that UTF-8 cannot hold is no name of anything, and stays none. */
function nameSought(name: string | undefined): string {
  return (name ?? "").toWellFormed();
}

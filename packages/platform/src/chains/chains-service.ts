import { type Clock, isConcordatError, type RandomSource } from "@concordat/base";
import type { BlockCutting, Ledger } from "@concordat/ledger";
import { chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import { isChainName, isRemark } from "../access/names.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { ChainRow, ControlChange, MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { platformLimits } from "../limits.ts";
import type { BusinessChain, Caller, ChainMembership, Chains, ChainUsage, NewChain, Principal } from "../ports.ts";
import { defaultBlockCutting, requireBlockCutting } from "./block-cutting.ts";
import { channelIdOf } from "./channel-config.ts";
import type { ChannelSteps } from "./channel-steps.ts";

export interface ChainOptions {
  /** Used where a call names none; 1 to 36500. */
  readonly validDays: number;
  readonly countQuota: number;
  readonly capacityQuotaBytes: number;
  readonly blockCutting: BlockCutting;
}

/** The quotas are those of the document's example. @source Aliyun LTL document, section 4.2.7.14 */
export const defaultChainOptions: ChainOptions = {
  validDays: 3650,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  blockCutting: defaultBlockCutting,
};

export interface ChainsDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly steps: ChannelSteps;
  readonly clock: Clock;
  readonly random: RandomSource;
}

type AdministeredChain = NewChain & { readonly administratorUid: string };

interface ChainRows {
  readonly chain: ChainRow;
  readonly membership: MembershipRow;
}

const dayMs = 86_400_000;

/** Business chains: each is one channel with the organizations of its administrator and its members. */
export class ChainsService implements Chains {
  readonly #options: ChainOptions;
  readonly #dependencies: ChainsDependencies;

  constructor(options: ChainOptions, dependencies: ChainsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  async list(
    caller: Principal,
    input: { name?: string; page: number; pageSize: number },
  ): Promise<{ readonly total: number; readonly items: readonly ChainMembership[] }> {
    this.#dependencies.authorizer.requireService(caller);
    const { name, page, pageSize } = input;
    const isPage = Number.isSafeInteger(page) && page >= 1;
    if (!isPage || !Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > platformLimits.chainPageSizeMax) {
      throw new PlatformError("PAGE_INVALID");
    }
    const memberships = this.#dependencies.directory.membershipsOf(caller.uid);
    const named = name === undefined ? memberships : memberships.filter(({ chain }) => chain.name === name);
    return { total: named.length, items: named.slice((page - 1) * pageSize, page * pageSize) };
  }

  async get(
    caller: Principal,
    bizChainId: string,
  ): Promise<ChainMembership & { readonly status: "normal" | "expired" }> {
    const membership = this.#place(caller, bizChainId);
    const isExpired = this.#dependencies.clock.nowMs() >= membership.chain.expiresMs;
    return { ...membership, status: isExpired ? "expired" : "normal" };
  }

  async usage(caller: Principal, bizChainId: string): Promise<ChainUsage> {
    const { channelId } = this.#place(caller, bizChainId).chain;
    const meters = await onLedger(() => this.#dependencies.ledger.meters(channelId, "evidence", ""));
    return {
      usedCount: meters["count"] ?? 0,
      usedCapacityBytes: meters["bytes"] ?? 0,
      memberUsedCount: meters[`count:${caller.uid}`] ?? 0,
      memberUsedCapacityBytes: meters[`bytes:${caller.uid}`] ?? 0,
    };
  }

  async create(caller: Caller, input: NewChain): Promise<ChainMembership> {
    this.#dependencies.authorizer.require(caller, "platform:chain:create", { kind: "installation", tenantId: null });
    const administratorUid = input.administratorUid ?? caller.principal.accountUid;
    const rows = await this.#record(caller, { ...input, administratorUid });
    try {
      return await this.#finish(rows);
    } catch (error) {
      // Where the channel may exist, the next start finds out and finishes.
      if (!isConcordatError(error, "OUTCOME_UNKNOWN")) await this.#withdraw(caller, rows);
      throw error;
    }
  }

  /**
   * Makes a chain that the installation itself needs. If it fails, the next start finishes it.
   * @param recorded further rows to write together with the chain's first row
   */
  async provision(
    input: AdministeredChain,
    recorded: (bizChainId: string) => readonly ControlChange[],
  ): Promise<ChainMembership> {
    return this.#finish(await this.#record(undefined, input, recorded));
  }

  async addMember(caller: Caller, input: { bizChainId: string; memberUid: string }): Promise<ChainMembership> {
    const { directory, authorizer, steps } = this.#dependencies;
    const { chain } = this.#place(caller.principal, input.bizChainId);
    authorizer.placeOnChain(caller, chainActions.addMember, chain);
    const member = directory.principal(input.memberUid);
    if (member === undefined) throw new PlatformError("ACCOUNT_UNKNOWN");
    if (member.kind !== "ram-user") throw new PlatformError("ACCOUNT_KIND_REFUSED");
    const row = await directory.change(async () => {
      const planned = this.#planMember(chain, member);
      const audit = auditEntry(
        caller,
        {
          action: chainActions.addMember,
          resource: { kind: "chain", id: chain.bizChainId },
          detail: { memberUid: member.uid },
        },
        this.#dependencies,
      );
      return { changes: [{ table: "memberships", row: planned } as const], audit: [audit], result: planned };
    });
    await onLedger(() => steps.join({ ...chain, status: "active" }, row));
    return this.#show(chain.bizChainId, member.uid);
  }

  #record(
    caller: Caller | undefined,
    input: AdministeredChain,
    recorded: (bizChainId: string) => readonly ControlChange[] = () => [],
  ): Promise<ChainRows> {
    this.#check(input);
    return this.#dependencies.directory.change(async () => {
      const rows = this.#plan(input);
      const changes: ControlChange[] = [
        { table: "chains", row: rows.chain },
        { table: "memberships", row: rows.membership },
        ...recorded(rows.chain.bizChainId),
      ];
      return { changes, audit: [this.#creation(caller, rows, "done")], result: rows };
    });
  }

  async #finish({ chain, membership }: ChainRows): Promise<ChainMembership> {
    await onLedger(() => this.#dependencies.steps.createChannel(chain));
    return this.#show(chain.bizChainId, membership.uid);
  }

  #withdraw(caller: Caller, rows: ChainRows): Promise<void> {
    const { chain, membership } = rows;
    const changes: ControlChange[] = [
      { table: "memberships", row: membership, remove: true },
      { table: "chains", row: chain, remove: true },
    ];
    const audit = [this.#creation(caller, rows, "failed")];
    return this.#dependencies.directory.change(async () => ({ changes, audit, result: undefined }));
  }

  #creation(caller: Caller | undefined, { chain }: ChainRows, outcome: "done" | "failed") {
    const { bizChainId, name, administratorUid } = chain;
    const event = {
      action: "platform:chain:create",
      resource: { kind: "chain", id: bizChainId },
      outcome,
      detail: { name, administratorUid },
    };
    return auditEntry(caller, event, this.#dependencies);
  }

  #place(caller: Principal, bizChainId: string): ChainMembership {
    const { directory, authorizer } = this.#dependencies;
    authorizer.requireService(caller);
    const chain = directory.chain(bizChainId);
    if (chain === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    return authorizer.placeOnChain(authorizer.wholeCaller(caller), chainActions.describeChain, chain);
  }

  #check(input: AdministeredChain): void {
    if (!isChainName(input.name)) throw new PlatformError("CHAIN_NAME_INVALID");
    if (!isRemark(input.remark ?? "")) throw new PlatformError("REMARK_INVALID");
    const validDays = input.validDays ?? this.#options.validDays;
    if (!Number.isSafeInteger(validDays) || validDays < 1 || validDays > 36_500) {
      throw new PlatformError("VALIDITY_INVALID");
    }
    requireBlockCutting(input.blockCutting ?? {});
    const administrator = this.#dependencies.directory.principal(input.administratorUid);
    if (administrator === undefined) throw new PlatformError("ACCOUNT_UNKNOWN");
    if (administrator.kind !== "account") {
      throw new PlatformError("ACCOUNT_KIND_REFUSED", "The administrator of a chain must be an account.");
    }
    this.#dependencies.authorizer.requireService(administrator);
  }

  /** All ids are chosen before anything is done, so that the steps can be taken again. */
  #plan(input: AdministeredChain): ChainRows {
    const { directory, clock, random } = this.#dependencies;
    const taken = new Set(directory.chainRows().map((row) => row.bizChainId));
    const bizChainId = drawFree(
      () => newIds.bizChainId(random),
      (id) => taken.has(id),
    );
    const bizChainCode = drawFree(
      () => newIds.bizChainCode(random),
      (code) => directory.isChainCodeTaken(code),
    );
    const effectiveMs = clock.nowMs();
    const chain: ChainRow = {
      bizChainId,
      bizChainCode,
      channelId: channelIdOf(bizChainId),
      name: input.name,
      remark: input.remark ?? "",
      edition: input.edition ?? "standard",
      administratorUid: input.administratorUid,
      effectiveMs,
      expiresMs: effectiveMs + (input.validDays ?? this.#options.validDays) * dayMs,
      countQuota: this.#options.countQuota,
      capacityQuotaBytes: this.#options.capacityQuotaBytes,
      blockCutting: { ...this.#options.blockCutting, ...input.blockCutting },
      cryptography: input.cryptography ?? "international",
      status: "creating",
    };
    const membership: MembershipRow = {
      bizChainId,
      uid: input.administratorUid,
      role: "administrator",
      dataTypeCode: this.#drawDataTypeCode(),
      status: "active",
      createdMs: effectiveMs,
    };
    return { chain, membership };
  }

  /** A membership that was begun and not finished is taken up again. */
  #planMember(chain: BusinessChain, member: Principal): MembershipRow {
    const { directory, clock } = this.#dependencies;
    const known = directory.membershipRows(chain.bizChainId).find((row) => row.uid === member.uid);
    if (known?.status === "active") throw new PlatformError("MEMBER_EXISTS");
    if (known !== undefined) return known;
    return {
      bizChainId: chain.bizChainId,
      uid: member.uid,
      role: "member",
      dataTypeCode: this.#drawDataTypeCode(),
      status: "joining",
      createdMs: clock.nowMs(),
    };
  }

  #drawDataTypeCode(): string {
    const { directory, random } = this.#dependencies;
    return drawFree(
      () => newIds.dataTypeCode(random),
      (code) => directory.membershipByCode(code) !== undefined,
    );
  }

  #show(bizChainId: string, uid: string): ChainMembership {
    const membership = this.#dependencies.directory.membership(bizChainId, uid);
    if (membership === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    return membership;
  }
}

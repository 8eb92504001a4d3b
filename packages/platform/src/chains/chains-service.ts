import { type Clock, isConcordatError, type RandomSource } from "@concordat/base";
import type { BlockCutting, Ledger } from "@concordat/ledger";
import { chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { ChainRow, ControlChange, MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { newMembership } from "../members/membership-rows.ts";
import type {
  BusinessChain,
  Caller,
  ChainMembership,
  ChainQuotas,
  ChainService,
  Chains,
  ChainUpdate,
  ChainUsage,
  NewChain,
  Principal,
} from "../ports.ts";
import { given } from "../tenancy/context.ts";
import { defaultBlockCutting, requireBlockCutting } from "./block-cutting.ts";
import { dayMs, givenQuotas, requireChainTerms, requireExpiry, requireValidDays } from "./chain-input.ts";
import { channelIdOf, contractOfService } from "./channel-config.ts";
import type { ChannelSteps } from "./channel-steps.ts";
import { requireChainPage } from "./pages.ts";

/** Used where a call names none. */
export interface ChainOptions extends ChainQuotas {
  /** 1 to 36500. */
  readonly validDays: number;
  readonly blockCutting: BlockCutting;
}

/** The quotas are those of the document's examples. @source Aliyun LTL document, sections 4.2.7.14 and 4.2.9.10 */
export const defaultChainOptions: ChainOptions = {
  validDays: 3650,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  memberQuota: 100,
  phaseGroupQuota: 200,
  phaseQuota: 5,
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
    input: { service?: ChainService; name?: string; page: number; pageSize: number },
  ): Promise<{ readonly total: number; readonly items: readonly ChainMembership[] }> {
    this.#dependencies.authorizer.requireService(caller);
    requireChainPage(input);
    const { service, name, page, pageSize } = input;
    const found = this.#dependencies.directory
      .membershipsOf(caller.uid)
      .filter(
        ({ chain, locked }) =>
          !locked &&
          (service === undefined || chain.service === service) &&
          (name === undefined || chain.name === name),
      );
    return { total: found.length, items: found.slice((page - 1) * pageSize, page * pageSize) };
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
    const { channelId, service } = this.#place(caller, bizChainId).chain;
    const meters = await onLedger(() => this.#dependencies.ledger.meters(channelId, contractOfService[service], ""));
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
    await onLedger(() => this.#dependencies.steps.requireLedger());
    const rows = await this.#record(caller, { ...input, administratorUid });
    try {
      return await this.#finish(rows);
    } catch (error) {
      // Where the channel may exist, the next start finds out and finishes.
      if (isConcordatError(error, "OUTCOME_UNKNOWN")) throw error;
      if (await this.#mayHaveChannel(rows.chain)) {
        const summary = "The chain could not be finished; the next start of the server does it.";
        throw new PlatformError("OUTCOME_UNKNOWN", summary, { cause: error });
      }
      await this.#withdraw(caller, rows);
      throw error;
    }
  }

  async update(caller: Caller, bizChainId: string, changes: ChainUpdate): Promise<BusinessChain> {
    const { authorizer, clock, directory } = this.#dependencies;
    const { name, remark, expiresMs } = changes;
    const quotas = givenQuotas(changes.quotas);
    return directory.change(async () => {
      authorizer.require(caller, "platform:chain:update", { kind: "installation", tenantId: null });
      const before = directory.row("chains", bizChainId);
      if (before?.status !== "active") throw new PlatformError("CHAIN_UNKNOWN");
      requireChainTerms(changes);
      if (expiresMs !== undefined) requireExpiry(expiresMs, clock.nowMs());
      const detail = { ...given({ name, remark, expiresMs }), ...quotas };
      const row: ChainRow = { ...before, ...detail };
      const event = { action: "platform:chain:update", resource: { kind: "chain", id: bizChainId }, detail };
      const { status: _, ...result } = row;
      return { changes: [{ table: "chains", row }], audit: [auditEntry(caller, event, this.#dependencies)], result };
    });
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

  async #mayHaveChannel({ channelId }: ChainRow): Promise<boolean> {
    try {
      return (await this.#dependencies.ledger.channels()).some((channel) => channel.channelId === channelId);
    } catch {
      return true;
    }
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
    requireChainTerms(input);
    requireValidDays(input.validDays ?? this.#options.validDays);
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
      service: input.service ?? "proof",
      bizChainCode,
      channelId: channelIdOf(bizChainId),
      name: input.name,
      remark: input.remark ?? "",
      edition: input.edition ?? "standard",
      administratorUid: input.administratorUid,
      effectiveMs,
      expiresMs: effectiveMs + (input.validDays ?? this.#options.validDays) * dayMs,
      ...this.#defaultQuotas(),
      ...givenQuotas(input.quotas),
      blockCutting: { ...this.#options.blockCutting, ...input.blockCutting },
      cryptography: input.cryptography ?? "international",
      status: "creating",
    };
    return { chain, membership: this.#administratorsPlace(bizChainId, input.administratorUid) };
  }

  #defaultQuotas(): ChainQuotas {
    const { countQuota, capacityQuotaBytes, memberQuota, phaseGroupQuota, phaseQuota } = this.#options;
    return { countQuota, capacityQuotaBytes, memberQuota, phaseGroupQuota, phaseQuota };
  }

  #administratorsPlace(bizChainId: string, uid: string): MembershipRow {
    const name = this.#dependencies.directory.principal(uid)?.name ?? "";
    const details = { name, contact: "", phone: "", remark: "" };
    return newMembership({ bizChainId, uid, role: "administrator", status: "active", ...details }, this.#dependencies);
  }

  #show(bizChainId: string, uid: string): ChainMembership {
    const membership = this.#dependencies.directory.membership(bizChainId, uid);
    if (membership === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    return membership;
  }
}

import type { Clock, RandomSource } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import { type ChainAction, chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import { contractOfService } from "../chains/channel-config.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import { requireChainPage } from "../chains/pages.ts";
import type { MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { BusinessChain, Caller, Principal } from "../ports.ts";
import { given, inOrder } from "../tenancy/context.ts";
import type { Page } from "../tenancy/ports.ts";
import { requireMemberDetails } from "./member-details.ts";
import { newMembership } from "./membership-rows.ts";
import type { Member, MemberDetails, MemberQuery, Members, MemberUsage } from "./ports.ts";

export interface MembersDependencies {
  readonly ledger: Pick<Ledger, "meters">;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly steps: Pick<ChannelSteps, "join" | "requireLedger">;
  readonly clock: Clock;
  readonly random: RandomSource;
}

type AccessCaller = Pick<Caller, "principal" | "scope" | "sourceAddress">;
type NewMember = { readonly bizChainId: string; readonly uid: string } & Partial<MemberDetails>;
type MemberChange = {
  readonly bizChainId: string;
  readonly memberId: string;
  readonly uid?: string;
} & Partial<MemberDetails>;

/**
 * Members are rows of the directory. A row says first who shall have the place (`joining`), then a step of {@link ChannelSteps} brings its
 * organization and rights on the channel and makes it `active`; after a crash the next start finishes that.
 */
export class MembersService implements Members {
  readonly #dependencies: MembersDependencies;

  constructor(dependencies: MembersDependencies) {
    this.#dependencies = dependencies;
  }

  async create(caller: Caller, input: NewMember): Promise<Member> {
    const { directory, steps } = this.#dependencies;
    const place = () => this.#place(caller, chainActions.addMember, input.bizChainId);
    place();
    requireMemberDetails(input);
    await onLedger(() => steps.requireLedger());
    const row = await directory.change(async () => {
      const planned = this.#planNew(place(), input);
      const detail = { memberId: planned.memberId, memberUid: planned.uid };
      const audit = this.#audit(caller, chainActions.addMember, input.bizChainId, detail);
      return { changes: [{ table: "memberships", row: planned } as const], audit: [audit], result: planned };
    });
    await this.#join(row);
    return this.#show(row);
  }

  async list(caller: Principal, query: MemberQuery): Promise<Page<Member>> {
    this.#place(this.#dependencies.authorizer.wholeCaller(caller), chainActions.listMembers, query.bizChainId);
    return this.#page(query);
  }

  async modify(caller: Caller, input: MemberChange): Promise<Member> {
    const place = () => this.#place(caller, chainActions.modifyMember, input.bizChainId);
    place();
    requireMemberDetails(input);
    for (;;) {
      if (input.uid !== undefined) await this.#settle(input, input.uid);
      const row = await this.#change(caller, input, place);
      // Another call has given the place away meanwhile: that one is finished first.
      if (row === undefined) continue;
      if (input.uid !== undefined) await this.#join(row);
      return this.#show(row);
    }
  }

  async setLocked(
    caller: Caller,
    input: { readonly bizChainId: string; readonly memberId: string; readonly locked: boolean },
  ): Promise<void> {
    const { bizChainId, memberId, locked } = input;
    const action = locked ? chainActions.lockMember : chainActions.unlockMember;
    await this.#dependencies.directory.change(async () => {
      this.#place(caller, action, bizChainId);
      const before = this.#memberRow(input);
      if (before.locked === locked) return { changes: [], result: undefined };
      const audit = this.#audit(caller, action, bizChainId, { memberId, memberUid: before.uid });
      const row: MembershipRow = { ...before, locked };
      return { changes: [{ table: "memberships", row }], audit: [audit], result: undefined };
    });
  }

  async dataTypes(caller: Principal, query: MemberQuery): Promise<Page<Member>> {
    const { authorizer, directory } = this.#dependencies;
    authorizer.requireService(caller);
    // Evidence is not kept there, so that codes mean nothing.
    if (directory.chain(query.bizChainId)?.service !== "proof") throw new PlatformError("CHAIN_UNKNOWN");
    this.#place(authorizer.wholeCaller(caller), chainActions.listDataTypes, query.bizChainId);
    return this.#page(query);
  }

  async usage(caller: Principal, bizChainId: string): Promise<readonly MemberUsage[]> {
    const { authorizer, ledger } = this.#dependencies;
    const whole = authorizer.wholeCaller(caller);
    const { channelId, service } = this.#place(whole, chainActions.describeMemberUsage, bizChainId);
    const meters = await onLedger(() => ledger.meters(channelId, contractOfService[service], ""));
    return this.#members(bizChainId).map(({ memberId, uid, name }) => ({
      memberId,
      uid,
      name,
      usedCount: meters[`count:${uid}`] ?? 0,
      usedCapacityBytes: meters[`bytes:${uid}`] ?? 0,
    }));
  }

  /** @throws PlatformError SERVICE_NOT_OPENED, CHAIN_UNKNOWN, ACCOUNT_KIND_REFUSED, ACCESS_DENIED */
  #place(caller: AccessCaller, action: ChainAction, bizChainId: string): BusinessChain {
    const { authorizer, directory } = this.#dependencies;
    authorizer.requireService(caller.principal);
    const chain = directory.chain(bizChainId);
    if (chain === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    authorizer.placeOnChain(caller, action, chain);
    return chain;
  }

  /** A membership that was begun and not finished is taken up again, with the details that are given now. */
  #planNew(chain: BusinessChain, input: NewMember): MembershipRow {
    const { directory } = this.#dependencies;
    const { bizChainId, memberQuota } = chain;
    const { uid, name, contact, phone, remark } = input;
    const rows = directory.membershipRows(bizChainId).filter((row) => row.role === "member");
    const begun = rows.find((row) => row.uid === uid && row.status === "joining" && row.formerUid === null);
    const user = this.#requireUser(uid);
    if (begun !== undefined) return { ...begun, ...given({ name, contact, phone, remark }) };
    this.#requireFree(bizChainId, uid);
    if (rows.length >= memberQuota) {
      throw new PlatformError("QUOTA_EXCEEDED", "The business chain has as many members as it may have.", {
        facts: { bizChainId, memberQuota },
      });
    }
    const details = { name: name ?? user.name, contact: contact ?? "", phone: phone ?? "", remark: remark ?? "" };
    return newMembership({ bizChainId, uid, role: "member", status: "joining", ...details }, this.#dependencies);
  }

  /** @returns undefined, without any change, when a change of RAM user is not finished and the place shall go to another one */
  #change(caller: Caller, input: MemberChange, place: () => BusinessChain): Promise<MembershipRow | undefined> {
    return this.#dependencies.directory.change(async () => {
      place();
      const { bizChainId, memberId, name, contact, phone, remark } = input;
      const before = this.#memberRow(input);
      const details = given({ name, contact, phone, remark });
      const uid = input.uid ?? before.uid;
      const isHandedOver = uid !== before.uid;
      if (isHandedOver && before.status === "joining") return { changes: [], result: undefined };
      if (isHandedOver) {
        this.#requireUser(uid);
        this.#requireFree(bizChainId, uid);
      }
      const handOver = { uid, formerUid: before.uid, status: "joining" } as const;
      const row: MembershipRow = { ...before, ...details, ...(isHandedOver ? handOver : {}) };
      const moved = isHandedOver ? { memberUid: uid, formerUid: before.uid } : { memberUid: uid };
      const audit = this.#audit(caller, chainActions.modifyMember, bizChainId, {
        memberId,
        ...moved,
        fields: Object.keys(details),
      });
      return { changes: [{ table: "memberships", row }], audit: [audit], result: row };
    });
  }

  /** Finishes a change of RAM user that was cut off, so that no rights stay behind with the one before. */
  async #settle(member: MemberChange, uid: string): Promise<void> {
    const row = this.#memberRow(member);
    if (row.status === "active" && row.uid === uid) return;
    await onLedger(() => this.#dependencies.steps.requireLedger());
    await this.#join(row);
  }

  async #join(row: MembershipRow): Promise<void> {
    const { directory, steps } = this.#dependencies;
    const chain = directory.row("chains", row.bizChainId);
    if (row.status !== "joining" || chain === undefined) return;
    await onLedger(() => steps.join(chain, row));
  }

  #requireUser(uid: string): Principal {
    const user = this.#dependencies.directory.principal(uid);
    if (user === undefined) throw new PlatformError("ACCOUNT_UNKNOWN");
    if (user.kind !== "ram-user") throw new PlatformError("ACCOUNT_KIND_REFUSED");
    return user;
  }

  /** Whoever is giving its place away still has rights on the channel until that is finished. */
  #requireFree(bizChainId: string, uid: string): void {
    const rows = this.#dependencies.directory.membershipRows(bizChainId);
    if (rows.some((row) => row.uid === uid || row.formerUid === uid)) throw new PlatformError("MEMBER_EXISTS");
  }

  #page(query: MemberQuery): Page<Member> {
    requireChainPage(query);
    const { bizChainId, uid, page, pageSize } = query;
    const rows = this.#members(bizChainId).filter((row) => uid === undefined || row.uid === uid);
    return { total: rows.length, items: rows.slice((page - 1) * pageSize, page * pageSize).map(toMember) };
  }

  #members(bizChainId: string): MembershipRow[] {
    const rows = this.#dependencies.directory.membershipRows(bizChainId).filter(isMember);
    return inOrder(rows, (row) => row.memberId);
  }

  #memberRow({ bizChainId, memberId }: { readonly bizChainId: string; readonly memberId: string }): MembershipRow {
    const row = this.#dependencies.directory.row("memberships", bizChainId, memberId);
    if (row === undefined || !isMember(row)) throw new PlatformError("MEMBER_UNKNOWN");
    return row;
  }

  #show(row: MembershipRow): Member {
    return toMember(this.#memberRow(row));
  }

  #audit(caller: Caller, action: ChainAction, bizChainId: string, detail: Readonly<Record<string, unknown>>) {
    return auditEntry(caller, { action, resource: { kind: "chain", id: bizChainId }, detail }, this.#dependencies);
  }
}

/** The administrator is none, and neither is who has not come on the chain yet. */
function isMember(row: MembershipRow): boolean {
  return row.role === "member" && (row.status === "active" || row.formerUid !== null);
}

function toMember(row: MembershipRow): Member {
  const { memberId, uid, name, contact, phone, remark, locked, dataTypeCode, createdMs } = row;
  return { memberId, uid, name, contact, phone, remark, locked, dataTypeCode, createdMs };
}

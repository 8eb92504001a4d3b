import type { Caller, Principal } from "../ports.ts";
import type { Page } from "../tenancy/ports.ts";

/** A RAM user's place on a business chain, without the administrator's own. */
export interface Member {
  /** 16 decimal digits. */
  readonly memberId: string;
  readonly uid: string;
  readonly name: string;
  readonly contact: string;
  readonly phone: string;
  readonly remark: string;
  readonly locked: boolean;
  /** 4 characters of 0-9A-Z: what its evidence keys carry. */
  readonly dataTypeCode: string;
  readonly createdMs: number;
}

/** What a chain knows of a member beside its account. Names and contacts: 2 to 30 letters, digits or characters of `_-.()`. */
export interface MemberDetails {
  readonly name: string;
  readonly contact: string;
  /** At most 20 digits and hyphens. */
  readonly phone: string;
  /** At most 100 characters. */
  readonly remark: string;
}

export interface MemberUsage {
  readonly memberId: string;
  readonly uid: string;
  readonly name: string;
  /** What its present RAM user has written. */
  readonly usedCount: number;
  readonly usedCapacityBytes: number;
}

export interface MemberQuery {
  readonly bizChainId: string;
  /** Only the member of this RAM user. */
  readonly uid?: string;
  readonly page: number;
  readonly pageSize: number;
}

/**
 * The members of business chains, as the chain's administrator keeps them. Lists are ordered by creation, then member id.
 * @source LTL document, sections 4.2.7.1 to 4.2.7.5, 4.2.7.15 and 4.2.8.2
 */
export interface Members {
  /**
   * The RAM user's organization joins the channel by a configuration transaction, unless another member brought it. Details that are left
   * out: the user's own name, and nothing.
   * @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, ACCOUNT_UNKNOWN, ACCOUNT_KIND_REFUSED, MEMBER_EXISTS, QUOTA_EXCEEDED, NAME_INVALID,
   * MEMBER_CONTACT_INVALID, MEMBER_PHONE_INVALID, REMARK_INVALID
   */
  create(
    caller: Caller,
    input: { readonly bizChainId: string; readonly uid: string } & Partial<MemberDetails>,
  ): Promise<Member>;
  /** @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, PAGE_INVALID */
  list(caller: Principal, query: MemberQuery): Promise<Page<Member>>;
  /**
   * What is left out stays. With another uid the place goes to that RAM user, with the data-type code and the rights in phases; the one
   * before it is not on the chain any more.
   * @throws PlatformError as create does, and MEMBER_UNKNOWN
   */
  modify(
    caller: Caller,
    input: { readonly bizChainId: string; readonly memberId: string; readonly uid?: string } & Partial<MemberDetails>,
  ): Promise<Member>;
  /**
   * Locks or unlocks; says nothing when it is so already. A locked member is refused everywhere, at once here and within a second on other
   * servers.
   * @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, MEMBER_UNKNOWN
   */
  setLocked(
    caller: Caller,
    input: { readonly bizChainId: string; readonly memberId: string; readonly locked: boolean },
  ): Promise<void>;
  /** Data-type codes of the members of a proof chain. @throws PlatformError as list does; CHAIN_UNKNOWN for a collaboration chain */
  dataTypes(caller: Principal, query: MemberQuery): Promise<Page<Member>>;
  /** Every member. @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN */
  usage(caller: Principal, bizChainId: string): Promise<readonly MemberUsage[]>;
}

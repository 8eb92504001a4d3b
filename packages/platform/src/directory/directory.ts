import { bytesToUtf8, InvariantError } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Creator } from "@concordat/ledger";
import { ControlStaleError } from "../control-store/errors.ts";
import type { ControlStore } from "../control-store/port.ts";
import type {
  AccessKeyRow,
  ChainRow,
  ControlChange,
  ControlTableName,
  ControlTables,
  MembershipRow,
  OrganizationRow,
  PrincipalRow,
  SmCheckpointKeyRow,
} from "../control-store/rows.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import { primaryKeyOf, tableOrder } from "../control-store/tables.ts";
import type { AccessKey, BusinessChain, ChainMembership, Principal } from "../ports.ts";
import { Mutex } from "./mutex.ts";
import { sealingPurposes } from "./sealing-purposes.ts";
import { TableCache } from "./table-cache.ts";

/** What a change of the directory is to be, and what is answered once it is on disk. */
export interface DirectoryPlan<Result> {
  readonly changes: readonly ControlChange[];
  /** Its audit entries; written with the changes or not at all. */
  readonly audit?: readonly AuditEntryTable[];
  readonly result: Result;
}

type Tables = { readonly [Name in ControlTableName]: TableCache<ControlTables[Name]> };

/** How often a change is planned anew because another server was faster. */
const PLAN_ATTEMPTS = 10;

/**
 * The control store's rows in memory, as every request needs them.
 *
 * Invariants: memory changes only after the store has committed, so nothing is seen that a crash could take back. Changes
 * run one at a time under {@link Directory.change}, so that what was found free is still free when it is written.
 */
export class Directory {
  readonly #store: ControlStore;
  readonly #sealer: Sealer;
  readonly #changes = new Mutex();
  readonly #tables: Tables;
  readonly #principals = new Map<string, { readonly principal: Principal; readonly creator: Creator }>();
  readonly #accessKeys = new Map<string, AccessKey>();
  readonly #chains = new Map<string, { readonly row: ChainRow; readonly chain: BusinessChain }>();
  readonly #chainIdsByCode = new Map<string, string>();
  readonly #membershipsByCode = new Map<string, MembershipRow>();
  readonly #membershipsByChainAndUid = new Map<string, MembershipRow>();
  readonly #membershipsByChain: (bizChainId: string) => MembershipRow[];
  readonly #membershipsByUid: (uid: string) => MembershipRow[];
  readonly #tenantIds = new Map<string, string>();
  #version = 0;

  private constructor(store: ControlStore, sealer: Sealer) {
    this.#store = store;
    this.#sealer = sealer;
    this.#tables = Object.fromEntries(tableOrder.map((name) => [name, new TableCache()])) as unknown as Tables;
    this.#membershipsByChain = this.#tables.memberships.index((row) => row.bizChainId);
    this.#membershipsByUid = this.#tables.memberships.index((row) => row.uid);
  }

  /** Reads everything and opens the sealed access keys. */
  static async load(dependencies: { readonly store: ControlStore; readonly sealer: Sealer }): Promise<Directory> {
    const directory = new Directory(dependencies.store, dependencies.sealer);
    const { version, state } = await dependencies.store.load();
    for (const table of tableOrder) {
      for (const row of state[table]) directory.#apply(table, primaryKeyOf(table, row), row);
    }
    directory.#version = version;
    return directory;
  }

  /**
   * Runs `plan` alone, writes the changes that it answers, and only then shows them. When another server has changed the directory
   * meanwhile, its changes are read and `plan` runs again.
   */
  change<Result>(plan: () => Promise<DirectoryPlan<Result>>): Promise<Result> {
    return this.#changes.run(async () => {
      for (let attempt = 1; ; attempt++) {
        const { changes, audit, result } = await plan();
        try {
          this.#version = await this.#store.commit({ changes, ...(audit && { audit }), basedOn: this.#version });
        } catch (error) {
          if (!(error instanceof ControlStaleError) || attempt === PLAN_ATTEMPTS) throw error;
          await this.#catchUp();
          continue;
        }
        for (const { table, row, remove } of changes) {
          this.#apply(table, primaryKeyOf(table, row), remove === true ? undefined : row);
        }
        return result;
      }
    });
  }

  /** Shows what other servers have committed. */
  refresh(): Promise<void> {
    return this.#changes.run(() => this.#catchUp());
  }

  async #catchUp(): Promise<void> {
    const { version, changes } = await this.#store.changesSince(this.#version);
    for (const { table, key, row } of changes) this.#apply(table, key, row);
    this.#version = version;
  }

  /** A table's rows, for reading. */
  table<Name extends ControlTableName>(name: Name): Omit<TableCache<ControlTables[Name]>, "put" | "remove"> {
    return this.#tables[name];
  }

  /** The row with this primary key, given in the order of the table's definition. */
  row<Name extends ControlTableName>(name: Name, ...key: readonly string[]): ControlTables[Name] | undefined {
    return this.#tables[name].get(JSON.stringify(key)) as ControlTables[Name] | undefined;
  }

  setting(name: string): string | undefined {
    return this.row("settings", name)?.value;
  }

  organization(mspId: string): OrganizationRow | undefined {
    return this.row("organizations", mspId);
  }

  smCheckpointKey(mspId: string): SmCheckpointKeyRow | undefined {
    return this.row("smCheckpointKeys", mspId);
  }

  /** The tenant that a principal belongs to. */
  tenantIdOf(principal: Pick<Principal, "accountUid">): string {
    const tenantId = this.#tenantIds.get(principal.accountUid);
    if (tenantId === undefined) throw new InvariantError(`Account ${principal.accountUid} has no tenant.`);
    return tenantId;
  }

  principal(uid: string): Principal | undefined {
    return this.#principals.get(uid)?.principal;
  }

  principals(): Principal[] {
    return [...this.#principals.values()].map(({ principal }) => principal);
  }

  /** The same object at every call, so that the ledger can keep what it derives from it. */
  creator(uid: string): Creator {
    const entry = this.#principals.get(uid);
    if (entry === undefined) throw new InvariantError(`Principal ${uid} is not in the directory.`);
    return entry.creator;
  }

  accessKey(accessKeyId: string): AccessKey | undefined {
    return this.#accessKeys.get(accessKeyId);
  }

  accessKeyRow(accessKeyId: string): AccessKeyRow | undefined {
    return this.row("accessKeys", accessKeyId);
  }

  /** A chain whose channel exists. */
  chain(bizChainId: string): BusinessChain | undefined {
    const entry = this.#chains.get(bizChainId);
    return entry?.row.status === "active" ? entry.chain : undefined;
  }

  chainByCode(bizChainCode: string): BusinessChain | undefined {
    const bizChainId = this.#chainIdsByCode.get(bizChainCode);
    return bizChainId === undefined ? undefined : this.chain(bizChainId);
  }

  /** Every chain, those that are being created too. */
  chainRows(): ChainRow[] {
    return [...this.#chains.values()].map(({ row }) => row);
  }

  isChainCodeTaken(bizChainCode: string): boolean {
    return this.#chainIdsByCode.has(bizChainCode);
  }

  /** Whose data-type code this is, whether its chain is ready or not. */
  membershipByCode(dataTypeCode: string): MembershipRow | undefined {
    return this.#membershipsByCode.get(dataTypeCode);
  }

  /** Every membership of a chain, those that are joining too. */
  membershipRows(bizChainId: string): MembershipRow[] {
    return this.#membershipsByChain(bizChainId);
  }

  /** A principal's place on a chain, when both are ready. */
  membership(bizChainId: string, uid: string): ChainMembership | undefined {
    const row = this.#membershipsByChainAndUid.get(`${bizChainId}/${uid}`);
    return row === undefined ? undefined : this.#toMembership(row);
  }

  /** By ascending chain id. */
  membershipsOf(uid: string): ChainMembership[] {
    return this.#membershipsByUid(uid)
      .map((row) => this.#toMembership(row))
      .filter((membership) => membership !== undefined)
      .sort((a, b) => (a.chain.bizChainId < b.chain.bizChainId ? -1 : 1));
  }

  #toMembership(row: MembershipRow): ChainMembership | undefined {
    const chain = this.chain(row.bizChainId);
    if (chain === undefined || row.status !== "active") return undefined;
    const { memberId, role, locked, dataTypeCode } = row;
    return { chain, memberId, role, locked, dataTypeCode };
  }

  /** The tables' own rows first; then what every request asks for is made ready. */
  #apply(table: ControlTableName, key: string, row: ControlTables[ControlTableName] | undefined): void {
    const cache = this.#tables[table] as unknown as TableCache<object>;
    const before = cache.remove(key);
    if (row !== undefined) cache.put(key, row);
    // The name of the table tells the rows' type.
    const change = { table, before, row } as unknown as AppliedChange;
    switch (change.table) {
      case "tenants":
        if (change.before !== undefined) this.#tenantIds.delete(change.before.accountUid);
        if (change.row !== undefined) this.#tenantIds.set(change.row.accountUid, change.row.tenantId);
        break;
      case "principals":
        this.#applyPrincipal(change.before, change.row);
        break;
      case "accessKeys":
        this.#applyAccessKey(change.before, change.row);
        break;
      case "chains":
        this.#applyChain(change.before, change.row);
        break;
      case "memberships":
        this.#applyMembership(change.before, change.row);
        break;
      default:
    }
  }

  #applyPrincipal(before: PrincipalRow | undefined, row: PrincipalRow | undefined): void {
    if (before !== undefined) this.#principals.delete(before.uid);
    if (row === undefined) return;
    const { certificatePem, privateKeySealed: _, createdMs: __, deletedMs, ...principal } = row;
    // Of a deleted user nothing is shown any more; its row keeps the uid taken and the certificate at hand.
    if (deletedMs !== null) return;
    this.#principals.set(row.uid, { principal, creator: { mspId: row.mspId, certificatePem } });
    // An access key carries its principal: those of a changed one are made anew.
    for (const key of this.#accessKeys.values()) {
      if (key.principal.uid === row.uid) this.#accessKeys.set(key.accessKeyId, { ...key, principal });
    }
  }

  #applyAccessKey(before: AccessKeyRow | undefined, row: AccessKeyRow | undefined): void {
    if (before !== undefined) this.#accessKeys.delete(before.accessKeyId);
    if (row === undefined) return;
    const { accessKeyId, uid, active } = row;
    const principal = this.principal(uid);
    if (principal === undefined && this.row("principals", uid) !== undefined) return;
    if (principal === undefined) throw new InvariantError(`Access key ${accessKeyId} belongs to no principal.`);
    const secret = bytesToUtf8(this.#sealer.open(sealingPurposes.accessKeySecret(accessKeyId), row.secretSealed));
    this.#accessKeys.set(accessKeyId, { accessKeyId, secret, active, principal });
  }

  #applyChain(before: ChainRow | undefined, row: ChainRow | undefined): void {
    if (before !== undefined) {
      this.#chains.delete(before.bizChainId);
      this.#chainIdsByCode.delete(before.bizChainCode);
    }
    if (row === undefined) return;
    const { status: _, ...chain } = row;
    this.#chains.set(row.bizChainId, { row, chain });
    this.#chainIdsByCode.set(row.bizChainCode, row.bizChainId);
  }

  #applyMembership(before: MembershipRow | undefined, row: MembershipRow | undefined): void {
    if (before !== undefined) {
      this.#membershipsByCode.delete(before.dataTypeCode);
      // Another member may have got its RAM user by a change that was read before this one.
      const key = `${before.bizChainId}/${before.uid}`;
      if (this.#membershipsByChainAndUid.get(key) === before) this.#membershipsByChainAndUid.delete(key);
    }
    if (row === undefined) return;
    this.#membershipsByCode.set(row.dataTypeCode, row);
    this.#membershipsByChainAndUid.set(`${row.bizChainId}/${row.uid}`, row);
  }
}

type AppliedChange = {
  [Name in ControlTableName]: {
    readonly table: Name;
    readonly before: ControlTables[Name] | undefined;
    readonly row: ControlTables[Name] | undefined;
  };
}[ControlTableName];

import { bytesToUtf8, InvariantError } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Creator } from "@concordat/ledger";
import type {
  AccessKeyRow,
  ChainRow,
  ControlChange,
  ControlStore,
  MembershipRow,
  OrganizationRow,
  PrincipalRow,
  SmCheckpointKeyRow,
} from "../control-store/port.ts";
import type { AccessKey, BusinessChain, ChainMembership, Principal } from "../ports.ts";
import { Mutex } from "./mutex.ts";
import { sealingPurposes } from "./sealing-purposes.ts";

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
  readonly #settings = new Map<string, string>();
  readonly #organizations = new Map<string, OrganizationRow>();
  readonly #smCheckpointKeys = new Map<string, SmCheckpointKeyRow>();
  readonly #principals = new Map<string, { readonly principal: Principal; readonly creator: Creator }>();
  readonly #accessKeys = new Map<string, AccessKey>();
  readonly #accessKeyRows = new Map<string, AccessKeyRow>();
  readonly #chains = new Map<string, { readonly row: ChainRow; readonly chain: BusinessChain }>();
  readonly #chainIdsByCode = new Map<string, string>();
  readonly #membershipsByCode = new Map<string, MembershipRow>();
  readonly #membershipsByChainAndUid = new Map<string, MembershipRow>();

  private constructor(store: ControlStore, sealer: Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  /** Reads everything and opens the sealed access keys. */
  static async load(dependencies: { readonly store: ControlStore; readonly sealer: Sealer }): Promise<Directory> {
    const directory = new Directory(dependencies.store, dependencies.sealer);
    const state = await dependencies.store.load();
    for (const row of state.settings) directory.#apply({ table: "settings", row });
    for (const row of state.organizations) directory.#apply({ table: "organizations", row });
    for (const row of state.smCheckpointKeys) directory.#apply({ table: "smCheckpointKeys", row });
    for (const row of state.principals) directory.#apply({ table: "principals", row });
    for (const row of state.accessKeys) directory.#apply({ table: "accessKeys", row });
    for (const row of state.chains) directory.#apply({ table: "chains", row });
    for (const row of state.memberships) directory.#apply({ table: "memberships", row });
    return directory;
  }

  /** Runs `plan` alone, writes the changes that it answers, and only then shows them. */
  change<Result>(
    plan: () => Promise<{ readonly changes: readonly ControlChange[]; readonly result: Result }>,
  ): Promise<Result> {
    return this.#changes.run(async () => {
      const { changes, result } = await plan();
      await this.#store.commit(changes);
      for (const change of changes) this.#apply(change);
      return result;
    });
  }

  setting(name: string): string | undefined {
    return this.#settings.get(name);
  }

  organization(mspId: string): OrganizationRow | undefined {
    return this.#organizations.get(mspId);
  }

  smCheckpointKey(mspId: string): SmCheckpointKeyRow | undefined {
    return this.#smCheckpointKeys.get(mspId);
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
    return this.#accessKeyRows.get(accessKeyId);
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
    return [...this.#membershipsByCode.values()].filter((row) => row.bizChainId === bizChainId);
  }

  /** A principal's place on a chain, when both are ready. */
  membership(bizChainId: string, uid: string): ChainMembership | undefined {
    const row = this.#membershipsByChainAndUid.get(`${bizChainId}/${uid}`);
    return row === undefined ? undefined : this.#toMembership(row);
  }

  /** By ascending chain id. */
  membershipsOf(uid: string): ChainMembership[] {
    return [...this.#membershipsByCode.values()]
      .filter((row) => row.uid === uid)
      .map((row) => this.#toMembership(row))
      .filter((membership) => membership !== undefined)
      .sort((a, b) => (a.chain.bizChainId < b.chain.bizChainId ? -1 : 1));
  }

  #toMembership(row: MembershipRow): ChainMembership | undefined {
    const chain = this.chain(row.bizChainId);
    if (chain === undefined || row.status !== "active") return undefined;
    return { chain, role: row.role, dataTypeCode: row.dataTypeCode };
  }

  #apply(change: ControlChange): void {
    switch (change.table) {
      case "settings":
        this.#settings.set(change.row.name, change.row.value);
        break;
      case "organizations":
        this.#organizations.set(change.row.mspId, change.row);
        break;
      case "smCheckpointKeys":
        this.#smCheckpointKeys.set(change.row.mspId, change.row);
        break;
      case "principals":
        this.#applyPrincipal(change.row);
        break;
      case "accessKeys":
        this.#applyAccessKey(change.row);
        break;
      case "chains":
        this.#applyChain(change.row, change.remove === true);
        break;
      case "memberships":
        this.#applyMembership(change.row, change.remove === true);
        break;
    }
  }

  #applyPrincipal(row: PrincipalRow): void {
    const { uid, accountUid, kind, name, mspId, ledgerServiceOpened, installationAdministrator } = row;
    this.#principals.set(uid, {
      principal: { uid, accountUid, kind, name, mspId, ledgerServiceOpened, installationAdministrator },
      creator: { mspId, certificatePem: row.certificatePem },
    });
  }

  #applyAccessKey(row: AccessKeyRow): void {
    const { accessKeyId, uid, active } = row;
    const principal = this.principal(uid);
    if (principal === undefined) throw new InvariantError(`Access key ${accessKeyId} belongs to no principal.`);
    const secret = bytesToUtf8(this.#sealer.open(sealingPurposes.accessKeySecret(accessKeyId), row.secretSealed));
    this.#accessKeys.set(accessKeyId, { accessKeyId, secret, active, principal });
    this.#accessKeyRows.set(accessKeyId, row);
  }

  #applyChain(row: ChainRow, remove: boolean): void {
    if (remove) {
      this.#chains.delete(row.bizChainId);
      this.#chainIdsByCode.delete(row.bizChainCode);
      return;
    }
    const { status: _, ...chain } = row;
    this.#chains.set(row.bizChainId, { row, chain });
    this.#chainIdsByCode.set(row.bizChainCode, row.bizChainId);
  }

  #applyMembership(row: MembershipRow, remove: boolean): void {
    const key = `${row.bizChainId}/${row.uid}`;
    if (remove) {
      this.#membershipsByCode.delete(row.dataTypeCode);
      this.#membershipsByChainAndUid.delete(key);
      return;
    }
    this.#membershipsByCode.set(row.dataTypeCode, row);
    this.#membershipsByChainAndUid.set(key, row);
  }
}

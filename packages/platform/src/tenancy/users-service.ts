import { isName } from "../access/names.ts";
import type { AccountsService } from "../accounts/accounts-service.ts";
import type { PrincipalRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { inOrder, pageOf, requireName, TenancyContext, type TenancyDependencies } from "./context.ts";
import type { Page, PageQuery, User, Users } from "./ports.ts";
import { UserTraces } from "./user-traces.ts";

export interface UsersDependencies extends TenancyDependencies {
  readonly accounts: AccountsService;
  /** The hash of a user's new password. @throws PlatformError PASSWORD_INVALID */
  readonly hashPassword: (password: string, userName: string) => Promise<string>;
}

export class UsersService implements Users {
  readonly #dependencies: UsersDependencies;
  readonly #context: TenancyContext;
  readonly #traces: UserTraces;
  readonly #ofAccount: (accountUid: string) => readonly PrincipalRow[];

  constructor(dependencies: UsersDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "user", unknown: "USER_UNKNOWN" }, dependencies);
    this.#traces = new UserTraces(dependencies);
    this.#ofAccount = dependencies.directory.table("principals").index((row) => row.accountUid);
  }

  async create(caller: Caller, input: { tenantId?: string; name: string; password?: string }): Promise<User> {
    const { directory, clock, hashPassword } = this.#dependencies;
    const { name, password } = input;
    requireName(name, isName, "2 to 30 letters, digits or characters of _-.()");
    // Asked before the hash, which takes time, and again within the change.
    this.#context.requireTenant(caller, "create", input.tenantId);
    const hash = password === undefined ? undefined : await hashPassword(password, name);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      const row = await this.#issue(tenantId, name);
      const { uid } = row;
      const changes = this.#dependencies.accounts.changesFor(row);
      if (hash !== undefined) changes.push({ table: "passwords", row: { uid, hash, changedMs: clock.nowMs() } });
      const hasPassword = hash !== undefined;
      const audit = this.#context.audit(caller, "create", uid, { name, hasPassword });
      return { changes, audit: [audit], result: { ...this.#toUser(row), hasPassword } };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly enabled?: boolean },
  ): Promise<Page<User>> {
    const { name, enabled } = query;
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const { accountUid = "" } = this.#dependencies.directory.row("tenants", tenantId) ?? {};
    const users = this.#ofAccount(accountUid)
      .filter((row) => row.deletedMs === null)
      .map((row) => this.#toUser(row))
      .filter(
        (user) => (name === undefined || user.name === name) && (enabled === undefined || user.enabled === enabled),
      );
    const ordered = inOrder(users, (user) => user.uid);
    return pageOf(ordered, query);
  }

  async get(caller: Caller, uid: string): Promise<User> {
    return this.#find(caller, "get", uid);
  }

  async setEnabled(caller: Caller, { uid, enabled }: { uid: string; enabled: boolean }): Promise<User> {
    return this.#dependencies.directory.change(async () => {
      const before = this.#findRow(caller, "update", uid);
      const row = { ...before, enabled };
      const audit = this.#context.audit(caller, "update", uid, { enabled });
      return { changes: [{ table: "principals", row }], audit: [audit], result: this.#toUser(row) };
    });
  }

  async delete(caller: Caller, uid: string): Promise<void> {
    const { directory, clock } = this.#dependencies;
    await directory.change(async () => {
      const before = this.#findRow(caller, "delete", uid);
      const { changes, counts } = this.#traces.removalsOf(uid);
      const row = { ...before, enabled: false, deletedMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "delete", uid, { name: before.name, removed: counts });
      return { changes: [...changes, { table: "principals", row }], audit: [audit], result: undefined };
    });
  }

  #issue(tenantId: string, name: string): Promise<PrincipalRow> {
    const { directory, accounts } = this.#dependencies;
    const tenant = directory.row("tenants", tenantId);
    const account = tenant === undefined ? undefined : directory.principal(tenant.accountUid);
    const organization = account === undefined ? undefined : directory.organization(account.mspId);
    if (account === undefined || organization === undefined) throw new PlatformError("TENANT_UNKNOWN");
    return accounts.issueUser(account, organization, name);
  }

  /** A user of the account's tenant, that is no account itself. */
  #findRow(caller: Caller, verb: string, uid: string): PrincipalRow {
    const { kind } = this.#find(caller, verb, uid);
    const row = this.#dependencies.directory.row("principals", uid);
    if (kind === "account" || row === undefined) {
      throw new PlatformError("ACCOUNT_KIND_REFUSED", "An account is switched with its tenant.");
    }
    return row;
  }

  #find(caller: Caller, verb: string, uid: string): User {
    return this.#context.requireRow(caller, verb, uid, this.find(uid), { ownerUid: uid });
  }

  /** Without asking whether anybody may look at it. */
  find(uid: string): User | undefined {
    const row = this.#dependencies.directory.row("principals", uid);
    return row === undefined || row.deletedMs !== null ? undefined : this.#toUser(row);
  }

  #toUser(row: PrincipalRow): User {
    const { directory } = this.#dependencies;
    const { uid, userId, name, kind, enabled, createdMs } = row;
    const hasPassword = directory.row("passwords", uid) !== undefined;
    return { uid, userId, tenantId: directory.tenantIdOf(row), name, kind, enabled, hasPassword, createdMs };
  }
}

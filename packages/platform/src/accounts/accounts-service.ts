import type { Clock, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Authorizer } from "../access/authorizer.ts";
import { isName } from "../access/names.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import { organizationRecords, principalRecord, toChanges } from "../certificates/records.ts";
import type { ControlChange, OrganizationRow, PrincipalRow, TenantRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { AccessKey, Accounts, Caller, Principal } from "../ports.ts";
import { firstRowsOfTenant } from "../tenancy/first-rows.ts";
import { issueAccessKey, issueAccountOrganization, issuePrincipal, type NewPrincipal } from "./credentials.ts";

export interface AccountsOptions {
  /** Of the project that every tenant begins with. */
  readonly projectName: string;
}

export interface AccountsDependencies {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface NewAccount {
  readonly name: string;
  readonly ledgerService: boolean;
  readonly installationAdministrator: boolean;
}

type Issued = { readonly principal: Principal; readonly accessKey: AccessKey };

/**
 * Accounts, their RAM users and access keys. An account is an organization with authorities of its own and a tenant, with a first project
 * and the default enterprise project; a RAM user is a user of that tenant under that organization.
 */
export class AccountsService implements Accounts {
  readonly #options: AccountsOptions;
  readonly #dependencies: AccountsDependencies;

  constructor(options: AccountsOptions, dependencies: AccountsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  async createAccount(caller: Caller, input: { name: string; ledgerService?: boolean }): Promise<Issued> {
    this.#dependencies.authorizer.require(caller, "platform:account:create", { kind: "installation", tenantId: null });
    const { name, ledgerService = true } = input;
    return this.provision({ name, ledgerService, installationAdministrator: false }, () => [], caller);
  }

  /**
   * Makes an account for whoever the installation itself decides.
   * @param recorded further rows to write together with the account
   * @param caller who asked for it; undefined for the installation itself
   */
  provision(
    input: NewAccount,
    recorded: (issued: Issued) => readonly ControlChange[],
    caller?: Caller,
  ): Promise<Issued> {
    if (!isName(input.name)) throw new PlatformError("NAME_INVALID");
    const { directory, random } = this.#dependencies;
    return directory.change(async () => {
      this.#requireFreeAccountName(input.name);
      const organization = await issueAccountOrganization(input.name, this.#dependencies);
      const { accountUid, createdMs } = organization;
      const principal: NewPrincipal = {
        uid: accountUid,
        kind: "account",
        name: input.name,
        ledgerServiceOpened: input.ledgerService,
        installationAdministrator: input.installationAdministrator,
      };
      const rows = this.#issueKey(await issuePrincipal(organization, principal, this.#dependencies));
      const tenant: TenantRow = {
        tenantId: newIds.tenantId(random),
        accountUid,
        name: input.name,
        enabled: true,
        createdMs,
      };
      const changes: ControlChange[] = [
        { table: "organizations", row: organization },
        ...toChanges(organizationRecords(organization, this.#dependencies.sealer)),
        ...rows.changes,
        { table: "tenants", row: tenant },
        ...firstRowsOfTenant(tenant, this.#options, this.#dependencies),
        ...recorded(rows.issued),
      ];
      const audit = this.#audit(caller, "platform:account:create", accountUid, { name: input.name });
      return { changes, audit, result: rows.issued };
    });
  }

  async createRamUser(caller: Caller, input: { accountUid: string; name: string }): Promise<Issued> {
    const { directory, authorizer } = this.#dependencies;
    const asked = directory.principal(input.accountUid);
    // Who may administer no other tenant does not learn which accounts there are.
    const tenantId = asked === undefined ? caller.tenantId : directory.tenantIdOf(asked);
    authorizer.require(caller, "iam:user:create", { kind: "user", tenantId });
    if (!isName(input.name)) throw new PlatformError("NAME_INVALID");
    return directory.change(async () => {
      const account = directory.principal(input.accountUid);
      const organization = account?.kind === "account" ? directory.organization(account.mspId) : undefined;
      if (account === undefined || organization === undefined) throw new PlatformError("ACCOUNT_UNKNOWN");
      const row = await this.issueUser(account, organization, input.name);
      const { changes, issued } = this.#issueKey(row);
      const detail = { name: input.name, accountUid: account.uid };
      return { changes, audit: this.#audit(caller, "iam:user:create", row.uid, detail), result: issued };
    });
  }

  /**
   * For use inside a change of the directory: a new user, which has no credentials yet.
   * @throws PlatformError NAME_EXISTS
   */
  async issueUser(account: Principal, organization: OrganizationRow, name: string): Promise<PrincipalRow> {
    const { directory } = this.#dependencies;
    const isTaken = directory
      .principals()
      .some((other) => other.kind === "ram-user" && other.accountUid === account.uid && other.name === name);
    if (isTaken) throw new PlatformError("NAME_EXISTS");
    const { ledgerServiceOpened } = account;
    const input: NewPrincipal = { kind: "ram-user", name, ledgerServiceOpened, installationAdministrator: false };
    return issuePrincipal(organization, input, this.#dependencies);
  }

  #requireFreeAccountName(name: string): void {
    const { directory } = this.#dependencies;
    const isAccount = directory.principals().some((one) => one.kind === "account" && one.name === name);
    // A renamed tenant's account keeps the name that its organization's certificates carry.
    const isTenant = directory
      .table("tenants")
      .all()
      .some((tenant) => tenant.name === name);
    if (isAccount || isTenant) throw new PlatformError("NAME_EXISTS");
  }

  /** The rows of a principal and of its first access key. */
  #issueKey(principalRow: PrincipalRow): { readonly changes: readonly ControlChange[]; readonly issued: Issued } {
    const { row, secret } = issueAccessKey(principalRow.uid, this.#dependencies);
    const { certificatePem: _, privateKeySealed: __, createdMs: ___, deletedMs: ____, ...principal } = principalRow;
    const accessKey: AccessKey = { accessKeyId: row.accessKeyId, secret, active: true, principal };
    const changes: ControlChange[] = [...this.changesFor(principalRow), { table: "accessKeys", row }];
    return { changes, issued: { principal, accessKey } };
  }

  /** What makes a principal, with the record of its certificate. */
  changesFor(row: PrincipalRow): ControlChange[] {
    return [{ table: "principals", row }, ...toChanges([principalRecord(row, this.#dependencies.sealer)])];
  }

  #audit(caller: Caller | undefined, action: string, id: string, detail: object) {
    const resource = { kind: action.startsWith("platform:") ? "account" : "user", id };
    return [auditEntry(caller, { action, resource, detail: { ...detail } }, this.#dependencies)];
  }
}

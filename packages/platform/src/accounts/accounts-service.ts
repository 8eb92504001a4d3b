import type { Clock, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import { requireInstallationAdministrator } from "../access/authorize.ts";
import { isName } from "../access/names.ts";
import type { ControlChange, OrganizationRow } from "../control-store/port.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { AccessKey, Accounts, Principal } from "../ports.ts";
import { issueAccessKey, issueOrganization, issuePrincipal, type NewPrincipal } from "./credentials.ts";

export interface AccountsDependencies {
  readonly directory: Directory;
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

/** Accounts, their RAM users and access keys. An account is an organization with authorities of its own; a RAM user belongs to its account's. */
export class AccountsService implements Accounts {
  readonly #dependencies: AccountsDependencies;

  constructor(dependencies: AccountsDependencies) {
    this.#dependencies = dependencies;
  }

  async createAccount(caller: Principal, input: { name: string; ledgerService?: boolean }): Promise<Issued> {
    requireInstallationAdministrator(caller);
    const { name, ledgerService = true } = input;
    return this.provision({ name, ledgerService, installationAdministrator: false }, () => []);
  }

  /**
   * Makes an account for whoever the installation itself decides.
   * @param recorded further rows to write together with the account
   */
  provision(input: NewAccount, recorded: (issued: Issued) => readonly ControlChange[]): Promise<Issued> {
    if (!isName(input.name)) throw new PlatformError("NAME_INVALID");
    const { directory } = this.#dependencies;
    return directory.change(async () => {
      const accounts = directory.principals().filter((principal) => principal.kind === "account");
      if (accounts.some((account) => account.name === input.name)) throw new PlatformError("NAME_EXISTS");
      const organization = await issueOrganization(input.name, this.#dependencies);
      const rows = await this.#issue(organization, {
        uid: organization.accountUid,
        kind: "account",
        name: input.name,
        ledgerServiceOpened: input.ledgerService,
        installationAdministrator: input.installationAdministrator,
      });
      const changes: ControlChange[] = [{ table: "organizations", row: organization }, ...rows.changes];
      return { changes: [...changes, ...recorded(rows.issued)], result: rows.issued };
    });
  }

  async createRamUser(caller: Principal, input: { accountUid: string; name: string }): Promise<Issued> {
    const { directory } = this.#dependencies;
    const isOwner = caller.kind === "account" && caller.uid === input.accountUid;
    if (!isOwner) requireInstallationAdministrator(caller);
    if (!isName(input.name)) throw new PlatformError("NAME_INVALID");
    return directory.change(async () => {
      const account = directory.principal(input.accountUid);
      const organization = account?.kind === "account" ? directory.organization(account.mspId) : undefined;
      if (account === undefined || organization === undefined) throw new PlatformError("ACCOUNT_UNKNOWN");
      const users = directory
        .principals()
        .filter(({ kind, accountUid }) => kind === "ram-user" && accountUid === account.uid);
      if (users.some((user) => user.name === input.name)) throw new PlatformError("NAME_EXISTS");
      const { changes, issued } = await this.#issue(organization, {
        kind: "ram-user",
        name: input.name,
        ledgerServiceOpened: account.ledgerServiceOpened,
        installationAdministrator: false,
      });
      return { changes, result: issued };
    });
  }

  async setAccessKeyActive(caller: Principal, input: { accessKeyId: string; active: boolean }): Promise<void> {
    const { directory } = this.#dependencies;
    await directory.change(async () => {
      const row = directory.accessKeyRow(input.accessKeyId);
      const owner = row === undefined ? undefined : directory.principal(row.uid);
      const isOwner = caller.kind === "account" && owner?.accountUid === caller.uid;
      // Who may not see the key does not learn that it exists.
      if (!isOwner) requireInstallationAdministrator(caller);
      if (row === undefined) throw new PlatformError("ACCESS_KEY_UNKNOWN");
      return { changes: [{ table: "accessKeys", row: { ...row, active: input.active } }], result: undefined };
    });
  }

  async #issue(organization: OrganizationRow, input: NewPrincipal) {
    const principalRow = await issuePrincipal(organization, input, this.#dependencies);
    const { row: keyRow, secret } = issueAccessKey(principalRow.uid, this.#dependencies);
    const { certificatePem: _, privateKeySealed: __, createdMs: ___, ...principal } = principalRow;
    const changes: ControlChange[] = [
      { table: "principals", row: principalRow },
      { table: "accessKeys", row: keyRow },
    ];
    const accessKey: AccessKey = { accessKeyId: keyRow.accessKeyId, secret, active: true, principal };
    return { changes, issued: { principal, accessKey } };
  }
}

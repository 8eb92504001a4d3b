import type { TenantRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { Principal } from "../ports.ts";
import type { UserName } from "./ports.ts";

/** Finds users by the names that callers give them. */
export class UserLookup {
  readonly #directory: Directory;
  readonly #rowsByUserId: (userId: string) => readonly { readonly uid: string }[];
  readonly #rowsByName: (name: string) => readonly { readonly uid: string }[];
  readonly #tenantsByName: (name: string) => readonly { readonly accountUid: string }[];

  constructor({ directory }: { readonly directory: Directory }) {
    this.#directory = directory;
    this.#rowsByUserId = directory.table("principals").index((row) => row.userId);
    this.#rowsByName = directory.table("principals").index((row) => row.name);
    this.#tenantsByName = directory.table("tenants").index((row) => row.name);
  }

  find(user: UserName): Principal | undefined {
    if ("userId" in user) return this.#principalOf(this.#rowsByUserId(user.userId)[0]?.uid);
    const accountUid = this.#accountUidOf(user);
    const named = this.#rowsByName(user.userName)
      .map(({ uid }) => this.#principalOf(uid))
      .filter((principal) => principal?.accountUid === accountUid);
    // A user may bear its account's name; the account was there first.
    return named.find((principal) => principal?.kind === "account") ?? named[0];
  }

  #accountUidOf(user: Exclude<UserName, { readonly userId: string }>): string | undefined {
    if ("tenantName" in user) return this.#tenantsByName(user.tenantName)[0]?.accountUid;
    return "tenantId" in user ? this.#directory.row("tenants", user.tenantId)?.accountUid : this.#firstAccountUid();
  }

  #principalOf(uid: string | undefined): Principal | undefined {
    return uid === undefined ? undefined : this.#directory.principal(uid);
  }

  /** That of the oldest tenant; of several made in one moment, of the one that administers the installation. */
  #firstAccountUid(): string | undefined {
    const rank = ({ accountUid }: TenantRow) =>
      this.#principalOf(accountUid)?.installationAdministrator === true ? 0 : 1;
    const [first] = this.#directory
      .table("tenants")
      .all()
      .sort((a, b) => a.createdMs - b.createdMs || rank(a) - rank(b));
    return first?.accountUid;
  }
}

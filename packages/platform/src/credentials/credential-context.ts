import type { Clock, RandomSource } from "@concordat/base";
import type { Authorizer } from "../access/authorizer.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import { type AnyPlatformErrorCode, PlatformError } from "../errors.ts";
import type { Caller, Principal } from "../ports.ts";

export interface CredentialDependencies {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What the services of all kinds of credentials share: whose it is, who may touch it, and the entry about it. */
export class CredentialContext {
  readonly #kind: string;
  readonly #dependencies: CredentialDependencies;

  /** @param kind the type in `iam:accessKey:create`, and the kind of the resource */
  constructor(kind: string, dependencies: CredentialDependencies) {
    this.#kind = kind;
    this.#dependencies = dependencies;
  }

  /**
   * The user whose credentials are meant, if the caller may do this to them.
   * @throws PlatformError ACCESS_DENIED; USER_UNKNOWN for who may see every user there could be
   */
  requireOwner(caller: Caller, verb: string, uid: string): Principal {
    const owner = this.#dependencies.directory.principal(uid);
    this.#require(caller, verb, owner, undefined);
    if (owner === undefined) throw new PlatformError("USER_UNKNOWN");
    return owner;
  }

  /**
   * The row of a credential, if the caller may do this to it.
   * @throws PlatformError ACCESS_DENIED; `unknown` for who may see every credential there could be
   */
  requireRow<Row extends { readonly uid: string }>(
    caller: Caller,
    verb: string,
    id: string,
    row: Row | undefined,
    unknown: AnyPlatformErrorCode = "CREDENTIAL_UNKNOWN",
  ): Row {
    this.#require(caller, verb, row && this.#dependencies.directory.principal(row.uid), id);
    if (row === undefined) throw new PlatformError(unknown);
    return row;
  }

  audit(caller: Caller, verb: string, id: string, detail: Readonly<Record<string, unknown>>): AuditEntryTable[] {
    const event = { action: `iam:${this.#kind}:${verb}`, resource: { kind: this.#kind, id }, detail };
    return [auditEntry(caller, event, this.#dependencies)];
  }

  /**
   * What is not there is asked about as if it were in the caller's tenant: so its administrators learn that it is not there, and others
   * only that they may not know.
   */
  #require(caller: Caller, verb: string, owner: Principal | undefined, id: string | undefined): void {
    const { authorizer, directory } = this.#dependencies;
    authorizer.require(caller, `iam:${this.#kind}:${verb}`, {
      kind: this.#kind,
      ...(id === undefined ? {} : { id }),
      ...(owner === undefined
        ? { tenantId: caller.tenantId }
        : { tenantId: directory.tenantIdOf(owner), ownerUid: owner.uid }),
    });
    if (owner !== undefined && outranks(owner, caller.principal)) {
      throw new PlatformError("ACCESS_DENIED", "Credentials of a more powerful principal are its own to manage.");
    }
  }
}

/** Whoever could set another's password could act as that one: a grant over credentials does not lead upwards. */
function outranks(owner: Principal, caller: Principal): boolean {
  if (owner.uid === caller.uid || caller.installationAdministrator) return false;
  return owner.installationAdministrator || (owner.kind === "account" && caller.kind !== "account");
}

export function byCreation<Row extends { readonly createdMs: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.createdMs - b.createdMs);
}

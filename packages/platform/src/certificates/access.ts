import type { Authorizer } from "../access/authorizer.ts";
import type { CertificateRow, OrganizationRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import type { CertificateId } from "./ports.ts";

export type PkiAction =
  | `pki:certificate:${"create" | "list" | "get" | "freeze" | "unfreeze" | "revoke" | "renew"}`
  | `pki:organization:${"list" | "get"}`
  | `pki:authority:${"rotate" | "rotateCheckpointKey"}`;

/** Who may do what to organizations and their certificates: they belong to the tenant whose account has the organization. */
export class PkiAccess {
  readonly #directory: Directory;
  readonly #authorizer: Authorizer;

  constructor(dependencies: { readonly directory: Directory; readonly authorizer: Authorizer }) {
    this.#directory = dependencies.directory;
    this.#authorizer = dependencies.authorizer;
  }

  /** Who may not see the organization does not learn whether there is one. @throws PlatformError ACCESS_DENIED, ORGANIZATION_UNKNOWN */
  organization(
    caller: Caller,
    action: PkiAction,
    mspId: string,
    kind: "organization" | "certificate" = "organization",
  ): OrganizationRow {
    const row = this.#directory.organization(mspId);
    const tenantId = row === undefined ? null : this.#directory.tenantIdOf(row);
    this.#authorizer.require(caller, action, { kind, ...(kind === "organization" ? { id: mspId } : {}), tenantId });
    if (row === undefined) throw new PlatformError("ORGANIZATION_UNKNOWN");
    return row;
  }

  /** Asked where there is no organization to ask about. @throws PlatformError ACCESS_DENIED */
  nothing(caller: Caller, action: PkiAction): void {
    this.#authorizer.require(caller, action, { kind: "certificate", tenantId: null });
  }

  /** @throws PlatformError ACCESS_DENIED, ORGANIZATION_UNKNOWN, CERTIFICATE_UNKNOWN */
  certificate(caller: Caller, action: PkiAction, { mspId, purpose, serialNumber }: CertificateId): CertificateRow {
    this.organization(caller, action, mspId, "certificate");
    const row = this.#directory.row("certificates", mspId, purpose, serialNumber);
    if (row === undefined) throw new PlatformError("CERTIFICATE_UNKNOWN");
    return row;
  }

  /** The organizations that a list may show. @throws PlatformError ACCESS_DENIED when the caller may list nothing at all */
  listable(caller: Caller, action: PkiAction): OrganizationRow[] {
    const kind = action.startsWith("pki:certificate") ? "certificate" : "organization";
    this.#authorizer.require(caller, action, { kind, tenantId: caller.tenantId });
    return this.#directory
      .table("organizations")
      .all()
      .filter((row) => this.#authorizer.allows(caller, action, { kind, tenantId: this.#directory.tenantIdOf(row) }));
  }
}

import type { CertificateRow, ControlChange, ControlTableName } from "../control-store/rows.ts";
import type { TenancyDependencies } from "./context.ts";

/** RFC 5280: the certificate's holder has gone. */
const CESSATION_OF_OPERATION = 5;

const removedTables = ["accessKeys", "passwords", "apiKeys", "oauthClients", "groupMembers"] as const;

/** What of a user goes with it when it is deleted. */
export class UserTraces {
  readonly #dependencies: TenancyDependencies;

  constructor(dependencies: TenancyDependencies) {
    this.#dependencies = dependencies;
  }

  /** For use inside a change of the directory. @returns the changes, and how many rows of which table they concern */
  removalsOf(uid: string): { readonly changes: readonly ControlChange[]; readonly counts: Record<string, number> } {
    const { directory } = this.#dependencies;
    const grants = directory
      .table("grants")
      .all()
      .filter((grant) => grant.granteeKind === "user" && grant.granteeId === uid);
    const certificates = directory
      .table("certificates")
      .all()
      .filter((row) => row.uid === uid && row.status !== "revoked");
    const changes: ControlChange[] = [
      ...removedTables.flatMap((table) => this.#rowsOf(table, uid)),
      ...grants.map((row) => ({ table: "grants", row, remove: true }) as const),
      ...certificates.map((row) => ({ table: "certificates", row: this.#revoked(row) }) as const),
    ];
    return { changes, counts: countByTable(changes) };
  }

  #rowsOf(table: (typeof removedTables)[number], uid: string): ControlChange[] {
    const rows = this.#dependencies.directory.table(table).all();
    // The name of the table tells the rows' type.
    return rows.filter((row) => row.uid === uid).map((row) => ({ table, row, remove: true }) as ControlChange);
  }

  #revoked(row: CertificateRow): CertificateRow {
    return {
      ...row,
      status: "revoked",
      reason: CESSATION_OF_OPERATION,
      statusMs: this.#dependencies.clock.nowMs(),
    };
  }
}

function countByTable(changes: readonly ControlChange[]): Record<string, number> {
  const counts: Partial<Record<ControlTableName, number>> = {};
  for (const { table } of changes) counts[table] = (counts[table] ?? 0) + 1;
  return counts;
}

import type { RouteTable } from "./operation.ts";

/** One documented operation, as the inventory names it. */
export interface InventoryEntry {
  readonly id: string;
  readonly dialect: string;
  readonly section: string;
  readonly title: string;
  readonly method: string;
  readonly path: string;
}

/** A test that drives operations of a table. `client` names the official client, unmodified, that it drives them with. */
export interface Evidence {
  /** Path in the repository. */
  readonly test: string;
  readonly client?: string;
  readonly operations: readonly string[];
}

/** exact: an official client showed it; behaves: only our own tests did; gap: not offered, or shown by nothing. */
export type Standing = "exact" | "behaves" | "gap";

export interface CoverageEntry extends InventoryEntry {
  readonly standing: Standing;
  readonly tests: readonly string[];
  readonly clients: readonly string[];
  /** Why a gap is one. */
  readonly reason?: string;
}

export interface CoverageReport {
  readonly totals: Readonly<Record<Standing, number>>;
  readonly operations: readonly CoverageEntry[];
  /** Operations beyond the documents' inventory: each row names its source. */
  readonly supplement: readonly CoverageEntry[];
}

export interface CoverageInput {
  readonly inventory: readonly InventoryEntry[];
  readonly tables: Readonly<Record<string, RouteTable>>;
  readonly evidence: readonly Evidence[];
  /** Reasons for gaps, by id; "not built yet" where none is given. */
  readonly gapReasons?: Readonly<Record<string, string>>;
}

/** Puts inventory, tables and evidence together: no standing is written down anywhere. */
export function coverageReport(input: CoverageInput): CoverageReport {
  const rows = Object.entries(input.tables).flatMap(([dialect, table]) =>
    Object.entries(table).map(([name, row]) => ({ dialect, name, row })),
  );
  const built = new Set(rows.map(({ row }) => row.id));
  const known = new Set(input.inventory.map(({ id }) => id));
  const operations = input.inventory.map((entry) => assess(entry, built.has(entry.id), input));
  const supplement = rows
    .filter(({ row }) => !known.has(row.id))
    .map(({ dialect, name, row }) => {
      const entry = {
        id: row.id,
        dialect,
        section: row.source,
        title: name,
        method: row.methods.join("|"),
        path: row.path,
      };
      return assess(entry, true, input);
    });
  const count = (standing: Standing) => operations.filter((entry) => entry.standing === standing).length;
  return { totals: { exact: count("exact"), behaves: count("behaves"), gap: count("gap") }, operations, supplement };
}

function assess(entry: InventoryEntry, built: boolean, input: CoverageInput): CoverageEntry {
  const shown = built ? input.evidence.filter(({ operations }) => operations.includes(entry.id)) : [];
  const tests = shown.map(({ test }) => test);
  const clients = [...new Set(shown.flatMap(({ client }) => client ?? []))];
  if (shown.length > 0) return { ...entry, standing: clients.length > 0 ? "exact" : "behaves", tests, clients };
  const reason = input.gapReasons?.[entry.id] ?? (built ? "built, but no test shows it" : "not built yet");
  return { ...entry, standing: "gap", tests, clients, reason };
}

export function coverageHtml(report: CoverageReport): string {
  const { exact, behaves, gap } = report.totals;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Coverage</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: left; vertical-align: top }
.exact { color: #18794e } .behaves { color: #946800 } .gap { color: #a33 } code { overflow-wrap: anywhere }
</style></head><body>
<h1>Coverage</h1>
<p>${exact} exact, ${behaves} behave, ${gap} gaps of ${report.operations.length} documented operations.
Exact: an official client, unmodified, showed it. Behaves: our own tests show it. Gap: not offered.</p>
${coverageTable("Documented operations", report.operations)}
${coverageTable("Beyond the documents", report.supplement)}
</body></html>
`;
}

function coverageTable(title: string, entries: readonly CoverageEntry[]): string {
  const rows = entries.map((entry) => {
    const shownBy = entry.standing === "gap" ? (entry.reason ?? "") : [...entry.clients, ...entry.tests].join(", ");
    const cells = [entry.id, entry.section, entry.title, `${entry.method} ${entry.path}`].map(escapeHtml);
    return `<tr><td><code>${cells[0]}</code></td><td>${cells[1]}</td><td>${cells[2]}</td><td><code>${cells[3]}</code></td><td class="${entry.standing}">${entry.standing}</td><td>${escapeHtml(shownBy)}</td></tr>`;
  });
  return `<h2>${escapeHtml(title)}</h2>
<table><thead><tr><th>Id</th><th>Section</th><th>Operation</th><th>Call</th><th>Standing</th><th>Shown by</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

import { access } from "node:fs/promises";
import { join } from "node:path";
import { shippedNames, shippedVersion } from "./shipped-modules.ts";

/** The first number of a range of versions: its major version; undefined when it has none, as in "*" and "latest". */
function majorOf(range: string): string | undefined {
  return /\d+/.exec(range)?.[0];
}

function isShipped(name: string, range: string): boolean {
  const shipped = shippedNames.find((candidate) => candidate === name);
  if (shipped === undefined) return false;
  const major = majorOf(range);
  return major === undefined || major === majorOf(shippedVersion(shipped));
}

/**
 * Dependencies that neither the package brings along nor this installation ships. A shipped package serves when the range's major version is its
 * own; a package's own copy always comes first.
 */
export async function missingDependencies(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, range] of Object.entries(dependencies)) {
    const isInside = await access(join(folder, "node_modules", name, "package.json")).then(
      () => true,
      () => false,
    );
    if (!isInside && !isShipped(name, range)) missing.push(name);
  }
  return missing;
}

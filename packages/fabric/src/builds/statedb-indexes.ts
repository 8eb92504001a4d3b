import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { isMissing } from "@concordat/base";
import { buildFailure } from "./build-failure.ts";

const INDEX_PATH = /^META-INF\/statedb\/couchdb\/(collections\/[^/]+\/)?indexes\/[^/]+\.json$/;

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const nested = await Promise.all(
    entries.map((entry) => {
      const below = posix.join(path, entry.name);
      return entry.isDirectory() ? filesBelow(folder, below) : Promise.resolve([below]);
    }),
  );
  return nested.flat().sort();
}

function isIndexDefinition(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("index" in value)) return false;
  const { index } = value;
  return typeof index === "object" && index !== null && "fields" in index && Array.isArray(index.fields);
}

/**
 * Checks the index files of a package as Fabric does at its installation: they must be where Fabric looks and hold an index. They make
 * nothing here.
 * @returns their paths
 * @throws FabricError CONTRACT_NOT_RUNNING
 */
export async function checkIndexes(code: string): Promise<readonly string[]> {
  const paths = await filesBelow(code, "META-INF");
  for (const path of paths) {
    if (!INDEX_PATH.test(path)) throw buildFailure(`"${path}" is not a file that META-INF may hold`);
    let value: unknown;
    try {
      value = JSON.parse(await readFile(join(code, path), "utf8"));
    } catch (error) {
      throw buildFailure(`index "${path}" is not JSON`, error);
    }
    if (!isIndexDefinition(value)) throw buildFailure(`index "${path}" names no fields`);
  }
  return paths;
}

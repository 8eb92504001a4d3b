import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "@concordat/base";
import { buildFailure } from "./build-failure.ts";

/** What matters of a contract's package.json. */
export interface ContractManifest {
  readonly name: string;
  readonly main: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

function textRecord(value: unknown, field: string): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw buildFailure(`"${field}" in package.json is not an object`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== "string") throw buildFailure(`"${field}.${name}" in package.json is not text`);
      return [name, text];
    }),
  );
}

/** @throws FabricError CONTRACT_NOT_RUNNING */
export function parseManifest(text: string): ContractManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw buildFailure("its package.json is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw buildFailure("its package.json is not an object");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const name = fields.get("name");
  const main = fields.get("main");
  return {
    name: typeof name === "string" ? name : "",
    main: typeof main === "string" ? main : undefined,
    scripts: textRecord(fields.get("scripts"), "scripts"),
    dependencies: textRecord(fields.get("dependencies"), "dependencies"),
  };
}

/** The text of a file, undefined when it is not there. */
export async function readOptionalText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/**
 * The folder with the package.json: `src`, where Fabric's packages keep it, else the root.
 * @throws FabricError CONTRACT_NOT_RUNNING
 */
export async function findManifest(
  code: string,
): Promise<{ readonly folder: string; readonly manifest: ContractManifest }> {
  for (const folder of ["src", "."]) {
    const text = await readOptionalText(join(code, folder, "package.json"));
    if (text !== undefined) return { folder, manifest: parseManifest(text) };
  }
  throw buildFailure("there is no package.json in its code");
}

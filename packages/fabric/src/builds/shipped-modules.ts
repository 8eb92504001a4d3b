import { readFileSync, statSync } from "node:fs";
import { chmod, cp, mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { InvariantError } from "@concordat/base";

/** Official packages that this installation has and contracts may use without bringing them. */
export const shippedNames = ["fabric-shim", "fabric-contract-api", "fabric-shim-api"] as const;

const SHIM_COMMAND = "fabric-chaincode-node";
const leftOut = new Set(["coverage", "test", "tests", "docs"]);

/** Folder of a package as a module in `from` finds it. */
function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (statSync(join(candidate, "package.json"), { throwIfNoEntry: false })?.isFile() === true) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

interface InstalledManifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): InstalledManifest {
  // Written by the package manager that installed this program.
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as InstalledManifest;
}

function shippedFolder(name: string): string {
  const shim = dirname(createRequire(import.meta.url).resolve("fabric-shim/package.json"));
  const folder = name === "fabric-shim" ? shim : findPackage(shim, name);
  if (folder === undefined) throw new InvariantError(`Package ${name} is missing beside fabric-shim.`);
  return folder;
}

export function shippedVersion(name: (typeof shippedNames)[number]): string {
  return readManifest(shippedFolder(name)).version;
}

function resolvePlace(places: ReadonlyMap<string, string>, from: string, name: string): string | undefined {
  for (let place = from; place !== ""; place = place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/")))) {
    const found = places.get(`${place}/node_modules/${name}`);
    if (found !== undefined) return found;
  }
  return places.get(`/node_modules/${name}`);
}

/**
 * Where the shipped packages and all they need go below a folder: path below it to folder on this host. Names are placed at the top, and beside
 * the package that needs another version where the top is taken.
 */
export function placeShippedModules(): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const pending: { readonly place: string; readonly folder: string }[] = [];
  const put = (place: string, folder: string) => {
    places.set(place, folder);
    pending.push({ place, folder });
  };
  for (const name of shippedNames) put(`/node_modules/${name}`, shippedFolder(name));
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const name of Object.keys(readManifest(next.folder).dependencies ?? {})) {
      const folder = name.startsWith("@types/") ? undefined : findPackage(next.folder, name);
      const present = resolvePlace(places, next.place, name);
      if (folder === undefined || folder === present) continue;
      put(present === undefined ? `/node_modules/${name}` : `${next.place}/node_modules/${name}`, folder);
    }
  }
  return places;
}

/** Copies the shipped packages into `folder`/node_modules, readable by every user, with the command that starts contracts. */
export async function copyShippedModules(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  for (const [place, source] of placeShippedModules()) {
    await cp(source, join(folder, place), {
      recursive: true,
      dereference: true,
      filter: (path) => path === source || (basename(path) !== "node_modules" && !isLeftOut(source, path)),
    });
  }
  await mkdir(join(modules, ".bin"), { recursive: true });
  await symlink(join("..", "fabric-shim", "cli.js"), join(modules, ".bin", SHIM_COMMAND));
  await chmod(join(modules, "fabric-shim", "cli.js"), 0o755);
  for (const path of [folder, modules, join(modules, ".bin")]) await chmod(path, 0o755);
}

function isLeftOut(source: string, path: string): boolean {
  return path.endsWith(".d.ts") || path.endsWith(".map") || (dirname(path) === source && leftOut.has(basename(path)));
}

import { builtinModules } from "node:module";
import { isTestFile, packageOf, resolveRelative, type SourceFile } from "./repository.ts";
import { importedModules, resolvedPackages } from "./syntax.ts";

/**
 * Which packages a package may import, in the order of ARCHITECTURE.md's table. An entry with a slash allows that
 * one entry point only.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  identity: ["base"],
  ledger: ["base", "identity"],
  contracts: ["base", "ledger/contract-api"],
  fabric: ["base", "identity", "ledger"],
  platform: ["base", "identity", "ledger", "contracts", "fabric"],
  "api-kit": ["base"],
  dialects: ["base", "platform", "api-kit"],
  verifier: [],
  device: [],
  server: [
    "base",
    "identity",
    "ledger",
    "contracts",
    "fabric",
    "platform",
    "api-kit",
    "dialects",
    "verifier",
    "device",
  ],
};

export interface PackageManifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
}

const scope = "@concordat/";

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

/** `@scope/name/sub` gives `@scope/name`. */
export function packageNameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function ownEntry(specifier: string): string {
  return specifier.slice(scope.length);
}

/** Tests of a package may use whole packages that stand above it in the table; code may use what its row allows. */
function mayImport(fromPackage: string, entry: string, isTest: boolean): boolean {
  const target = entry.split("/")[0] ?? "";
  if (target === fromPackage) return isTest;
  const allowed = layers[fromPackage] ?? [];
  if (allowed.includes(entry) || allowed.includes(target)) return true;
  if (!isTest) return false;
  const order = Object.keys(layers);
  return order.includes(target) && order.indexOf(target) < order.indexOf(fromPackage);
}

function importFault(
  file: SourceFile,
  specifier: string,
  manifests: Readonly<Record<string, PackageManifest>>,
): string | undefined {
  const own = packageOf(file.path);
  if (specifier.startsWith(".")) {
    const target = resolveRelative(file.path, specifier);
    if (own === undefined || target.startsWith(`packages/${own}/`)) return undefined;
    return `${file.path} reaches out of its package: ${specifier}`;
  }
  if (!specifier.startsWith(scope)) return undefined;
  const entry = ownEntry(specifier);
  const [target = "", ...rest] = entry.split("/");
  const subpath = rest.length === 0 ? "." : `./${rest.join("/")}`;
  if (!(subpath in (manifests[target]?.exports ?? {})))
    return `${file.path} imports ${specifier}, which is no entry point`;
  if (own !== undefined && !mayImport(own, entry, isTestFile(file.path))) {
    return `${file.path} imports ${specifier}: ${own} may import ${layers[own]?.join(", ") || "none of our packages"}`;
  }
  return undefined;
}

/** Imports against the direction of the layers, past an entry point, or out of a package's folder. */
export function layerFaults(
  files: readonly SourceFile[],
  manifests: Readonly<Record<string, PackageManifest>>,
): string[] {
  return files.flatMap((file) =>
    importedModules(file).flatMap((specifier) => importFault(file, specifier, manifests) ?? []),
  );
}

/** Packages whose manifest does not name exactly what their code imports. */
export function manifestFaults(
  files: readonly SourceFile[],
  manifests: Readonly<Record<string, PackageManifest>>,
  rootManifest: PackageManifest,
): string[] {
  return Object.entries(manifests).flatMap(([folder, manifest]) => {
    const external = (wanted: readonly SourceFile[]) =>
      new Set(
        wanted
          .flatMap((file) => [...importedModules(file), ...resolvedPackages(file)])
          .filter((name) => !name.startsWith(".") && !isBuiltin(name))
          .map(packageNameOf),
      );
    const own = files.filter((file) => packageOf(file.path) === folder);
    const used = external(own.filter((file) => !isTestFile(file.path)));
    const declared = new Set(Object.keys(manifest.dependencies ?? {}));
    const forTests = new Set([...declared, ...Object.keys(manifest.devDependencies ?? {}), manifest.name]);
    for (const name of Object.keys(rootManifest.devDependencies ?? {})) forTests.add(name);
    return [
      ...[...used].filter((name) => !declared.has(name)).map((name) => `${folder} imports ${name} undeclared`),
      ...[...declared]
        .filter((name) => !used.has(name))
        .map((name) => `${folder} declares ${name} but never imports it`),
      ...[...external(own.filter((file) => isTestFile(file.path)))]
        .filter((name) => !forTests.has(name) && !name.startsWith(scope))
        .map((name) => `a test of ${folder} imports ${name} undeclared`),
    ];
  });
}

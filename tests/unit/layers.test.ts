import { expect, test } from "vitest";
import { layerFaults, layers, manifestFaults, type PackageManifest } from "../support/layers.ts";
import { isScript, packageOf, readRepositoryFile, repositoryPaths } from "../support/repository.ts";

const paths = repositoryPaths();
const scripts = paths.filter((path) => isScript(path) && packageOf(path) !== undefined).map(readRepositoryFile);
const manifests: Record<string, PackageManifest> = Object.fromEntries(
  paths
    .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
    .map((path) => [packageOf(path), JSON.parse(readRepositoryFile(path).text)]),
);
const rootManifest: PackageManifest = JSON.parse(readRepositoryFile("package.json").text);

test("every package stands in the table of layers, and the table names no other", () => {
  expect(Object.keys(manifests).sort()).toEqual(Object.keys(layers).sort());
});

test("packages import only downwards, through entry points", () => {
  expect(layerFaults(scripts, manifests)).toEqual([]);
});

test("each manifest names exactly what its code imports", () => {
  expect(manifestFaults(scripts, manifests, rootManifest)).toEqual([]);
});

test.each([
  ["packages/base/src/bad.ts", 'import { openLedger } from "@concordat/ledger";'],
  ["packages/contracts/src/bad.ts", 'import type { Ledger } from "@concordat/ledger";'],
  ["packages/dialects/src/bad.ts", 'export type { Ledger } from "@concordat/ledger";'],
  ["packages/dialects/src/bad.ts", 'const ledger = await import("@concordat/ledger");'],
  ["packages/platform/src/bad.ts", 'let table: import("@concordat/api-kit").RouteTable;'],
  ["packages/verifier/src/bad.ts", 'import { bytesToHex } from "@concordat/base";'],
  ["packages/platform/src/bad.ts", 'import { x } from "../../ledger/src/index.ts";'],
  ["packages/platform/src/bad.ts", 'import { x } from "@concordat/ledger/src/block-store";'],
  ["packages/ledger/src/bad.test.ts", 'import { x } from "@concordat/platform";'],
])("a bad import in %s is caught: %s", (path, text) => {
  expect(layerFaults([{ path, text }], manifests)).toHaveLength(1);
});

test("allowed imports are not reported, whatever comments and strings say", () => {
  const text = [
    'import { sha } from "@concordat/identity"; // import { x } from "@concordat/server";',
    'import type { ContractStub } from "@concordat/ledger/contract-api";',
    "const text = 'import { x } from \"@concordat/server\"';",
    'import { near } from "./near.ts";',
  ].join("\n");
  expect(layerFaults([{ path: "packages/platform/src/good.ts", text }], manifests)).toEqual([]);
});

test("an undeclared and an unused dependency are caught", () => {
  const files = [{ path: "packages/base/src/bad.ts", text: 'import "left-pad"; import "node:fs";' }];
  const manifest = { name: "@concordat/base", dependencies: { "right-pad": "1.0.0" } };
  expect(manifestFaults(files, { base: manifest }, rootManifest)).toEqual([
    "base imports left-pad undeclared",
    "base declares right-pad but never imports it",
  ]);
});

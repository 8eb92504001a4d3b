import { parseAst } from "vitest/node";
import type { SourceFile } from "./repository.ts";

/** A node of the parser's tree, seen without its own type: the rules below look at a few node kinds only. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Every node of the file, parents before children. */
export function syntaxNodes(file: SourceFile): SyntaxNode[] {
  const lang = file.path.endsWith(".ts") ? "ts" : "js";
  const found: SyntaxNode[] = [];
  const pending: unknown[] = [parseAst(file.text, { lang, astType: lang })];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value.toReversed());
    else if (isNode(value)) {
      found.push(value);
      pending.push(...Object.values(value).toReversed());
    }
  }
  return found;
}

function literalText(value: unknown): string | undefined {
  return isNode(value) && value.type === "Literal" && typeof value["value"] === "string" ? value["value"] : undefined;
}

/** Modules that a file names: static, type-only, re-exporting, dynamic and `import("x").Y` type imports. */
export function importedModules(file: SourceFile): string[] {
  const importing = /^(Import|ExportNamed|ExportAll)(Declaration|Expression)$|^TSImportType$/;
  const names = syntaxNodes(file)
    .filter((node) => importing.test(node.type))
    .map((node) => literalText(node["source"]));
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Packages whose files are found by `createRequire(...).resolve("name/package.json")`: used without being loaded. */
export function resolvedPackages(file: SourceFile): string[] {
  const ending = "/package.json";
  const names = syntaxNodes(file).flatMap((node) => {
    const callee = node.type === "CallExpression" && isNode(node["callee"]) ? node["callee"] : undefined;
    const property = callee?.type === "MemberExpression" && isNode(callee["property"]) ? callee["property"] : undefined;
    const args = node["arguments"];
    if (property?.["name"] !== "resolve" || !Array.isArray(args)) return [];
    return literalText(args[0]) ?? [];
  });
  return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

/** Every text literal, for finding files named by `new URL("./worker.ts", import.meta.url)` and the like. */
export function textLiterals(file: SourceFile): string[] {
  return syntaxNodes(file)
    .map(literalText)
    .filter((text) => text !== undefined);
}

/** `a.b.c` of an identifier or a plain member chain; undefined for anything else. */
export function dottedName(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "Identifier" && typeof value["name"] === "string") return value["name"];
  if (value.type !== "MemberExpression" || value["computed"] === true) return undefined;
  const object = dottedName(value["object"]);
  const property = dottedName(value["property"]);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split("\n").length;
}

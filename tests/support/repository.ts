import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A file of the repository: path from the root with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What git tracks or would track: no ignored file, no deleted one. */
export function repositoryPaths(): string[] {
  const listing = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(listing.split("\0"))].filter((path) => path !== "");
  return paths.filter((path) => statSync(join(repositoryRoot, path), { throwIfNoEntry: false })?.isFile()).sort();
}

export function readRepositoryFile(path: string): SourceFile {
  return { path, text: readFileSync(join(repositoryRoot, path), "utf8") };
}

export function isScript(path: string): boolean {
  return /\.(ts|js|mjs)$/.test(path) && !/\.min\.js$/.test(path);
}

/** Test code: may use test libraries, real timers and raw errors. Suites are what several tests run, fixtures what they share. */
export function isTestFile(path: string): boolean {
  return /\.(test|suite|fixture)\.ts$/.test(path) || path.startsWith("tests/") || /\/(testing|testdata)\//.test(path);
}

/** The workspace package that holds a path, by its folder name. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1];
}

export function resolveRelative(fromPath: string, specifier: string): string {
  return posix.join(posix.dirname(fromPath), specifier);
}

import { isScript, isTestFile, type SourceFile } from "./repository.ts";
import { dottedName, importedModules, lineOf, type SyntaxNode, syntaxNodes, textLiterals } from "./syntax.ts";

/** One reason for each file that may do what the rest may not. A line leaves this list when its reason goes; none is added lightly. */
export type Exceptions = Readonly<Record<string, string>>;

/** Calls that make a run depend on the machine's clock, chance or timers. Use the injected Clock and RandomSource instead. */
const bannedCalls: Readonly<Record<string, string>> = {
  "Date.now": "Clock.nowMs",
  "performance.now": "Clock.nowMs",
  "Math.random": "RandomSource",
  setTimeout: "Clock.after",
  setInterval: "Clock.after",
  randomBytes: "RandomSource",
  randomUUID: "RandomSource",
  "crypto.randomUUID": "RandomSource",
  "crypto.getRandomValues": "RandomSource",
};

export const clockAndChanceExceptions: Exceptions = {
  "packages/base/src/clock.ts": "is the system clock",
  "packages/base/src/random.ts": "is the system's randomness",
  "packages/base/src/log.ts": "the default time of log lines, which nothing reads back",
  "packages/device/src/system.ts": "a device's own clock and randomness: its package imports none of ours",
};

function at(file: SourceFile, node: SyntaxNode, message: string): string {
  return `${file.path}:${lineOf(file, node.start)} ${message}`;
}

function isPlainNew(node: SyntaxNode, name: string): boolean {
  return node.type === "NewExpression" && dottedName(node["callee"]) === name;
}

/** Code (not tests) that reads the clock, chance or timers past the injected ones. */
export function clockAndChanceFaults(file: SourceFile, exceptions: Exceptions): string[] {
  if (isTestFile(file.path) || file.path in exceptions) return [];
  return syntaxNodes(file).flatMap((node) => {
    if (isPlainNew(node, "Date") && Array.isArray(node["arguments"]) && node["arguments"].length === 0) {
      return at(file, node, "new Date() reads the clock: use Clock.nowMs");
    }
    const name = node.type === "MemberExpression" ? dottedName(node) : undefined;
    if (name !== undefined && name in bannedCalls) return at(file, node, `${name}: use ${bannedCalls[name]}`);
    const called = node.type === "CallExpression" ? dottedName(node["callee"]) : undefined;
    if (called === undefined || called.includes(".") || !(called in bannedCalls)) return [];
    return at(file, node, `${called}: use ${bannedCalls[called]}`);
  });
}

/** Refusals carry a stable code: ConcordatError or a subclass, InvariantError for what cannot be. */
export function rawErrorFaults(file: SourceFile, exceptions: Exceptions): string[] {
  if (isTestFile(file.path) || file.path in exceptions) return [];
  return syntaxNodes(file)
    .filter((node) => isPlainNew(node, "Error"))
    .map((node) => at(file, node, "raw Error: give it a code (ConcordatError) or call it an InvariantError"));
}

const silencers: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /@ts-(ignore|nocheck|expect-error)/, what: "silences the type checker" },
  { pattern: /biome-ignore(?!.*: \S.{9,})/, what: "biome-ignore without a reason" },
];

export function silencedCheckFaults(file: SourceFile): string[] {
  const inComments = file.text.split("\n").flatMap((line, index) => {
    const hit = silencers.find((silencer) => /(\/\/|\/\*|^\s*\*)/.test(line) && silencer.pattern.test(line));
    return hit === undefined ? [] : [`${file.path}:${index + 1} ${hit.what}`];
  });
  const inTypes = syntaxNodes(file)
    .filter((node) => node.type === "TSAnyKeyword" || node.type === "TSNonNullExpression")
    .map((node) => at(file, node, node.type === "TSAnyKeyword" ? "any" : "non-null assertion"));
  return [...inComments, ...inTypes];
}

/** `.only` never; `.skip`, `.todo`, `.skipIf` and `.fails` only under a comment that says why. */
export function skippedTestFaults(file: SourceFile): string[] {
  const lines = file.text.split("\n");
  return syntaxNodes(file).flatMap((node) => {
    const name = node.type === "MemberExpression" ? dottedName(node) : undefined;
    if (name === undefined || !/^(it|test|describe|suite)\.(.*\.)?(only|skip|skipIf|runIf|todo|fails)$/.test(name))
      return [];
    if (name.endsWith(".only")) return at(file, node, `${name} hides every other test`);
    const before = lines[lineOf(file, node.start) - 2] ?? "";
    return /\/\/ Skipped because .{10,}/.test(before) ? [] : at(file, node, `${name} without "// Skipped because ..."`);
  });
}

export const FILE_LINES_MAX = 400;

export function longFileFaults(file: SourceFile, exceptions: Exceptions): string[] {
  if (!/\.(ts|js|mjs|java|py|sh|css|html)$/.test(file.path) || file.path in exceptions) return [];
  const count = file.text.split("\n").length;
  return count > FILE_LINES_MAX
    ? [`${file.path} has ${count} lines; over ${FILE_LINES_MAX} look for the second noun`]
    : [];
}

/** Written with character classes so that this file does not hold what it forbids. */
const foreignText: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /(^|[\s"'`(=:])\/(wor[k]|roo[t]|User[s])\//, what: "a path of one machine" },
  { pattern: /(^|[\s"'`(=:])\/home\/[a-z]/, what: "a path of one machine" },
  {
    pattern: /registry[.]npm|repo1?[.]maven|pypi[.]o|deb[.]debian|crates[.]i|proxy[.]golang/,
    what: "a registry's host",
  },
  { pattern: /\b(T[O]DO|FI[X]ME)\b/, what: "unfinished work" },
];

export function foreignTextFaults(file: SourceFile): string[] {
  return file.text
    .split("\n")
    .flatMap((line, index) =>
      foreignText.filter(({ pattern }) => pattern.test(line)).map(({ what }) => `${file.path}:${index + 1} ${what}`),
    );
}

/** A lock file that names addresses installs from one registry only. */
export function lockFileFaults(lockText: string): string[] {
  const lock: { packages: Record<string, { resolved?: string; link?: boolean }> } = JSON.parse(lockText);
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved !== undefined && entry.link !== true)
    .map(([name]) => `${name} has an address`);
}

function candidates(fromPath: string, name: string): string[] {
  const base = fromPath.includes("/") ? fromPath.slice(0, fromPath.lastIndexOf("/")) : "";
  const parts: string[] = base === "" ? [] : base.split("/");
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return [parts.join("/"), name];
}

function namesIn(files: readonly SourceFile[]): Set<string> {
  const named = new Set<string>();
  for (const file of files.filter((candidate) => !candidate.path.endsWith(".md"))) {
    const names = isScript(file.path)
      ? [...importedModules(file), ...textLiterals(file)]
      : [...file.text.matchAll(/[\w@./-]+\.(?:ts|js|mjs)\b/g)].map((match) => match[0]);
    for (const name of names) for (const path of candidates(file.path, name)) named.add(path);
  }
  return named;
}

/**
 * Scripts that nothing names: no import, no text literal, no manifest, no shell script. A file of the product that
 * only tests name is dead too.
 */
export function deadFileFaults(files: readonly SourceFile[], entryPoints: Exceptions): string[] {
  const byAny = namesIn(files);
  const byProduct = namesIn(files.filter((file) => !isTestFile(file.path)));
  return files
    .filter((file) => isScript(file.path) && !/\.test\.ts$/.test(file.path) && !(file.path in entryPoints))
    .filter((file) => !(isTestFile(file.path) ? byAny : byProduct).has(file.path))
    .map((file) => `${file.path} is used by nothing${byAny.has(file.path) ? " but tests" : ""}`);
}

/** First cells in code style of the table under a heading: `| \`name\` | ... |`. */
export function namesInTable(markdown: string, heading: string): string[] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "");
}

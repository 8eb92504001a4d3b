import { expect, test } from "vitest";
import { isScript, readRepositoryFile, repositoryPaths } from "../support/repository.ts";
import {
  clockAndChanceExceptions,
  clockAndChanceFaults,
  deadFileFaults,
  type Exceptions,
  FILE_LINES_MAX,
  foreignTextFaults,
  lockFileFaults,
  longFileFaults,
  namesInTable,
  rawErrorFaults,
  silencedCheckFaults,
  skippedTestFaults,
} from "../support/tidy-rules.ts";

const isText = /\.(ts|js|mjs|json|md|java|py|sh|css|html|xml|toml|proto|yaml|yml)$|^\.ci\/run$|^\.npmrc$|LICENSE$/;
const paths = repositoryPaths();
const files = paths.filter((path) => isText.test(path) && path !== "package-lock.json").map(readRepositoryFile);
const scripts = files.filter((file) => isScript(file.path));

const longFiles: Exceptions = {};
const rawErrors: Exceptions = {
  "packages/ledger/src/worker/protocol.ts":
    "an unknown error of the worker crosses the thread border with its text only",
};
const entryPoints: Exceptions = { "vitest.config.ts": "read by vitest" };

test("clock, chance and timers are injected", () => {
  const code = scripts.filter((file) => file.path.startsWith("packages/"));
  expect(code.flatMap((file) => clockAndChanceFaults(file, clockAndChanceExceptions))).toEqual([]);
  expect(Object.keys(clockAndChanceExceptions).filter((path) => !paths.includes(path))).toEqual([]);
});

test("errors carry codes", () => {
  const code = scripts.filter((file) => file.path.startsWith("packages/"));
  expect(code.flatMap((file) => rawErrorFaults(file, rawErrors))).toEqual([]);
});

test("no check is silenced and no test is skipped without a reason", () => {
  expect(scripts.flatMap(silencedCheckFaults)).toEqual([]);
  expect(scripts.flatMap(skippedTestFaults)).toEqual([]);
});

test(`no code file is longer than ${FILE_LINES_MAX} lines`, () => {
  expect(files.flatMap((file) => longFileFaults(file, longFiles))).toEqual([]);
});

test("no file names one machine's paths or a package registry, or is unfinished", () => {
  expect(files.flatMap(foreignTextFaults)).toEqual([]);
});

test("the lock file installs from any registry", () => {
  expect(lockFileFaults(readRepositoryFile("package-lock.json").text)).toEqual([]);
});

test("no script is dead", () => {
  const shell = paths.filter((path) => path === ".ci/run").map(readRepositoryFile);
  expect(deadFileFaults([...files, ...shell], entryPoints)).toEqual([]);
});

test("the folder maps equal the folders", () => {
  const atRoot = paths.flatMap((path) => (path.includes("/") ? (path.split("/")[0] ?? []) : []));
  const packages = paths.flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? []);
  const readme = readRepositoryFile("README.md").text;
  const folders = [...new Set(atRoot), ...[...new Set(packages)].map((name) => `packages/${name}`)];
  expect(namesInTable(readme, "Folders").sort()).toEqual(folders.filter((name) => name !== "packages").sort());
  const architecture = readRepositoryFile("ARCHITECTURE.md").text;
  expect(namesInTable(architecture, "Packages").sort()).toEqual([...new Set(packages)].sort());
});

const bad = (text: string, path = "packages/ledger/src/bad.ts") => ({ path, text });

test.each([
  ["Date.now", "const nowMs = Date.now();"],
  ["Date.now as a value", "export function create(nowMs = Date.now) { return nowMs; }"],
  ["new Date()", "const now = new Date();"],
  ["Math.random", "const chance = Math.random();"],
  ["setTimeout", "setTimeout(() => {}, 10);"],
  ["randomBytes", 'import { randomBytes } from "node:crypto"; const nonce = randomBytes(24);'],
])("%s is caught outside the clock and randomness of base", (_name, text) => {
  expect(clockAndChanceFaults(bad(text), {})).toHaveLength(1);
  expect(clockAndChanceFaults(bad(text, "packages/ledger/src/good.test.ts"), {})).toEqual([]);
  expect(clockAndChanceFaults(bad(`/* ${text} */ const text = ${JSON.stringify(text)};`), {})).toEqual([]);
});

test.each([
  ["any", silencedCheckFaults, "let value: any = 1;"],
  ["non-null assertion", silencedCheckFaults, "const value = list[0]!;"],
  ["ts-ignore", silencedCheckFaults, `// @ts-${"ignore"}\nconst value = 1;`],
  ["biome-ignore", silencedCheckFaults, `// biome-${"ignore"} lint/style/useConst: \nlet value = 1;`],
  [".only", skippedTestFaults, 'test.only("x", () => {});'],
  [".skip", skippedTestFaults, 'describe.skip("x", () => {});'],
  ["raw Error", (file: ReturnType<typeof bad>) => rawErrorFaults(file, {}), 'throw new Error("no code");'],
  ["a long file", (file: ReturnType<typeof bad>) => longFileFaults(file, {}), "\n".repeat(FILE_LINES_MAX)],
  ["a machine path", foreignTextFaults, `const folder = "/${"root"}/data";`],
  ["a registry", foreignTextFaults, `see https://registry.${"npm"}js.org`],
  ["unfinished work", foreignTextFaults, `// ${"TO"}${"DO"}: later`],
])("%s is caught", (_name, rule, text) => {
  expect(rule(bad(text))).toHaveLength(1);
});

test("a skipped test with its reason passes", () => {
  const text = '// Skipped because Windows has no SIGKILL to send.\ntest.skipIf(isWindows)("x", () => {});';
  expect(skippedTestFaults(bad(text))).toEqual([]);
});

test("an address in the lock file is caught", () => {
  const lock = {
    packages: { "node_modules/a": { resolved: "https://somewhere/a.tgz" }, b: { resolved: "b", link: true } },
  };
  expect(lockFileFaults(JSON.stringify(lock))).toEqual(["node_modules/a has an address"]);
});

test("a dead file is caught, a worker named by its address is not", () => {
  const worker = bad("export {};", "packages/ledger/src/worker.ts");
  const main = bad('new Worker(new URL("./worker.ts", import.meta.url));', "packages/ledger/src/index.ts");
  const dead = bad("export {};", "packages/ledger/src/dead.ts");
  const manifest = bad('{ "exports": { ".": "./src/index.ts" } }', "packages/ledger/package.json");
  expect(deadFileFaults([worker, main, dead, manifest], {})).toEqual([
    "packages/ledger/src/dead.ts is used by nothing",
  ]);
});

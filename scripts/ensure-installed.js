// Makes node_modules equal to package-lock.json before a script runs. Uses nothing but Node itself (20 or newer),
// because on a fresh clone nothing else is there. Says one line when it installs, nothing when all is in place.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const markerFile = join(modules, ".concordat-installed");
const lockFolder = join(root, ".installing");
const lockOwnerFile = join(lockFolder, "pid");
const OTHER_INSTALL_WAIT_MS = 15 * 60_000;

/** The Node that the scripts run on, as the lock file pins it for this platform; undefined where none is pinned. */
function pinnedNode(lock) {
  const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  if (process.platform === "win32") names.push(`node-win-${process.arch}`);
  for (const name of names) {
    const version = lock.packages?.[`node_modules/${name}`]?.version;
    if (version !== undefined) return { name, version };
  }
  return undefined;
}

function wantedMark(lockText, pinned) {
  const lockHash = createHash("sha256").update(lockText).digest("hex");
  return `${lockHash} ${process.platform}-${process.arch} ${pinned?.version ?? "own-node"}\n`;
}

function isComplete(mark, pinned) {
  if (!existsSync(markerFile) || readFileSync(markerFile, "utf8") !== mark) return false;
  if (pinned === undefined) return true;
  const command = process.platform === "win32" ? "node.cmd" : "node";
  const manifestFile = join(modules, pinned.name, "package.json");
  if (!existsSync(join(modules, ".bin", command)) || !existsSync(manifestFile)) return false;
  return JSON.parse(readFileSync(manifestFile, "utf8")).version === pinned.version;
}

/**
 * Whether npm's own record of node_modules, which it writes when it is done, already equals the lock file: so it is after
 * a developer's `npm install`. Packages for other platforms are rightly absent.
 */
function equalsLockFile(lock) {
  const recordFile = join(modules, ".package-lock.json");
  if (!existsSync(recordFile)) return false;
  const installed = JSON.parse(readFileSync(recordFile, "utf8")).packages ?? {};
  const wanted = Object.entries(lock.packages).filter(([path]) => path.startsWith("node_modules/"));
  const isSame = (entry, other) => entry.version === other.version && entry.integrity === other.integrity;
  const names = new Set(wanted.map(([path]) => path));
  return (
    wanted.every(([path, entry]) => (path in installed ? isSame(entry, installed[path]) : entry.optional === true)) &&
    Object.keys(installed).every((path) => names.has(path) || !path.startsWith("node_modules/"))
  );
}

/** PATH without this folder's own node_modules: npm must not run on the Node that it is about to replace. */
function outsidePath() {
  const inside = modules + sep;
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !resolve(entry).startsWith(inside))
    .join(delimiter);
}

/**
 * Runs `npm ci`, whose process id goes into the lock: npm may outlive this process by some seconds when somebody
 * interrupts it, and the next try must wait for that.
 *
 * Install scripts stay off: no dependency needs one (native parts come as prebuilt files inside packages), and code
 * of strangers should not run because somebody typed `npm start`.
 */
function runNpm() {
  const args = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-progress", "--loglevel=warn"];
  const environment = { ...process.env, PATH: outsidePath() };
  // What npm set up for the running script would otherwise steer the inner npm.
  for (const name of Object.keys(environment)) {
    if (/^npm_(lifecycle|package|command|config_(omit|production|workspace|local_prefix))/.test(name)) {
      delete environment[name];
    }
  }
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    if (child.pid !== undefined) writeFileSync(lockOwnerFile, String(child.pid));
    const result = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => {
        result[name] += text;
      });
    }
    child.on("error", (error) => reject(new Error(`npm could not be started (${error.message}). Is it on the PATH?`)));
    child.on("close", (status, signal) => resolve({ ...result, status, signal }));
  });
}

/** npm's warnings, less those about the version of the Node that npm itself runs on: the scripts run on the pinned one. */
function worthReading(messages) {
  return messages
    .split("\n")
    .filter((line) => line !== "" && !line.includes("EBADENGINE"))
    .map((line) => `${line}\n`)
    .join("");
}

async function install(mark, pinned, reason) {
  process.stderr.write(`Installing dependencies: ${reason}.\n`);
  rmSync(markerFile, { force: true });
  const result = await runNpm();
  process.stderr.write(worthReading(result.stderr));
  if (result.status !== 0) {
    process.stderr.write(result.stdout);
    const how = result.signal === null ? `with status ${result.status}` : `by ${result.signal}`;
    throw new Error(`"npm ci" ended ${how}; its messages stand above. Nothing was marked as installed: run again.`);
  }
  writeMarker(mark);
  if (!isComplete(mark, pinned)) {
    rmSync(markerFile, { force: true });
    throw new Error(`"npm ci" ended well but ${pinned.name} ${pinned.version} is not in node_modules.`);
  }
}

/** By renaming, so that a marker is there whole or not at all. */
function writeMarker(mark) {
  const temporary = `${markerFile}.${process.pid}`;
  writeFileSync(temporary, mark);
  renameSync(temporary, markerFile);
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** One install at a time in one folder: two commands started together on a fresh clone must not remove each other's files. */
async function withLock(action) {
  const deadline = Date.now() + OTHER_INSTALL_WAIT_MS;
  for (;;) {
    try {
      mkdirSync(lockFolder);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const owner = existsSync(lockOwnerFile) ? Number(readFileSync(lockOwnerFile, "utf8")) : 0;
    if (owner > 0 && !isAlive(owner)) rmSync(lockFolder, { recursive: true, force: true });
    else if (Date.now() > deadline) {
      throw new Error(`another install seems to be running (${lockFolder}). Remove that folder if none is.`);
    } else await pause(200);
  }
  writeFileSync(lockOwnerFile, String(process.pid));
  try {
    await action();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

function reasonOf(mark) {
  if (!existsSync(modules)) return "node_modules is missing";
  if (!existsSync(markerFile)) return "node_modules was not completed by this script";
  if (readFileSync(markerFile, "utf8") !== mark) return "package-lock.json has changed";
  return "the pinned Node is missing";
}

async function main() {
  const lockText = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock = JSON.parse(lockText);
  const pinned = pinnedNode(lock);
  if (pinned === undefined && Number(process.versions.node.split(".")[0]) < 24) {
    const platform = `${process.platform}-${process.arch}`;
    throw new Error(`no Node is pinned for ${platform}: install Node 24 or newer (this is ${process.version}).`);
  }
  const mark = wantedMark(lockText, pinned);
  if (isComplete(mark, pinned)) return;
  if (equalsLockFile(lock)) {
    writeMarker(mark);
    if (isComplete(mark, pinned)) return;
  }
  await withLock(async () => {
    if (!isComplete(mark, pinned)) await install(mark, pinned, reasonOf(mark));
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Cannot install the dependencies: ${error.message}\n`);
  process.exitCode = 1;
}

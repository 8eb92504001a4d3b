import { constants } from "node:fs";
import { link, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { base64ToBytes, bytesToBase64, bytesToHex, hexToBytes, isMissing, type RandomSource } from "@concordat/base";
import { identityFault } from "./errors.ts";

export const MASTER_KEY_VARIABLE = "CONCORDAT_MASTER_KEY";

export interface MasterKeyOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The key must lie outside it, so that a copy of the data is worth nothing without the key. */
  readonly dataDirectory: string;
  /** By default {@link defaultMasterKeyPath}. */
  readonly filePath?: string;
  /** Whether a missing file is made: true on a first run only, because existing data needs the key it was sealed with. */
  readonly createIfMissing: boolean;
}

export interface MasterKey {
  /** 32 bytes each: the present one, then earlier ones that may have sealed what is still kept. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  /** Where it came from, for the operator: the variable's name or the file's path. */
  readonly source: string;
  /** The file, unless the key came from the environment. */
  readonly filePath: string | undefined;
  readonly created: boolean;
}

/** `$XDG_CONFIG_HOME/concordat/master.key`, by default under `~/.config`. */
export function defaultMasterKeyPath(environment: Readonly<Record<string, string | undefined>>): string {
  const configured = environment["XDG_CONFIG_HOME"];
  const base = configured === undefined || configured === "" ? join(homedir(), ".config") : configured;
  return join(base, "concordat", "master.key");
}

/**
 * The key that seals all others: from the environment, else from a file that only its owner can read. A new file
 * is complete and synced, its folder entry too, before the key is used; two first runs at once end with one key.
 * @throws ConcordatError MASTER_KEY_INVALID, MASTER_KEY_MISSING, MASTER_KEY_FILE_EXPOSED, MASTER_KEY_INSIDE_DATA or MASTER_KEY_UNREADABLE
 */
export async function loadMasterKey(
  options: MasterKeyOptions,
  dependencies: { readonly random: RandomSource },
): Promise<MasterKey> {
  const text = options.environment[MASTER_KEY_VARIABLE];
  if (text !== undefined && text !== "") {
    const keys = decodeMasterKeys(text, MASTER_KEY_VARIABLE);
    return { keys, source: MASTER_KEY_VARIABLE, filePath: undefined, created: false };
  }
  const path = resolve(options.filePath ?? defaultMasterKeyPath(options.environment));
  await refuseInside(options.dataDirectory, path);
  const known = await readMasterKeyFile(path);
  if (known !== undefined) return { keys: known, source: path, filePath: path, created: false };
  if (!options.createIfMissing) {
    throw identityFault("MASTER_KEY_MISSING", `The data folder exists, but its master key is not at ${path}.`, {
      remedy: `Put the key back there, name its place with --master-key-file, or give it in ${MASTER_KEY_VARIABLE}.`,
    });
  }
  const created = await createMasterKeyFile(path, dependencies.random);
  return { keys: await requireMasterKeyFile(path), source: path, filePath: path, created };
}

/** @returns false when another process made the file at the same time: then that one's key counts */
async function createMasterKeyFile(path: string, random: RandomSource): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${bytesToHex(random.bytes(8))}`);
  let firstMade: string | undefined;
  try {
    firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeMasterKeyFile(temporary, [random.bytes(32)]);
    // A link, unlike a rename, fails when the name is taken; unlike writing in place, it never shows half a key.
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (hasCode(cause, "EEXIST")) return false;
    throw unreadable(path, cause);
  } finally {
    await rm(temporary, { force: true });
    await syncFolders(folder, firstMade === undefined ? folder : dirname(firstMade));
  }
}

async function readMasterKeyFile(path: string): Promise<MasterKey["keys"] | undefined> {
  let text: string;
  try {
    const file = await open(path, "r");
    try {
      refuseExposed(path, await file.stat());
      text = await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (hasCode(cause, "MASTER_KEY_FILE_EXPOSED")) throw cause;
    throw unreadable(path, cause);
  }
  return decodeMasterKeys(text, path);
}

async function requireMasterKeyFile(path: string): Promise<MasterKey["keys"]> {
  const keys = await readMasterKeyFile(path);
  if (keys === undefined) throw unreadable(path);
  return keys;
}

/**
 * Puts a fresh key before those of the file and answers it. Whoever reads the file from now on seals with it and still opens what the
 * earlier ones sealed. The file is replaced as a whole: a crash leaves the one or the other.
 * @throws ConcordatError MASTER_KEY_UNREADABLE and those of reading the file
 */
export async function addMasterKey(path: string, dependencies: { readonly random: RandomSource }): Promise<Uint8Array> {
  const earlier = await requireMasterKeyFile(path);
  const added = dependencies.random.bytes(32);
  await replaceMasterKeyFile(path, [added, ...earlier], dependencies.random);
  return added;
}

/**
 * Keeps only the present key in the file. What an earlier one sealed can then be opened by nobody: every data folder that uses the file
 * must have been sealed anew before.
 */
export async function dropEarlierMasterKeys(
  path: string,
  dependencies: { readonly random: RandomSource },
): Promise<void> {
  const [present] = await requireMasterKeyFile(path);
  await replaceMasterKeyFile(path, [present], dependencies.random);
}

async function replaceMasterKeyFile(path: string, keys: MasterKey["keys"], random: RandomSource): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${bytesToHex(random.bytes(8))}`);
  try {
    await writeMasterKeyFile(temporary, keys);
    await rename(temporary, path);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await rm(temporary, { force: true });
    await syncFolders(folder, folder);
  }
}

async function writeMasterKeyFile(path: string, keys: MasterKey["keys"]): Promise<void> {
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    await file.writeFile(keys.map((key) => `${bytesToBase64(key)}\n`).join(""));
    await file.sync();
  } finally {
    await file.close();
  }
}

function refuseExposed(path: string, status: { readonly mode: number }): void {
  // Windows has no such bits: there the profile folder's access list guards the file.
  if (process.platform === "win32" || (status.mode & 0o077) === 0) return;
  throw identityFault("MASTER_KEY_FILE_EXPOSED", `The master key file ${path} can be read by other users.`, {
    remedy: `Run: chmod 600 ${path}`,
  });
}

/** One key, or several between commas, spaces or line ends: the present one first. */
function decodeMasterKeys(text: string, source: string): MasterKey["keys"] {
  const [present = "", ...earlier] = text.split(/[\s,]+/).filter((word) => word !== "");
  return [decodeMasterKey(present, source), ...earlier.map((word) => decodeMasterKey(word, source))];
}

function decodeMasterKey(text: string, source: string): Uint8Array {
  try {
    const key = /^[0-9a-f]{64}$/i.test(text) ? hexToBytes(text) : base64ToBytes(text);
    if (key.length === 32) return key;
  } catch {
    // The text stays out of the error: it may be a key with one character too many.
  }
  throw identityFault("MASTER_KEY_INVALID", `The master key in ${source} is not 32 bytes in base64 or hex.`, {
    remedy: "A key for a new installation can be made with: openssl rand -base64 32",
  });
}

async function refuseInside(dataDirectory: string, path: string): Promise<void> {
  const way = relative(await realPathOf(resolve(dataDirectory)), await realPathOf(path));
  if (way === ".." || way.startsWith(`..${sep}`) || resolve(way) === way) return;
  throw identityFault("MASTER_KEY_INSIDE_DATA", `The master key file ${path} lies inside the data folder.`, {
    remedy: "Keep it elsewhere (--master-key-file), so that backups of the data folder do not contain it.",
  });
}

/** The path with the links of its existing part resolved. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

/** Makes the entries of `from` and of every folder above it up to `upTo` durable. */
async function syncFolders(from: string, upTo: string): Promise<void> {
  if (process.platform === "win32" || !(await stat(from).catch(() => undefined))) return;
  const handle = await open(from, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (from !== upTo && from !== dirname(from)) await syncFolders(dirname(from), upTo);
}

function unreadable(path: string, cause?: unknown) {
  const reason = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return identityFault("MASTER_KEY_UNREADABLE", `The master key file ${path} cannot be read or made${reason}.`, {
    remedy: "Give a path that this user can read and write with --master-key-file.",
    cause,
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToBase64, bytesToHex, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addMasterKey,
  defaultMasterKeyPath,
  dropEarlierMasterKeys,
  loadMasterKey,
  type MasterKeyOptions,
} from "./master-key.ts";

const key = new Uint8Array(32).map((_, index) => index);
let folder: string;
let dataDirectory: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concordat-master-key-"));
  dataDirectory = join(folder, "data");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(options: Partial<MasterKeyOptions> = {}) {
  const environment = { XDG_CONFIG_HOME: join(folder, "config") };
  return loadMasterKey({ environment, dataDirectory, createIfMissing: true, ...options }, { random: systemRandom });
}

describe("the master key", () => {
  it.each([
    ["base64", bytesToBase64(key)],
    ["hex", bytesToHex(key)],
    ["hex with a newline", `${bytesToHex(key).toUpperCase()}\n`],
  ])("comes from the environment as %s, before any file", async (_, text) => {
    const loaded = await load({ environment: { CONCORDAT_MASTER_KEY: text, XDG_CONFIG_HOME: folder } });
    expect(loaded).toEqual({ keys: [key], source: "CONCORDAT_MASTER_KEY", filePath: undefined, created: false });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is made once, for its owner's eyes, in the user's configuration", async () => {
    const path = defaultMasterKeyPath({ XDG_CONFIG_HOME: join(folder, "config") });
    const first = await load();
    expect(first).toMatchObject({ source: path, created: true });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await load()).toEqual({ ...first, created: false });
    expect(readdirSync(join(folder, "config", "concordat"))).toEqual(["master.key"]);
  });

  it("is one key when several first runs race for it", async () => {
    const loaded = await Promise.all(Array.from({ length: 8 }, () => load()));
    expect(new Set(loaded.map((each) => bytesToHex(each.keys[0]))).size).toBe(1);
    expect(loaded.filter((each) => each.created)).toHaveLength(1);
  });

  it("is not made anew for data that exists already", async () => {
    await expect(load({ createIfMissing: false })).rejects.toMatchObject({ code: "MASTER_KEY_MISSING" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is refused when others can read its file", async () => {
    const filePath = join(folder, "exposed.key");
    writeFileSync(filePath, bytesToBase64(key), { mode: 0o600 });
    expect((await load({ filePath })).keys).toEqual([key]);
    chmodSync(filePath, 0o640);
    await expect(load({ filePath })).rejects.toMatchObject({ code: "MASTER_KEY_FILE_EXPOSED" });
  });

  it("is refused inside the data folder, through links too", async () => {
    mkdirSync(dataDirectory);
    symlinkSync(dataDirectory, join(folder, "elsewhere"));
    for (const filePath of [join(dataDirectory, "keys", "master.key"), join(folder, "elsewhere", "master.key")]) {
      await expect(load({ filePath })).rejects.toMatchObject({ code: "MASTER_KEY_INSIDE_DATA" });
    }
    expect(readdirSync(dataDirectory)).toEqual([]);
  });

  it("is refused in any other form, without showing it", async () => {
    const text = bytesToBase64(key.subarray(1));
    const refusal = load({ environment: { CONCORDAT_MASTER_KEY: text } });
    await expect(refusal).rejects.toMatchObject({ code: "MASTER_KEY_INVALID" });
    await expect(refusal).rejects.not.toThrow(text);
    const filePath = join(folder, "empty.key");
    writeFileSync(filePath, "", { mode: 0o600 });
    await expect(load({ filePath })).rejects.toMatchObject({ code: "MASTER_KEY_INVALID" });
    expect(readFileSync(filePath, "utf8")).toBe("");
  });

  it("says so when its file cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    const refusal = load({ filePath: join(folder, "file", "master.key") });
    await expect(refusal).rejects.toMatchObject({ code: "MASTER_KEY_UNREADABLE" });
  });

  it("is followed by earlier ones in the environment", async () => {
    const other = key.toReversed();
    const environment = { CONCORDAT_MASTER_KEY: `${bytesToBase64(other)}, ${bytesToHex(key)}` };
    expect((await load({ environment })).keys).toEqual([other, key]);
  });

  it("gets a successor in its file, and its forerunners go when told", async () => {
    const { keys, filePath = "" } = await load();
    const added = await addMasterKey(filePath, { random: systemRandom });
    expect((await load()).keys).toEqual([added, ...keys]);
    expect(statSync(filePath).mode & 0o777).toBe(0o600);
    await dropEarlierMasterKeys(filePath, { random: systemRandom });
    expect((await load()).keys).toEqual([added]);
    expect(readdirSync(join(folder, "config", "concordat"))).toEqual(["master.key"]);
  });
});

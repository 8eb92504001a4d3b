import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BootstrapFile,
  forgetSecrets,
  holdsSecrets,
  readBootstrapFile,
  writeBootstrapFile,
} from "./bootstrap-file.ts";

const file: BootstrapFile = {
  url: "http://127.0.0.1:8080",
  aliyun: {
    endpoint: "http://127.0.0.1:8080",
    accessKeyId: "LTAI000000000000",
    accessKeySecret: "very secret",
    uid: "1000000000000001",
    region: "cn-shanghai",
    proofChain: { bizChainId: "2000000000000002", productKey: "abcdefghij123456", dataTypeCode: "0A1B" },
    collaborationChain: { bizChainId: "3000000000000003" },
  },
};

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concordat-bootstrap-"));
  path = join(folder, "bootstrap.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("bootstrap.json", () => {
  it("is written whole, for its owner's eyes, and read back", async () => {
    await writeBootstrapFile(nodeFileSystem, path, file);
    expect(await readBootstrapFile(nodeFileSystem, path)).toEqual(file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["bootstrap.json"]);
  });

  it("replaces a longer file and the leftover of an interrupted write", async () => {
    writeFileSync(path, "x".repeat(10_000));
    writeFileSync(`${path}.new`, "y".repeat(20_000), { mode: 0o600 });
    await writeBootstrapFile(nodeFileSystem, path, file);
    expect(await readBootstrapFile(nodeFileSystem, path)).toEqual(file);
  });

  it("forgets its secrets and nothing else, once", async () => {
    await writeBootstrapFile(nodeFileSystem, path, file);
    expect(holdsSecrets(file)).toBe(true);
    expect(await forgetSecrets(nodeFileSystem, path)).toBe(true);
    const text = readFileSync(path, "utf8");
    expect(text).not.toContain("secret");
    const { accessKeySecret: _gone, ...aliyun } = file.aliyun;
    expect(await readBootstrapFile(nodeFileSystem, path)).toEqual({ ...file, aliyun });
    expect(await forgetSecrets(nodeFileSystem, path)).toBe(false);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("of an earlier release, without a collaboration chain, is read as well", async () => {
    const { collaborationChain: _none, ...aliyun } = file.aliyun;
    await writeBootstrapFile(nodeFileSystem, path, { ...file, aliyun });
    expect(await readBootstrapFile(nodeFileSystem, path)).toEqual({ ...file, aliyun });
  });

  it("is missed and mistrusted in so many words", async () => {
    expect(await readBootstrapFile(nodeFileSystem, path)).toBeUndefined();
    await expect(forgetSecrets(nodeFileSystem, path)).rejects.toMatchObject({ code: "BOOTSTRAP_MISSING" });
    const withoutId = { ...file, aliyun: { ...file.aliyun, collaborationChain: {} } };
    const others = [{ ...file, aliyun: {} }, withoutId].map((each) => JSON.stringify(each));
    for (const text of ["", "{}", "[]", "null", '{"url": 1}', ...others]) {
      writeFileSync(path, text);
      await expect(readBootstrapFile(nodeFileSystem, path)).rejects.toMatchObject({ code: "BOOTSTRAP_INVALID" });
    }
  });
});

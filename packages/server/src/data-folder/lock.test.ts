import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolderAt } from "./layout.ts";
import { lockDataFolder } from "./lock.ts";

let folder: ReturnType<typeof dataFolderAt>;

beforeEach(() => {
  folder = dataFolderAt(mkdtempSync(join(tmpdir(), "concordat-lock-")));
});
afterEach(() => rmSync(folder.directory, { recursive: true, force: true }));

describe("the lock of a data folder", () => {
  it("refuses a second holder, naming the first and the folder, and is free again after release", () => {
    const first = lockDataFolder(folder, { processId: 4711 });
    expect(() => lockDataFolder(folder, { processId: 4712 })).toThrow(
      expect.objectContaining({
        code: "DATA_FOLDER_LOCKED",
        message: `The server with process id 4711 is using the data folder ${folder.directory}.`,
      }),
    );
    first.release();
    expect(existsSync(folder.lockOwner)).toBe(false);
    lockDataFolder(folder, { processId: 4713 }).release();
  });

  it("holds against other processes and dies with the one that holds it", async () => {
    const lockModule = fileURLToPath(new URL("./lock.ts", import.meta.url));
    const layoutModule = fileURLToPath(new URL("./layout.ts", import.meta.url));
    const script = `
      const { lockDataFolder } = await import(${JSON.stringify(lockModule)});
      const { dataFolderAt } = await import(${JSON.stringify(layoutModule)});
      lockDataFolder(dataFolderAt(${JSON.stringify(folder.directory)}), { processId: process.pid });
      console.log("locked");
      process.stdin.resume();
    `;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    try {
      await once(holder.stdout, "data");
      expect(() => lockDataFolder(folder, { processId: process.pid })).toThrow(
        expect.objectContaining({
          code: "DATA_FOLDER_LOCKED",
          facts: expect.objectContaining({ processId: holder.pid }),
        }),
      );
    } finally {
      holder.kill("SIGKILL");
    }
    await once(holder, "exit");
    expect(existsSync(folder.lockOwner)).toBe(true);
    lockDataFolder(folder, { processId: process.pid }).release();
  });

  it("says so when the folder cannot be written", () => {
    const missing = dataFolderAt(join(folder.directory, "missing"));
    expect(() => lockDataFolder(missing, { processId: 1 })).toThrow(
      expect.objectContaining({ code: "DATA_FOLDER_UNUSABLE" }),
    );
  });
});

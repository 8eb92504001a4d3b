import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dataFolderAt } from "./layout.ts";
import { ensureServerId } from "./server-id.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "concordat-server-id-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ensure = () => ensureServerId(dataFolderAt(directory), { fileSystem: nodeFileSystem, random: systemRandom });

it("is drawn once for a data folder", async () => {
  const serverId = await ensure();
  expect(serverId).toMatch(/^[0-9a-f]{32}$/);
  expect(await ensure()).toBe(serverId);
});

it.each(["", "x", "0".repeat(31)])("is not made anew where the file holds %j", async (text) => {
  writeFileSync(dataFolderAt(directory).serverId, text);
  await expect(ensure()).rejects.toMatchObject({ code: "DATA_FOLDER_UNUSABLE" });
});

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.ts";

const run = promisify(execFile);

export interface OpenSsl {
  readonly folder: string;
  /** Writes a file for a command to read. @returns its path */
  file(name: string, content: string | Uint8Array): Promise<string>;
  path(name: string): string;
  /** @returns what the command printed on both outputs; it rejects with that text when the command fails */
  run(...words: readonly string[]): Promise<string>;
  /** What a command that has to fail said. */
  refusal(...words: readonly string[]): Promise<string>;
}

/** The `openssl` command of the machine, version 3, in a folder of its own. */
export async function createOpenSsl(name: string): Promise<OpenSsl> {
  const folder = await temporaryFolder(name);
  const path = (file: string) => join(folder, file);
  const outcome = async (words: readonly string[]) => {
    try {
      const { stdout, stderr } = await run("openssl", words, { cwd: folder });
      return { ok: true, text: stdout + stderr };
    } catch (error) {
      // What execFile rejects with carries both outputs, or neither when the command is missing.
      const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
      return { ok: false, text: `${stdout}${stderr}${stdout === "" && stderr === "" ? String(error) : ""}` };
    }
  };
  const expecting = async (wanted: boolean, words: readonly string[]) => {
    const { ok, text } = await outcome(words);
    if (ok !== wanted) throw new TypeError(`openssl ${words.join(" ")} ${ok ? "accepted" : "failed"}: ${text}`);
    return text;
  };
  const { text: version } = await outcome(["version"]);
  if (!version.startsWith("OpenSSL 3")) throw new TypeError(`This test needs OpenSSL 3 and found: ${version}`);
  return {
    folder,
    path,
    async file(file, content) {
      await writeFile(path(file), content);
      return path(file);
    },
    run: (...words) => expecting(true, words),
    refusal: (...words) => expecting(false, words),
  };
}

import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, type RandomSource } from "@concordat/base";

/** Socket addresses are that short in the kernel, less the name of a socket. */
const FOLDER_LENGTH_MAX = 80;

/**
 * Names for sockets, in a folder of the installation; in a new temporary folder when that path is too long for the kernel or other
 * users must reach the sockets.
 */
export class SocketFolder {
  readonly #directory: string;
  readonly #random: RandomSource;
  #folder: Promise<string> | undefined;
  #temporary: string | undefined;

  constructor(options: { readonly directory: string }, dependencies: { readonly random: RandomSource }) {
    this.#directory = options.directory;
    this.#random = dependencies.random;
  }

  /** @param isOpen whether other users must be able to enter; the same in each call */
  async newPath(isOpen: boolean): Promise<string> {
    this.#folder ??= this.#make(isOpen);
    return join(await this.#folder, `${bytesToHex(this.#random.bytes(6))}.s`);
  }

  async close(): Promise<void> {
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
  }

  async #make(isOpen: boolean): Promise<string> {
    if (!isOpen && Buffer.byteLength(this.#directory) <= FOLDER_LENGTH_MAX) {
      await rm(this.#directory, { recursive: true, force: true });
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      return this.#directory;
    }
    this.#temporary = await mkdtemp(join(tmpdir(), "concordat-sockets-"));
    if (isOpen) await chmod(this.#temporary, 0o711);
    return this.#temporary;
  }
}

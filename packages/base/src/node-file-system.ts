import { close, fdatasync, fstat, fsync, ftruncate, open, read, readSync, write } from "node:fs";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { promisify } from "node:util";
import type { FileHandle, FileSystem } from "./file-system.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);
const truncateFile = promisify(ftruncate);

/** The operating system's files. Descriptors are used directly: a FileHandle of node:fs/promises costs a promise chain per call. */
export const nodeFileSystem: FileSystem = {
  async open(path, options = {}) {
    if (options.readOnly === true) return new NodeFileHandle(await openFile(path, "r"));
    try {
      return new NodeFileHandle(await openFile(path, "r+"));
    } catch (error) {
      if (options.create !== true || !isMissing(error)) throw error;
      return new NodeFileHandle(await openFile(path, "wx+", 0o600));
    }
  },
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  async list(path) {
    return (await readdir(path)).sort();
  },
  async exists(path) {
    return access(path).then(
      () => true,
      () => false,
    );
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { recursive: true, force: true }),
  async syncDirectory(path) {
    // Windows cannot open a folder; its file systems journal entries themselves.
    if (process.platform === "win32") return;
    const descriptor = await openFile(path, "r");
    try {
      await syncAll(descriptor);
    } finally {
      await closeFile(descriptor);
    }
  },
};

class NodeFileHandle implements FileHandle {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async size(): Promise<number> {
    return (await statFile(this.#descriptor)).size;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const count = await new Promise<number>((resolve, reject) => {
        read(this.#descriptor, target, done, target.length - done, position + done, (error, bytesRead) =>
          error === null ? resolve(bytesRead) : reject(error),
        );
      });
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  readSync(target: Uint8Array, position: number): number {
    let done = 0;
    while (done < target.length) {
      const count = readSync(this.#descriptor, target, done, target.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      done += await new Promise<number>((resolve, reject) => {
        write(this.#descriptor, bytes, done, bytes.length - done, position + done, (error, bytesWritten) =>
          error === null ? resolve(bytesWritten) : reject(error),
        );
      });
    }
  }

  truncate(size: number): Promise<void> {
    return truncateFile(this.#descriptor, size);
  }

  sync(): Promise<void> {
    return syncData(this.#descriptor);
  }

  close(): Promise<void> {
    return closeFile(this.#descriptor);
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

import type { FileHandle, FileSystem } from "@concordat/base";
import { DiskFile, DiskFolder, type DiskNode, type FileChange } from "./disk-nodes.ts";
import { type CrashMode, type InterruptedChange, survivingDisk } from "./disk-survival.ts";

export type MutationKind =
  | "create"
  | "makeDirectory"
  | "rename"
  | "remove"
  | "write"
  | "truncate"
  | "sync"
  | "syncDirectory";

/** One mutating operation, in the order in which they began; `index` counts from 1. */
export interface Mutation {
  readonly index: number;
  readonly kind: MutationKind;
  readonly path: string;
  /** Of a sync. */
  readonly site?: string;
  /** Length of a write. */
  readonly bytes?: number;
}

/** Thrown by the operation at which the crash comes and by every later one: the process is gone. */
export class CrashedError extends Error {
  constructor() {
    super("The machine has crashed.");
    this.name = "CrashedError";
  }
}

/**
 * A disk in memory that forgets what was not synced.
 *
 * A file has bytes that are visible and bytes that are durable; a completed `sync` makes the first the second. Names
 * live in folders, and a file's sync does not make its name durable: only `syncDirectory` of its folder does. Reads,
 * sizes, `exists` and `list` show what is visible.
 * All operations end at once, in the order of the calls; a run of the same program is the same run.
 *
 * Use: `crashAt(n)`, run the program until it throws, then `reopen(mode)` as often as wanted: each answers another
 * disk, as this kind of crash could leave it.
 */
export class FaultFileSystem implements FileSystem {
  readonly mutations: Mutation[] = [];
  readonly #root: DiskFolder;
  readonly #sectorBytes: number;
  readonly #droppedSites = new Set<string>();
  #crashIndex: number | undefined;
  #failure: { readonly index: number; readonly code: "EIO" | "ENOSPC" } | undefined;
  #crashed = false;
  #interrupted: InterruptedChange | undefined;

  constructor(options: { readonly sectorBytes?: number } = {}, root = new DiskFolder()) {
    this.#sectorBytes = options.sectorBytes ?? 512;
    this.#root = root;
  }

  /** Number of mutating operations begun on this disk. */
  get operationCount(): number {
    return this.mutations.length;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** The n-th mutating operation (from 1) does not happen, or in part, as `reopen` decides; nothing happens after it. */
  crashAt(index: number): void {
    this.#crashIndex = index;
  }

  /** Stops at once, between two operations. */
  crashNow(): void {
    this.#crashed = true;
  }

  /** The n-th mutating operation fails: a write after its first half, a file's sync as {@link DiskFile.forgetWrites} says, everything else without effect. */
  failAt(index: number, code: "EIO" | "ENOSPC" = "EIO"): void {
    this.#failure = { index, code };
  }

  /** Syncs of this site answer success and do nothing, also on disks that `reopen` answers. */
  dropSyncs(site: string): void {
    this.#droppedSites.add(site);
  }

  /** The disk after the crash, or after a crash now; this one stays as it is. */
  reopen(mode: CrashMode = { kind: "lose-all" }): FaultFileSystem {
    const root = survivingDisk(this.#root, this.#interrupted, mode, this.#sectorBytes);
    const disk = new FaultFileSystem({ sectorBytes: this.#sectorBytes }, root);
    for (const site of this.#droppedSites) disk.dropSyncs(site);
    return disk;
  }

  async open(path: string, options: { create?: boolean; readOnly?: boolean } = {}): Promise<FileHandle> {
    this.#checkAlive();
    const { folder, name } = this.#locate(path);
    let node = folder.visible.get(name);
    if (node === undefined) {
      if (options.create !== true || options.readOnly === true) throw systemError("ENOENT", path);
      this.#begin({ kind: "create", path });
      node = new DiskFile();
      folder.apply([{ name, node }]);
    }
    if (node.kind === "folder") throw systemError("EISDIR", path);
    return this.#handle(node, path, options.readOnly === true);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#checkAlive();
    let folder = this.#root;
    let reached = "";
    const names = segments(path);
    for (const [index, name] of names.entries()) {
      reached += `/${name}`;
      let node = folder.visible.get(name);
      if (node === undefined) {
        this.#begin({ kind: "makeDirectory", path: reached });
        node = new DiskFolder();
        folder.apply([{ name, node }]);
      }
      if (node.kind === "file") throw systemError(index === names.length - 1 ? "EEXIST" : "ENOTDIR", path);
      folder = node;
    }
  }

  async list(path: string): Promise<string[]> {
    this.#checkAlive();
    return [...this.#folder(path).visible.keys()].sort();
  }

  async exists(path: string): Promise<boolean> {
    this.#checkAlive();
    return this.#find(path) !== undefined;
  }

  async rename(from: string, to: string): Promise<void> {
    this.#checkAlive();
    const source = this.#locate(from);
    const target = this.#locate(to);
    const node = source.folder.visible.get(source.name);
    if (node === undefined) throw systemError("ENOENT", from);
    const replaced = target.folder.visible.get(target.name);
    if (replaced === node) return;
    if (replaced?.kind === "folder" && replaced.visible.size > 0) throw systemError("ENOTEMPTY", to);
    this.#begin({ kind: "rename", path: to });
    const taken = { name: source.name, node: undefined };
    const given = { name: target.name, node };
    if (source.folder === target.folder) source.folder.apply([taken, given]);
    else {
      source.folder.apply([taken]);
      target.folder.apply([given]);
    }
  }

  async remove(path: string): Promise<void> {
    this.#checkAlive();
    if (this.#find(path) === undefined) return;
    const { folder, name } = this.#locate(path);
    this.#removeTree(folder, name, path);
  }

  async syncDirectory(path: string, site: string): Promise<void> {
    this.#checkAlive();
    const folder = this.#folder(path);
    this.#begin({ kind: "syncDirectory", path, site });
    if (!this.#droppedSites.has(site)) folder.sync();
  }

  #handle(file: DiskFile, path: string, readOnly: boolean): FileHandle {
    let open = true;
    const check = () => {
      this.#checkAlive();
      if (!open) throw systemError("EBADF", path);
    };
    const change = (kind: "write" | "truncate", value: FileChange) => {
      check();
      if (readOnly) throw systemError("EBADF", path);
      this.#change(kind, file, path, value);
    };
    const readSync = (target: Uint8Array, position: number): number => {
      check();
      const found = file.visible.bytes.subarray(position, position + target.length);
      target.set(found);
      return found.length;
    };
    return {
      size: async () => {
        check();
        return file.visible.size;
      },
      read: async (target, position) => readSync(target, position),
      readSync,
      write: async (bytes, position) => change("write", { kind: "write", position, bytes: bytes.slice() }),
      truncate: async (size) => change("truncate", { kind: "truncate", size }),
      sync: async (site) => {
        check();
        this.#begin({ kind: "sync", path, site }, { failed: () => file.forgetWrites() });
        if (!this.#droppedSites.has(site)) file.sync();
      },
      close: async () => {
        check();
        open = false;
      },
    };
  }

  #change(kind: "write" | "truncate", file: DiskFile, path: string, change: FileChange): void {
    this.#begin(
      { kind, path, ...(change.kind === "write" ? { bytes: change.bytes.length } : {}) },
      {
        crashed: () => {
          this.#interrupted = { file, change };
        },
        failed: () => {
          if (change.kind === "write")
            file.apply({ ...change, bytes: change.bytes.subarray(0, change.bytes.length >> 1) });
        },
      },
    );
    file.apply(change);
  }

  /** Counts an operation that is about to happen; throws when it is the one that crashes or fails. */
  #begin(mutation: Omit<Mutation, "index">, on: { crashed?: () => void; failed?: () => void } = {}): void {
    const index = this.mutations.length + 1;
    this.mutations.push({ index, ...mutation });
    if (index === this.#crashIndex) {
      this.#crashed = true;
      on.crashed?.();
      throw new CrashedError();
    }
    if (index === this.#failure?.index) {
      on.failed?.();
      throw systemError(this.#failure.code, mutation.path);
    }
  }

  #checkAlive(): void {
    if (this.#crashed) throw new CrashedError();
  }

  /** Entry by entry, as a recursive removal works. */
  #removeTree(folder: DiskFolder, name: string, path: string): void {
    const node = folder.visible.get(name);
    if (node?.kind === "folder") {
      for (const child of [...node.visible.keys()].sort()) this.#removeTree(node, child, `${path}/${child}`);
    }
    this.#begin({ kind: "remove", path });
    folder.apply([{ name, node: undefined }]);
  }

  #find(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.#root;
    for (const name of segments(path)) {
      if (node?.kind !== "folder") return undefined;
      node = node.visible.get(name);
    }
    return node;
  }

  #folder(path: string): DiskFolder {
    const node = this.#find(path);
    if (node === undefined) throw systemError("ENOENT", path);
    if (node.kind === "file") throw systemError("ENOTDIR", path);
    return node;
  }

  #locate(path: string): { readonly folder: DiskFolder; readonly name: string } {
    const names = segments(path);
    const name = names.pop();
    if (name === undefined) throw systemError("EISDIR", path);
    return { folder: this.#folder(names.join("/")), name };
  }
}

function segments(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

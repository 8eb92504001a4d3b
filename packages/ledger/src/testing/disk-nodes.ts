/** What was written to a file since its last sync, in order. */
export type FileChange =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

/** One change of a folder's entries. A rename takes one name away and gives another in one step. */
export type EntryChange = readonly { readonly name: string; readonly node: DiskNode | undefined }[];

export type DiskNode = DiskFile | DiskFolder;

/** A file's bytes as programs see them, and what a power cut would leave. */
export class DiskFile {
  readonly kind = "file";
  visible = new GrowingBytes();
  durable = new GrowingBytes();
  pending: FileChange[] = [];

  apply(change: FileChange): void {
    this.visible.apply(change);
    this.pending.push(change);
  }

  sync(): void {
    for (const change of this.pending) this.durable.apply(change);
    this.pending = [];
  }

  /**
   * What Linux does after a failed fsync: written pages count as clean although they are not on disk. Programs go on seeing them, later syncs
   * do not write them. Truncations are metadata, which the file system's journal keeps.
   */
  forgetWrites(): void {
    this.pending = this.pending.filter((change) => change.kind === "truncate");
  }
}

export class DiskFolder {
  readonly kind = "folder";
  visible = new Map<string, DiskNode>();
  durable = new Map<string, DiskNode>();
  pending: EntryChange[] = [];

  apply(change: EntryChange): void {
    applyEntries(this.visible, change);
    this.pending.push(change);
  }

  sync(): void {
    for (const change of this.pending) applyEntries(this.durable, change);
    this.pending = [];
  }
}

export function applyEntries(entries: Map<string, DiskNode>, change: EntryChange): void {
  for (const { name, node } of change) {
    if (node === undefined) entries.delete(name);
    else entries.set(name, node);
  }
}

/** A byte array that grows in steps; bytes never written are zeros. Copies share their bytes until one of them changes. */
export class GrowingBytes {
  #store = new Uint8Array(0);
  #size = 0;
  #shared = false;

  get size(): number {
    return this.#size;
  }

  get bytes(): Uint8Array {
    return this.#store.subarray(0, this.#size);
  }

  copy(): GrowingBytes {
    const copy = new GrowingBytes();
    copy.#store = this.#store;
    copy.#size = this.#size;
    copy.#shared = true;
    this.#shared = true;
    return copy;
  }

  apply(change: FileChange): void {
    if (change.kind === "truncate") this.resize(change.size);
    else if (change.bytes.length > 0) {
      this.resize(Math.max(this.#size, change.position + change.bytes.length));
      this.#store.set(change.bytes, change.position);
    }
  }

  resize(size: number): void {
    if (size > this.#store.length || this.#shared) {
      const grown = new Uint8Array(
        size > this.#store.length ? Math.max(size, this.#store.length * 2) : this.#store.length,
      );
      grown.set(this.bytes);
      this.#store = grown;
      this.#shared = false;
    }
    if (size < this.#size) this.#store.fill(0, size, this.#size);
    this.#size = size;
  }
}

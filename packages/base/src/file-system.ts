/**
 * The few file operations that durable stores are built from. Every sync names its call site, so that a test can
 * drop exactly one of them and show which promise breaks.
 */
export interface FileSystem {
  /** Opens for reading and writing. `create` makes the file when missing; otherwise a missing file is an error with code ENOENT. */
  open(path: string, options?: { readonly create?: boolean; readonly readOnly?: boolean }): Promise<FileHandle>;
  /** Creates the folder and its missing parents. */
  makeDirectory(path: string): Promise<void>;
  /** Entry names, sorted. A missing folder is an error with code ENOENT. */
  list(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  /** Atomic within one folder; durable after `syncDirectory` of it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; a missing one is no error. */
  remove(path: string): Promise<void>;
  /** Makes the entries of a folder (creations, renames, removals) durable. */
  syncDirectory(path: string, site: string): Promise<void>;
}

export interface FileHandle {
  size(): Promise<number>;
  /** Fills as much of `target` as the file has from `position`; answers the number of bytes read. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Same as `read`, blocking: for lookups on a thread that has nothing else to do. */
  readSync(target: Uint8Array, position: number): number;
  /** Writes all of `bytes` at `position`. Not durable before `sync`; a crash may keep any part of it. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(size: number): Promise<void>;
  /** fdatasync: the data written so far, and the size needed to reach it, are on the medium afterwards. */
  sync(site: string): Promise<void>;
  close(): Promise<void>;
}

/** What a package may be at most. Fabric's own limit is the 100 MiB of a gRPC message; unpacked size and count are bounded so that a small file cannot fill the disk. */
export interface PackageLimits {
  /** Of the package file, and of the code archive within it. */
  readonly packageBytesMax: number;
  /** Of all files of the code archive together. */
  readonly unpackedBytesMax: number;
  readonly entriesMax: number;
  /** Unpacked bytes for each packed one, counted once `ratioFreeBytes` are unpacked. */
  readonly ratioMax: number;
  readonly ratioFreeBytes: number;
}

export const packageLimits: PackageLimits = {
  packageBytesMax: 64 * 1024 * 1024,
  unpackedBytesMax: 256 * 1024 * 1024,
  entriesMax: 20_000,
  ratioMax: 100,
  ratioFreeBytes: 8 * 1024 * 1024,
};

export const LABEL_LENGTH_MAX = 200;
export const PATH_LENGTH_MAX = 1_024;
export const NAME_LENGTH_MAX = 255;
export const METADATA_BYTES_MAX = 64 * 1024;

import { createHash } from "node:crypto";
import type { ContractRuntime } from "../ports.ts";
import { METADATA_BYTES_MAX, type PackageLimits, packageLimits } from "./limits.ts";
import { parseMetadata } from "./metadata.ts";
import { packageInvalid, packageTooLarge } from "./package-errors.ts";
import { readTarGzip } from "./tar-reader.ts";
import { writeTarGzip } from "./tar-writer.ts";
import { readFlatZip } from "./zip-reader.ts";

/** A package that was read and found good, in Fabric's form. */
export interface ContractPackage {
  /** `<label>:<digest>` */
  readonly packageId: string;
  readonly label: string;
  readonly runtime: ContractRuntime;
  /** Hex SHA-256 of `bytes`. */
  readonly digest: string;
  /** The package file in Fabric's form. */
  readonly bytes: Uint8Array;
  /** Its code.tar.gz. */
  readonly code: Uint8Array;
}

const METADATA_NAME = "metadata.json";
const CODE_NAME = "code.tar.gz";

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

async function readFlatTar(bytes: Uint8Array, limits: PackageLimits): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  await readTarGzip(bytes, limits, (entry) => {
    if (entry.kind !== "file") throw packageInvalid(`entry "${entry.path}" is no file`);
    if (files.size >= 2) throw packageInvalid("it holds more than metadata.json and code.tar.gz");
    files.set(entry.path, entry.content);
  });
  return files;
}

/**
 * Reads a package whole: its outer form, its metadata and every entry of its code. A zip file is brought into Fabric's form first (a gzip-compressed tar
 * file of the same two files), so that a package has one id however it came; a file in Fabric's form is kept byte for byte.
 * @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE
 */
export async function readPackage(bytes: Uint8Array, limits: PackageLimits = packageLimits): Promise<ContractPackage> {
  if (bytes.length > limits.packageBytesMax) {
    throw packageTooLarge(`it has more than ${limits.packageBytesMax} bytes`);
  }
  // The code is compressed already: the outer archive unpacks to about its own size.
  const outerBytesMax = limits.packageBytesMax + METADATA_BYTES_MAX;
  const outer: PackageLimits = { ...limits, unpackedBytesMax: outerBytesMax };
  const fromZip = isZip(bytes);
  const files = fromZip ? await readFlatZip(bytes, outerBytesMax, outer) : await readFlatTar(bytes, outer);
  const metadata = files.get(METADATA_NAME);
  const code = files.get(CODE_NAME);
  if (metadata === undefined || code === undefined || files.size !== 2) {
    throw packageInvalid("it must hold metadata.json and code.tar.gz and nothing else");
  }
  const { label, runtime } = parseMetadata(metadata);
  await readTarGzip(code, limits, () => {});
  const kept = fromZip ? await packFiles(metadata, code) : bytes;
  const digest = sha256Hex(kept);
  return { packageId: `${label}:${digest}`, label, runtime, digest, bytes: kept, code };
}

/** Fabric's outer form. */
export function packFiles(metadata: Uint8Array, code: Uint8Array): Promise<Uint8Array> {
  return writeTarGzip([
    { path: METADATA_NAME, content: metadata },
    { path: CODE_NAME, content: code },
  ]);
}

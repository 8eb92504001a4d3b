import { createGunzip } from "node:zlib";
import { isConcordatError } from "@concordat/base";
import type { PackageLimits } from "./limits.ts";
import { packageInvalid, packageTooLarge } from "./package-errors.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * The unpacked bytes, piece by piece, never more than the limits.
 * @throws FabricError PACKAGE_TOO_LARGE as soon as a limit is passed, PACKAGE_INVALID when it is not gzip or ends early
 */
export async function* gunzipChunks(packed: Uint8Array, limits: PackageLimits): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  gunzip.end(packed);
  let unpacked = 0;
  // Names and padding of a tar file come on top of its contents.
  const bytesMax = limits.unpackedBytesMax + limits.entriesMax * 2_048;
  try {
    for await (const chunk of gunzip) {
      if (!(chunk instanceof Uint8Array)) throw packageInvalid("it cannot be unpacked");
      unpacked += chunk.length;
      checkGrowth(packed.length, unpacked, bytesMax, limits);
      yield chunk;
    }
  } catch (error) {
    throw isConcordatError(error) ? error : packageInvalid("it is not a whole gzip file", error);
  } finally {
    gunzip.destroy();
  }
}

/** @throws FabricError PACKAGE_TOO_LARGE */
export function checkGrowth(packedBytes: number, unpackedBytes: number, bytesMax: number, limits: PackageLimits): void {
  if (unpackedBytes > bytesMax) throw packageTooLarge(`it unpacks to more than ${limits.unpackedBytesMax} bytes`);
  if (unpackedBytes > limits.ratioFreeBytes && unpackedBytes > packedBytes * limits.ratioMax) {
    throw packageTooLarge(`it unpacks to more than ${limits.ratioMax} times its size`);
  }
}

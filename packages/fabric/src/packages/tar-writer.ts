import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { pack } from "tar-stream";

const compress = promisify(gzip);
/** Byte of the gzip header that names the operating system, and the value for "unknown". */
const GZIP_SYSTEM_OFFSET = 9;
const GZIP_SYSTEM_UNKNOWN = 255;
const EPOCH = new Date(0);

export interface TarFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly isExecutable?: boolean;
}

/**
 * The files in the order of their paths' UTF-16 code units, with no time, owner or system in the bytes: the same files give the same bytes
 * (with the same version of zlib).
 */
export async function writeTarGzip(files: readonly TarFile[]): Promise<Uint8Array> {
  const tar = pack();
  const parts: Uint8Array[] = [];
  const collected = (async () => {
    for await (const chunk of tar) if (chunk instanceof Uint8Array) parts.push(chunk);
  })();
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength);
    const mode = file.isExecutable === true ? 0o100755 : 0o100644;
    tar.entry({ name: file.path, mode, mtime: EPOCH, size: content.length }, content);
  }
  tar.finalize();
  await collected;
  const packed = new Uint8Array(await compress(Buffer.concat(parts), { level: constants.Z_BEST_COMPRESSION }));
  packed[GZIP_SYSTEM_OFFSET] = GZIP_SYSTEM_UNKNOWN;
  return packed;
}

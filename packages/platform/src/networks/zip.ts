import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

export interface ZipEntry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Holds a private key: mode 0600. */
  readonly secret: boolean;
}

/** @param timeMs of every entry */
export async function zipOf(entries: readonly ZipEntry[], timeMs: number): Promise<Uint8Array> {
  const zip = new ZipFile();
  const mtime = new Date(timeMs);
  for (const { path, bytes, secret } of entries) {
    zip.addBuffer(Buffer.from(bytes), path, { mtime, mode: secret ? 0o100600 : 0o100644 });
  }
  zip.end();
  return new Uint8Array(await buffer(zip.outputStream));
}

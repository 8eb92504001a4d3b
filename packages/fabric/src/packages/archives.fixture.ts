import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { ZipFile } from "yazl";

export interface RawEntry {
  readonly header: Partial<Header> & Pick<Header, "name">;
  readonly content?: string | Uint8Array;
}

/** A tar file of whatever headers, unchecked. */
export async function rawTar(entries: readonly RawEntry[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { header, content } of entries) {
    if (content === undefined) tar.entry(header);
    else tar.entry(header, Buffer.from(content));
  }
  tar.finalize();
  const parts: Uint8Array[] = [];
  for await (const chunk of tar) if (chunk instanceof Uint8Array) parts.push(chunk);
  return Buffer.concat(parts);
}

export async function rawTarGzip(entries: readonly RawEntry[]): Promise<Uint8Array> {
  return gzipSync(await rawTar(entries));
}

/** A whole package around an archive of code. */
export async function packageOf(
  code: Uint8Array,
  metadata: unknown = { type: "node", path: "", label: "sample_1" },
): Promise<Uint8Array> {
  const text = typeof metadata === "string" ? metadata : JSON.stringify(metadata);
  return rawTarGzip([
    { header: { name: "metadata.json" }, content: text },
    { header: { name: "code.tar.gz" }, content: code },
  ]);
}

export function goodCode(): Promise<Uint8Array> {
  return rawTarGzip([{ header: { name: "src/package.json" }, content: "{}" }]);
}

export async function rawZip(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const parts: Uint8Array[] = [];
  for await (const chunk of zip.outputStream) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

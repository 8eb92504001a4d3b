import { utf8ToBytes } from "@concordat/base";
import { checkedPath } from "./archive-entry.ts";
import { checkedLabel, runtimeOfType } from "./metadata.ts";
import { packageInvalid } from "./package-errors.ts";
import { packFiles, readPackage } from "./package-reader.ts";
import { type TarFile, writeTarGzip } from "./tar-writer.ts";

export interface ContractSource {
  readonly label: string;
  readonly type: "node" | "ccaas" | "external" | "golang" | "java";
  /** Paths relative to the source folder, with forward slashes. For a service: connection.json and what it names. */
  readonly files: readonly TarFile[];
}

/** Where Fabric keeps a source file within code.tar.gz: sources below src/, indexes and the address of a service at the root. */
function placeInCode(path: string, isService: boolean): string {
  return isService || path.startsWith("META-INF/") ? path : `src/${path}`;
}

/**
 * Packs a source folder as `peer lifecycle chaincode package` does. The same files, label and type give the same bytes, in whatever order
 * they are listed. The result is read back once, so that what this makes is what an installation accepts.
 * @throws FabricError PACKAGE_INVALID, PACKAGE_TOO_LARGE
 */
export async function createContractPackage(source: ContractSource): Promise<Uint8Array> {
  const label = checkedLabel(source.label);
  const isService = runtimeOfType(source.type) === "ccaas";
  if (source.files.length === 0) throw packageInvalid("it has no files");
  const placed = source.files.map((file) => {
    const path = checkedPath(file.path);
    if (path === undefined || path !== file.path) throw packageInvalid(`path "${file.path}" is not in its plain form`);
    return { ...file, path: placeInCode(path, isService) };
  });
  const metadata = utf8ToBytes(JSON.stringify({ path: "", type: source.type, label }));
  const bytes = await packFiles(metadata, await writeTarGzip(placed));
  await readPackage(bytes);
  return bytes;
}

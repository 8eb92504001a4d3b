import type { FileSystem } from "@concordat/base";
import { type BootstrapResult, bootstrapInstallation, type OpenPlatform } from "@concordat/platform";
import type { DataFolder } from "../data-folder/layout.ts";
import { type BootstrapFile, readBootstrapFile, writeBootstrapFile } from "./bootstrap-file.ts";

/**
 * Makes what an installation begins with (account, access key, first business chain) and writes bootstrap.json; at later starts brings
 * only its addresses up to date, so that forgotten secrets stay forgotten. Every step can be taken again: a first run that was cut off
 * is completed at the next start. A file that somebody removed is written anew.
 */
export async function completeFirstRun(
  options: { readonly folder: DataFolder; readonly url: string; readonly region: string },
  platform: OpenPlatform,
  dependencies: { readonly fileSystem: FileSystem },
): Promise<BootstrapFile> {
  const { folder, url, region } = options;
  const made = await bootstrapInstallation(platform);
  const known = await readBootstrapFile(dependencies.fileSystem, folder.bootstrap);
  const file = known === undefined ? firstFile(made, url, region) : withAddresses(known, url, region);
  if (JSON.stringify(file) !== JSON.stringify(known)) {
    await writeBootstrapFile(dependencies.fileSystem, folder.bootstrap, file);
  }
  return file;
}

function firstFile({ accessKey, uid, proofChain }: BootstrapResult, url: string, region: string): BootstrapFile {
  return {
    url,
    aliyun: {
      endpoint: url,
      accessKeyId: accessKey.accessKeyId,
      accessKeySecret: accessKey.secret,
      uid,
      region,
      proofChain: {
        bizChainId: proofChain.chain.bizChainId,
        productKey: proofChain.chain.bizChainCode,
        dataTypeCode: proofChain.dataTypeCode,
      },
    },
  };
}

function withAddresses(known: BootstrapFile, url: string, region: string): BootstrapFile {
  return { ...known, url, aliyun: { ...known.aliyun, endpoint: url, region } };
}

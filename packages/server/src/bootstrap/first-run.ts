import type { FileSystem } from "@concordat/base";
import {
  areFirstCredentialsWritten,
  type BootstrapResult,
  bootstrapInstallation,
  type FirstCredentials,
  makeFirstCredentials,
  type OpenPlatform,
  recordFirstCredentialsWritten,
} from "@concordat/platform";
import type { DataFolder } from "../data-folder/layout.ts";
import { type BootstrapFile, readBootstrapFile, writeBootstrapFile } from "./bootstrap-file.ts";

/**
 * Makes what an installation begins with (account, credentials, first business chains) and writes bootstrap.json; at later starts brings
 * only its addresses up to date and adds a chain that is missing, so that forgotten secrets stay forgotten. Every step can be taken again: a first run that was cut off
 * is completed at the next start, with new secrets in place of those that nobody has seen. A file that somebody removed is written
 * anew with what can still be read: the access key.
 */
export async function completeFirstRun(
  options: { readonly folder: DataFolder; readonly url: string; readonly region: string },
  platform: OpenPlatform,
  dependencies: { readonly fileSystem: FileSystem },
): Promise<BootstrapFile> {
  const { folder, url, region } = options;
  const made = await bootstrapInstallation(platform);
  const known = await readBootstrapFile(dependencies.fileSystem, folder.bootstrap);
  const base = known === undefined ? firstFile(made, url, region) : known;
  const isComplete = areFirstCredentialsWritten(platform);
  const sections = isComplete ? {} : credentialSections(made, await makeFirstCredentials(platform, made.uid));
  const file = withAddresses(completed({ ...base, ...sections }, made), url, region);
  if (JSON.stringify(file) !== JSON.stringify(known)) {
    await writeBootstrapFile(dependencies.fileSystem, folder.bootstrap, file);
  }
  if (!isComplete) await recordFirstCredentialsWritten(platform);
  return file;
}

function firstFile(made: BootstrapResult, url: string, region: string): BootstrapFile {
  const { accessKey, uid } = made;
  return {
    url,
    aliyun: {
      endpoint: url,
      accessKeyId: accessKey.accessKeyId,
      accessKeySecret: accessKey.secret,
      uid,
      region,
      ...chainsOf(made),
    },
  };
}

/** A file of an earlier release gets the chain that there was none of yet. */
function completed(file: BootstrapFile, made: BootstrapResult): BootstrapFile {
  return { ...file, aliyun: { ...chainsOf(made), ...file.aliyun } };
}

function chainsOf({ proofChain, collaborationChain }: BootstrapResult) {
  return {
    proofChain: {
      bizChainId: proofChain.chain.bizChainId,
      productKey: proofChain.chain.bizChainCode,
      dataTypeCode: proofChain.dataTypeCode,
    },
    collaborationChain: { bizChainId: collaborationChain.chain.bizChainId },
  };
}

/** The addresses are filled in by {@link withAddresses}. */
function credentialSections({ accessKey }: BootstrapResult, first: FirstCredentials) {
  const { tenant, project, userName, password, apiKey, bid, oauthClient } = first;
  return {
    huawei: {
      endpoint: "",
      iamEndpoint: "",
      domainName: tenant.name,
      domainId: tenant.tenantId,
      userName,
      password,
      projectName: project.name,
      projectId: project.projectId,
      accessKeyId: accessKey.accessKeyId,
      secretAccessKey: accessKey.secret,
    },
    bif: {
      endpoint: "",
      apiKey: apiKey.apiKey,
      apiSecret: apiKey.secret,
      backboneBid: bid.bid,
      privateKey: bid.privateKey,
      publicKey: bid.publicKey,
    },
    oracle: {
      endpoint: "",
      tokenEndpoint: "",
      clientId: oauthClient.clientId,
      clientSecret: oauthClient.secret,
    },
    supermap: { endpoint: "", userName, password },
  };
}

function withAddresses(file: BootstrapFile, url: string, region: string): BootstrapFile {
  const { aliyun, huawei, bif, oracle, supermap } = file;
  return {
    ...file,
    url,
    aliyun: { ...aliyun, endpoint: url, region },
    ...(huawei && { huawei: { ...huawei, endpoint: url, iamEndpoint: url } }),
    ...(bif && { bif: { ...bif, endpoint: url } }),
    ...(oracle && { oracle: { ...oracle, endpoint: url, tokenEndpoint: `${url}/oauth2/v1/token` } }),
    ...(supermap && { supermap: { ...supermap, endpoint: `${url}/iserver` } }),
  };
}

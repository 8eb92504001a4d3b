import type { FileSystem } from "@concordat/base";
import { readTextFile, replaceFile } from "../data-folder/durable-file.ts";
import { serverFault } from "../errors.ts";

/**
 * DIR/bootstrap.json: how scripts and tests reach an installation. Its names are stable. Secrets are absent once
 * `concordat bootstrap --forget` removed them.
 */
export interface BootstrapFile {
  /** Base address, without a slash at its end. */
  readonly url: string;
  readonly aliyun: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly accessKeySecret?: string;
    readonly uid: string;
    readonly region: string;
    readonly proofChain: {
      readonly bizChainId: string;
      readonly productKey: string;
      readonly dataTypeCode: string;
    };
    /** Missing in a file that an earlier release wrote, until the next start. */
    readonly collaborationChain?: {
      readonly bizChainId: string;
    };
  };
  /** The sections below are written by the first run alone; a file that was removed comes back without them. */
  readonly huawei?: {
    readonly endpoint: string;
    readonly iamEndpoint: string;
    readonly domainName: string;
    readonly domainId: string;
    readonly userName: string;
    readonly password?: string;
    readonly projectName: string;
    readonly projectId: string;
    readonly accessKeyId: string;
    readonly secretAccessKey?: string;
  };
  readonly bif?: {
    readonly endpoint: string;
    readonly apiKey: string;
    readonly apiSecret?: string;
    readonly backboneBid: string;
    readonly privateKey?: string;
    readonly publicKey: string;
  };
  readonly oracle?: {
    readonly endpoint: string;
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly clientSecret?: string;
  };
  readonly supermap?: {
    readonly endpoint: string;
    readonly userName: string;
    readonly password?: string;
  };
}

/** Members that hold a secret, at any depth. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  "accessKeySecret",
  "secretAccessKey",
  "password",
  "apiSecret",
  "privateKey",
  "clientSecret",
]);

/** Undefined when there is none. @throws ConcordatError BOOTSTRAP_INVALID */
export async function readBootstrapFile(fileSystem: FileSystem, path: string): Promise<BootstrapFile | undefined> {
  const text = await readTextFile(fileSystem, path);
  if (text === undefined) return undefined;
  const document = parse(text);
  if (!isBootstrapFile(document)) {
    throw serverFault("BOOTSTRAP_INVALID", `${path} is not a bootstrap file.`, {
      remedy: "Remove it and start the server: it is written again.",
    });
  }
  return document;
}

export function writeBootstrapFile(fileSystem: FileSystem, path: string, file: BootstrapFile): Promise<void> {
  return replaceFile(fileSystem, path, `${JSON.stringify(file, null, 2)}\n`);
}

export function holdsSecrets(file: BootstrapFile): boolean {
  return JSON.stringify(file) !== JSON.stringify(withoutSecrets(file));
}

/** Removes the secrets for good. Works while a server runs: it reads the file only when it starts. @returns whether there were any */
export async function forgetSecrets(fileSystem: FileSystem, path: string): Promise<boolean> {
  const file = await readBootstrapFile(fileSystem, path);
  if (file === undefined) {
    throw serverFault("BOOTSTRAP_MISSING", `There is no ${path}.`, {
      remedy: "Name the data folder of the installation with --data.",
    });
  }
  if (!holdsSecrets(file)) return false;
  await writeBootstrapFile(fileSystem, path, withoutSecrets(file));
  return true;
}

function withoutSecrets(file: BootstrapFile): BootstrapFile {
  return JSON.parse(JSON.stringify(file, (name, value: unknown) => (SECRET_NAMES.has(name) ? undefined : value)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBootstrapFile(document: unknown): document is BootstrapFile {
  const { url, aliyun } = members(document);
  const { endpoint, accessKeyId, uid, region, proofChain, collaborationChain } = members(aliyun);
  const { bizChainId, productKey, dataTypeCode } = members(proofChain);
  const texts = [url, endpoint, accessKeyId, uid, region, bizChainId, productKey, dataTypeCode];
  const isChain = collaborationChain === undefined || typeof members(collaborationChain).bizChainId === "string";
  return isChain && texts.every((text) => typeof text === "string");
}

function members(value: unknown): { readonly [name: string]: unknown } & Partial<Record<MemberName, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

type MemberName = keyof BootstrapFile | keyof BootstrapFile["aliyun"] | keyof BootstrapFile["aliyun"]["proofChain"];

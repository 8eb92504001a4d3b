import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { base64ToBytes, bytesToBase64, type FileSystem, isMissing } from "@concordat/base";
import {
  createCertificateAuthority,
  type IdentityDependencies,
  issueKeyedServerCertificate,
  type KeyedCertificate,
  type KeyRing,
  openCertificateAuthority,
  privateKeyFromDer,
  privateKeyToPem,
  type Sealer,
} from "@concordat/identity";
import type { SealedPlace } from "@concordat/platform";
import { readTextFile, replaceFile } from "./data-folder/durable-file.ts";
import type { DataFolder } from "./data-folder/layout.ts";
import { serverFault } from "./errors.ts";

/** PEM. */
export interface TlsKeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "::1"];
const WILDCARD_HOSTS = ["0.0.0.0", "::", ""];
/** The longest that common TLS clients accept. */
const CERTIFICATE_VALID_DAYS = 825;
const PURPOSE = "server/tls-ca-key";

export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export function isWildcard(host: string): boolean {
  return WILDCARD_HOSTS.includes(host);
}

/** The operator's own certificate. @throws ConcordatError TLS_FILES_UNUSABLE */
export async function readTlsFiles(
  fileSystem: FileSystem,
  files: { readonly certificateFile: string; readonly privateKeyFile: string },
): Promise<TlsKeyPair> {
  const read = async (path: string) => {
    const text = await readTextFile(fileSystem, path).catch((cause: unknown) => {
      throw unusable(path, cause);
    });
    if (text === undefined || !text.includes("-----BEGIN ")) throw unusable(path);
    return text;
  };
  return { certificate: await read(files.certificateFile), privateKey: await read(files.privateKeyFile) };
}

/** Where the certificate lies that clients have to trust. */
export function ownAuthorityPath(folder: DataFolder): string {
  return join(folder.tls, "ca.pem");
}

/**
 * A certificate of the installation's own authority for the names by which clients may reach `host`. The authority is made once
 * and kept, its key sealed; the server's key is new at each start and never stored.
 */
export async function issueOwnCertificate(
  host: string,
  folder: DataFolder,
  dependencies: IdentityDependencies & { readonly fileSystem: FileSystem; readonly sealer: Sealer },
): Promise<TlsKeyPair> {
  const stored = (await readAuthority(folder, dependencies)) ?? (await makeAuthority(folder, dependencies));
  const authority = openCertificateAuthority(stored, dependencies);
  const server = await issueKeyedServerCertificate(authority, {
    hosts: hostsOf(host),
    validDays: CERTIFICATE_VALID_DAYS,
  });
  return {
    certificate: server.certificatePem,
    privateKey: privateKeyToPem(privateKeyFromDer(server.privateKeyDer)),
  };
}

function hostsOf(host: string): readonly [string, ...string[]] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  const own = isWildcard(host) ? addresses.map((address) => address.replace(/%.*$/, "")) : [host];
  return [hostname(), ...new Set([...own, ...LOOPBACK_HOSTS])];
}

type StoreDependencies = IdentityDependencies & { readonly fileSystem: FileSystem; readonly sealer: Sealer };

function keyPath(folder: DataFolder): string {
  return join(folder.tls, "ca.key.sealed");
}

async function readAuthority(
  folder: DataFolder,
  dependencies: StoreDependencies,
): Promise<KeyedCertificate | undefined> {
  const certificatePem = await readTextFile(dependencies.fileSystem, ownAuthorityPath(folder));
  const sealed = await readTextFile(dependencies.fileSystem, keyPath(folder));
  if (certificatePem === undefined || sealed === undefined) return undefined;
  return { certificatePem, privateKeyDer: dependencies.sealer.open(PURPOSE, base64ToBytes(sealed.trim())) };
}

/** The sealed key file of the installation's own TLS authority, as a place that a change of the master key has to visit. */
export function authorityKeyPlace(
  folder: DataFolder,
  { fileSystem, keyRing }: { readonly fileSystem: FileSystem; readonly keyRing: KeyRing },
): SealedPlace {
  const read = async () => {
    const text = await readTextFile(fileSystem, keyPath(folder));
    const envelope = text === undefined ? undefined : base64ToBytes(text.trim());
    return envelope === undefined || keyRing.isCurrent(envelope) ? undefined : envelope;
  };
  return {
    name: "TLS authority",
    waiting: async () => ((await read()) === undefined ? 0 : 1),
    async reseal() {
      const envelope = await read();
      if (envelope === undefined) return;
      const resealed = keyRing.seal(PURPOSE, keyRing.open(PURPOSE, envelope));
      await replaceFile(fileSystem, keyPath(folder), `${bytesToBase64(resealed)}\n`);
    },
  };
}

async function makeAuthority(folder: DataFolder, dependencies: StoreDependencies): Promise<KeyedCertificate> {
  const { fileSystem, sealer } = dependencies;
  const subject = [
    { type: "O", value: "Concordat" },
    { type: "OU", value: "Server TLS CA" },
    { type: "CN", value: hostname().slice(0, 64) },
  ] as const;
  const made = await createCertificateAuthority(subject, dependencies);
  await fileSystem.makeDirectory(folder.tls);
  await fileSystem.syncDirectory(folder.directory, "server/tls/folder");
  // The key first: an authority without its key could never be used again, and would look finished.
  await replaceFile(fileSystem, keyPath(folder), `${bytesToBase64(sealer.seal(PURPOSE, made.privateKeyDer))}\n`);
  await replaceFile(fileSystem, ownAuthorityPath(folder), made.certificatePem);
  return made;
}

function unusable(path: string, cause?: unknown) {
  const reason = isMissing(cause) || cause === undefined ? "is missing or holds no PEM" : "cannot be read";
  return serverFault("TLS_FILES_UNUSABLE", `The TLS file ${path} ${reason}.`, {
    remedy: "Give a certificate chain with --tls-cert and its private key with --tls-key, both in PEM.",
    cause,
  });
}

import { createHash } from "node:crypto";
import { utf8ToBytes } from "@concordat/base";
import { type CertifiedKey, publicKeyBits, signingKeyFromDer } from "../signing-keys.ts";
import type { KeyedCertificate } from "../x509/authority.ts";
import { derToPem } from "../x509/pem.ts";
import { nodeUnitsYaml } from "./node-units.ts";

export interface FolderFile {
  /** Relative, with slashes: `msp/cacerts/ca-cert.pem`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Holds a private key: whoever writes it gives it mode 0600. */
  readonly secret: boolean;
}

export interface MspFolderOptions {
  /** PEM. Signing authorities, the present one first, then those whose certificates still count. */
  readonly authorities: readonly [string, ...string[]];
  /** PEM, likewise. */
  readonly tlsAuthorities: readonly [string, ...string[]];
  /** PEM. */
  readonly revocationLists?: readonly string[];
  /** Whose folder it is. Without a key, for a holder who made it elsewhere, `keystore` has no file. Left out: the organization's own folder. */
  readonly identity?: { readonly certificatePem: string; readonly privateKeyDer?: Uint8Array };
  /** Of a node: adds the folder `tls` beside `msp`. */
  readonly tls?: KeyedCertificate;
}

/**
 * The folder that Fabric's peers, orderers and command-line tools take as an identity, as a list of files. There is no `admincerts`:
 * with node units the unit `admin` says who administers, and a certificate that lay there would stay an administrator's even after its unit
 * or the authority's word had changed.
 * @throws ConcordatError KEY_INVALID when a private key cannot be read
 */
export function mspFolder(options: MspFolderOptions): readonly FolderFile[] {
  const { identity, tls } = options;
  const authorities = options.authorities.map((pem, at) => open(`cacerts/${numbered("ca", at)}-cert.pem`, pem));
  const config = nodeUnitsYaml(authorities.map(({ path }) => path));
  const msp = [
    open("config.yaml", config),
    ...authorities,
    ...options.tlsAuthorities.map((pem, at) => open(`tlscacerts/${numbered("tlsca", at)}-cert.pem`, pem)),
    ...(options.revocationLists ?? []).map((pem, at) => open(`crls/${numbered("crl", at)}.pem`, pem)),
    ...(identity === undefined ? [] : [open("signcerts/cert.pem", identity.certificatePem)]),
    ...(identity?.privateKeyDer === undefined ? [] : [keyFile(identity.privateKeyDer)]),
  ].map((file) => ({ ...file, path: `msp/${file.path}` }));
  return tls === undefined ? msp : [...msp, ...tlsFolder(options.tlsAuthorities, tls)];
}

function tlsFolder(authorities: readonly string[], tls: KeyedCertificate): readonly FolderFile[] {
  return [
    open("tls/ca.crt", authorities.join("")),
    open("tls/server.crt", tls.certificatePem),
    { path: "tls/server.key", bytes: utf8ToBytes(keyPem(tls.privateKeyDer)), secret: true },
  ];
}

function open(path: string, text: string): FolderFile {
  return { path, bytes: utf8ToBytes(text), secret: false };
}

function keyFile(privateKeyDer: Uint8Array): FolderFile {
  const { publicKey } = signingKeyFromDer(privateKeyDer);
  const path = `keystore/${fabricKeyIdentifier(publicKey)}_sk`;
  return { path, bytes: utf8ToBytes(keyPem(privateKeyDer)), secret: true };
}

function keyPem(privateKeyDer: Uint8Array): string {
  return derToPem("PRIVATE KEY", privateKeyDer);
}

/** By what Fabric's key store finds a key: SHA-256 of the public key's bits, in hex. @source fabric, bccsp/sw */
function fabricKeyIdentifier(key: CertifiedKey): string {
  return createHash("sha256").update(publicKeyBits(key)).digest("hex");
}

function numbered(name: string, at: number): string {
  return at === 0 ? name : `${name}-${at + 1}`;
}

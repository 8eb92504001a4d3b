import { createHash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { concatBytes, utf8ToBytes } from "@concordat/base";
import { derBitString, derElement, derObjectIdentifier, derOctetString, derSequence, derTrue } from "../der/write.ts";

/** Fabric's extension for the attributes of a client: JSON `{"attrs": {name: text}}`. */
export const FABRIC_ATTRIBUTES = "1.2.3.4.5.6.7.8.1";

export type KeyUsage = "digitalSignature" | "keyCertSign" | "cRLSign";

const KEY_USAGE_BITS: Readonly<Record<KeyUsage, number>> = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 };

export function authorityExtension(): Uint8Array {
  return extension("2.5.29.19", derSequence(derTrue()), true);
}

export function leafExtension(): Uint8Array {
  return extension("2.5.29.19", derSequence(), true);
}

export function keyUsageExtension(...usages: readonly KeyUsage[]): Uint8Array {
  const bits = usages.map((usage) => KEY_USAGE_BITS[usage]);
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return extension("2.5.29.15", derBitString(Uint8Array.of(byte), 7 - Math.max(...bits)), true);
}

/** TLS server, and client towards other servers of the installation. */
export function tlsUsageExtension(): Uint8Array {
  const usages = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"].map(derObjectIdentifier);
  return extension("2.5.29.37", derSequence(...usages), false);
}

/** RFC 7093 method 1: the left 160 bits of SHA-256 of the key's bits. `publicKeyDer` is a SubjectPublicKeyInfo. */
export function keyIdentifier(publicKeyBits: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(publicKeyBits).digest().subarray(0, 20));
}

export function subjectKeyExtension(identifier: Uint8Array): Uint8Array {
  return extension("2.5.29.14", derOctetString(identifier), false);
}

export function authorityKeyExtension(identifier: Uint8Array): Uint8Array {
  return extension("2.5.29.35", derSequence(derElement(0x80, identifier)), false);
}

/** `hosts`: DNS names and IP addresses in text form. */
export function alternativeNamesExtension(hosts: readonly string[]): Uint8Array {
  const names = hosts.map((host) =>
    isIPv4(host) || isIPv6(host) ? derElement(0x87, addressBytes(host)) : derElement(0x82, utf8ToBytes(host)),
  );
  return extension("2.5.29.17", derSequence(...names), false);
}

export function fabricAttributesExtension(attributes: Readonly<Record<string, string>>): Uint8Array {
  return extension(FABRIC_ATTRIBUTES, utf8ToBytes(JSON.stringify({ attrs: attributes })), false);
}

function extension(identifier: string, value: Uint8Array, critical: boolean): Uint8Array {
  return derSequence(derObjectIdentifier(identifier), ...(critical ? [derTrue()] : []), derOctetString(value));
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  // The URL parser brings every spelling to hexadecimal groups with at most one gap.
  const [head = "", tail] = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const gap = new Array<number>(8 - before.length - after.length).fill(0);
  return concatBytes(...[...before, ...gap, ...after].map((group) => Uint8Array.of(group >> 8, group & 0xff)));
}

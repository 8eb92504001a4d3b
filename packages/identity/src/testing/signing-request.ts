import { utf8ToBytes } from "@concordat/base";
import { certifiedKeyToDer, SIGNATURE_ALGORITHMS, type SigningKey, signForX509 } from "../signing-keys.ts";
import { derToPem } from "../x509/pem.ts";
import { bits, der, identifier, integer, octets, sequence, text } from "./der.ts";

/** A PKCS#10 request for the public half of `named`, signed with `key`; honest askers give the same. */
export function makeSigningRequest(
  key: SigningKey,
  options: { readonly commonName: string; readonly hosts?: readonly string[]; readonly named?: SigningKey },
): string {
  const name = sequence(der(0x31, sequence(identifier("2.5.4.3"), text(options.commonName))));
  const publicKey = certifiedKeyToDer((options.named ?? key).publicKey);
  const info = sequence(integer("00"), name, publicKey, der(0xa0, ...requestedHosts(options.hosts)));
  const algorithm = sequence(identifier(SIGNATURE_ALGORITHMS[key.algorithm]));
  return derToPem("CERTIFICATE REQUEST", sequence(info, algorithm, bits(signForX509(key, info))));
}

function requestedHosts(hosts: readonly string[] | undefined): readonly Uint8Array[] {
  if (hosts === undefined) return [];
  const names = sequence(...hosts.map((host) => der(0x82, utf8ToBytes(host))));
  const extension = sequence(identifier("2.5.29.17"), octets(names));
  return [sequence(identifier("1.2.840.113549.1.9.14"), der(0x31, sequence(extension)))];
}

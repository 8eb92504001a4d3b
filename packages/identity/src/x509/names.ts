import { bytesToUtf8 } from "@concordat/base";
import type { Name } from "@peculiar/asn1-x509";
import { type DerValue, readDerChildren, readDerObjectIdentifier } from "../der/read.ts";
import { identityFault } from "../errors.ts";
import type { CertificateSchema } from "./schema.ts";

export type NameAttributeType = "C" | "ST" | "L" | "O" | "OU" | "CN" | "E";

export interface NameAttribute {
  readonly type: NameAttributeType;
  readonly value: string;
}

/** A distinguished name, most significant attribute first, as it is encoded. */
export type DistinguishedName = readonly NameAttribute[];

const IDENTIFIERS: Readonly<Record<NameAttributeType, string>> = {
  C: "2.5.4.6",
  ST: "2.5.4.8",
  L: "2.5.4.7",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  CN: "2.5.4.3",
  E: "1.2.840.113549.1.9.1",
};
/** Short names by object identifier. */
export const NAME_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(IDENTIFIERS).map(([type, identifier]) => [identifier, type]),
);
/** RFC 5280 appendix A.1: ub-common-name and its neighbours. */
const VALUE_CHARACTERS_MAX = 64;

/** @throws ConcordatError CERTIFICATE_NAME_INVALID for an empty value, one over 64 characters or one with control characters */
export function checkName(name: DistinguishedName): void {
  for (const { type, value } of name) {
    if (value === "" || [...value].length > VALUE_CHARACTERS_MAX || /\p{Cc}/u.test(value)) {
      throw identityFault(
        "CERTIFICATE_NAME_INVALID",
        `The ${type} of a certificate's name must have 1 to ${VALUE_CHARACTERS_MAX} printable characters.`,
      );
    }
  }
}

/** One attribute in each relative name, all of them UTF8String. */
export function schemaName({ x509 }: CertificateSchema, name: DistinguishedName): Name {
  const relative = name.map(({ type, value }) => {
    const attribute = { type: IDENTIFIERS[type], value: new x509.AttributeValue({ utf8String: value }) };
    return new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue(attribute)]);
  });
  return new x509.Name(relative);
}

/**
 * The form in which Fabric's Node shim prints a name: `/O=Example/CN=...`, in the order of the certificate. Of several
 * slashes in a value only the first is escaped, and types without a short name print an empty one, both as there.
 * @source fabric-shim 2.5, ClientIdentity
 */
export function nameToFabricText(name: DerValue): string {
  return readDerChildren(name)
    .flatMap((relative) => readDerChildren(relative))
    .map((attribute) => {
      const [type, value] = readDerChildren(attribute);
      if (type === undefined || value === undefined) throw new RangeError("A name's attribute has a type and a value.");
      const text = bytesToUtf8(value.content).replace("/", "\\/");
      return `/${NAME_TYPES.get(readDerObjectIdentifier(type)) ?? ""}=${text}`;
    })
    .join("");
}

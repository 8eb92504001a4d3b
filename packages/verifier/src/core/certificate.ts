import { bytesToUtf8 } from "./bytes.ts";
import { type DerValue, derChildren, derContents, derNameTexts, derValues, isDerOid } from "./der.ts";

/** What a creator's certificate says about its holder. Nothing here checks who issued it. */
export interface CertificateFacts {
  readonly commonName: string | undefined;
  /** Fabric's attribute extension, as the organization's CA wrote it. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where the parts of a certificate stand in its DER. */
export interface CertificateParts {
  readonly serialNumber: DerValue | undefined;
  readonly subject: DerValue | undefined;
  readonly extensions: DerValue | undefined;
}

const OID_COMMON_NAME = "550403";
const OID_ORGANIZATIONAL_UNIT = "55040b";
/** 1.2.3.4.5.6.7.8.1, where Fabric's CA puts attributes as JSON. */
const OID_FABRIC_ATTRIBUTES = "2a03040506070801";
const EXTENSIONS_TAG = 0xa3;
const NO_FACTS: CertificateFacts = { commonName: undefined, attributes: {} };

/** Reads the subject's common name and Fabric's attributes; what cannot be read is left out. */
export function certificateFacts(pem: string): CertificateFacts {
  try {
    const der = pemBody("CERTIFICATE", pem);
    if (der === undefined) return NO_FACTS;
    const { subject, extensions } = certificateParts(der);
    const [commonName] = derNameTexts(der, subject, OID_COMMON_NAME);
    return { commonName, attributes: attributesOf(der, extensions) };
  } catch {
    return NO_FACTS;
  }
}

/** The DER in the first PEM block of that label; undefined when there is none, or its base64 is damaged. */
export function pemBody(label: "CERTIFICATE" | "X509 CRL", pem: string): Uint8Array | undefined {
  const body = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(pem)?.[1];
  try {
    if (body === undefined) return undefined;
    return Uint8Array.from(atob(body.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** @throws Fault */
export function certificateParts(der: Uint8Array): CertificateParts {
  const [certificate] = derValues(der);
  const [toBeSigned] = derChildren(der, certificate);
  const fields = derChildren(der, toBeSigned);
  // version [0] stands first in version 3; then serial, algorithm, issuer, validity, subject.
  const first = fields[0]?.tag === 0xa0 ? 1 : 0;
  const [extensions] = derChildren(
    der,
    fields.find((field) => field.tag === EXTENSIONS_TAG),
  );
  return { serialNumber: fields[first], subject: fields[first + 4], extensions };
}

/** The organizational units of the subject, in their order. @throws Fault */
export function certificateUnits(der: Uint8Array): readonly string[] {
  return derNameTexts(der, certificateParts(der).subject, OID_ORGANIZATIONAL_UNIT);
}

function attributesOf(der: Uint8Array, extensions: DerValue | undefined): Readonly<Record<string, string>> {
  for (const extension of derChildren(der, extensions)) {
    const parts = derChildren(der, extension);
    const value = parts.at(-1);
    if (!isDerOid(der, parts[0], OID_FABRIC_ATTRIBUTES) || value === undefined) continue;
    const parsed: unknown = JSON.parse(bytesToUtf8(derContents(der, value)) ?? "");
    if (typeof parsed !== "object" || parsed === null || !("attrs" in parsed)) continue;
    const { attrs } = parsed;
    if (typeof attrs !== "object" || attrs === null) continue;
    return Object.fromEntries(
      Object.entries(attrs).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  }
  return {};
}

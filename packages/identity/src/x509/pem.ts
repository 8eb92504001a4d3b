import { base64ToBytes, bytesToBase64 } from "@concordat/base";
import { identityFault } from "../errors.ts";

export type PemLabel =
  | "CERTIFICATE"
  | "X509 CRL"
  | "PUBLIC KEY"
  | "PRIVATE KEY"
  | "CERTIFICATE REQUEST"
  | "NEW CERTIFICATE REQUEST";

/** RFC 7468, lines of 64 characters. */
export function derToPem(label: PemLabel, der: Uint8Array): string {
  const lines = bytesToBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The first block of that label; undefined when there is none, or its base64 is damaged. */
export function pemToDer(label: PemLabel, pem: string): Uint8Array | undefined {
  const body = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(pem)?.[1];
  try {
    return body === undefined ? undefined : base64ToBytes(body.replace(/\s/g, ""));
  } catch {
    return undefined;
  }
}

/** @throws ConcordatError CERTIFICATE_INVALID when the text holds no PEM certificate */
export function certificateFromPem(pem: string): Uint8Array {
  const der = pemToDer("CERTIFICATE", pem);
  if (der === undefined) throw identityFault("CERTIFICATE_INVALID", "The text holds no PEM certificate.");
  return der;
}

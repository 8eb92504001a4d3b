import { base64ToBytes, bytesToBase64 } from "@concordat/base";
import { identityFault } from "../errors.ts";

/** RFC 7468, lines of 64 characters. */
export function derToPem(label: "CERTIFICATE" | "X509 CRL" | "PUBLIC KEY", der: Uint8Array): string {
  const lines = bytesToBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** @throws ConcordatError CERTIFICATE_INVALID when the text holds no PEM certificate */
export function certificateFromPem(pem: string): Uint8Array {
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (body === undefined) throw identityFault("CERTIFICATE_INVALID", "The text holds no PEM certificate.");
  try {
    return base64ToBytes(body.replace(/\s/g, ""));
  } catch (cause) {
    throw identityFault("CERTIFICATE_INVALID", "The PEM certificate is not valid base64.", { cause });
  }
}

import { type Static, Type } from "@concordat/api-kit";
import { inPath } from "./common.ts";

/** Fields that organizations and their certificates share. */
export const mspId = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9.-]{0,63}$",
  description: "MSP id of the organization.",
});
export const purpose = Type.Union([Type.Literal("identity"), Type.Literal("tls")], { description: "identity or tls." });
export const serialNumber = Type.String({
  pattern: "^[0-9a-f]{1,40}$",
  description: "Serial number: lower-case hex without leading zeros.",
});
export const timeMs = Type.Integer({ description: "Milliseconds since the epoch." });
export const pem = Type.String({ description: "PEM." });
export const fingerprint = Type.String({ description: "SHA-256 of the certificate, hex." });

export const mspFile = Type.Object({
  path: Type.String({ description: "Relative, with slashes." }),
  text: Type.String(),
  secret: Type.Boolean({ description: "Holds a private key." }),
});

export const whichCertificate = { mspId, purpose, serialNumber };
export const whichCertificateWire = {
  mspId: inPath("mspId"),
  purpose: inPath("purpose"),
  serialNumber: inPath("serialNumber"),
};

export const role = Type.Union(
  [
    Type.Literal("admin"),
    Type.Literal("client"),
    Type.Literal("peer"),
    Type.Literal("orderer"),
    Type.Literal("checkpoint"),
    Type.Literal("server"),
  ],
  { description: "admin, client, peer, orderer, checkpoint or server." },
);
export const status = Type.Union([Type.Literal("good"), Type.Literal("frozen"), Type.Literal("revoked")], {
  description: "good, frozen or revoked.",
});
const reasons = [
  Type.Literal("unspecified"),
  Type.Literal("keyCompromise"),
  Type.Literal("caCompromise"),
  Type.Literal("affiliationChanged"),
  Type.Literal("superseded"),
  Type.Literal("cessationOfOperation"),
  Type.Literal("privilegeWithdrawn"),
] as const;
export const revocationReason = Type.Union([...reasons], {
  description: `Why: ${reasons.map((reason) => reason.const).join(", ")}.`,
});

export const certificate = Type.Object({
  mspId: Type.String(),
  purpose,
  serialNumber: Type.String(),
  role,
  commonName: Type.String(),
  uid: Type.Union([Type.String(), Type.Null()]),
  certificatePem: pem,
  notBeforeMs: timeMs,
  notAfterMs: timeMs,
  status,
  reason: Type.Union([...reasons, Type.Literal("certificateHold"), Type.Null()]),
  statusMs: timeMs,
  isKeyHeld: Type.Boolean({ description: "Its key is kept here, sealed: then it is renewed by itself." }),
  isCurrent: Type.Boolean({ description: "False once a newer one took its place." }),
});

export const EXAMPLE_MSP = "Org1000000000000002MSP";
export const EXAMPLE_PEM = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n";
export const exampleId = { mspId: EXAMPLE_MSP, purpose: "identity" as const, serialNumber: "5d3c19aa07" };
export const exampleCertificate: Static<typeof certificate> = {
  ...exampleId,
  role: "peer",
  commonName: "peer0",
  uid: null,
  certificatePem: EXAMPLE_PEM,
  notBeforeMs: 1_700_000_000_000,
  notAfterMs: 1_731_536_000_000,
  status: "good",
  reason: null,
  statusMs: 1_700_000_000_000,
  isKeyHeld: true,
  isCurrent: true,
};

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, systemRandom, utf8ToBytes } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ed25519PublicKeyFromRaw, privateKeyFromDer, verifySignature } from "./keys.ts";
import {
  createCheckpointKey,
  createCheckpointSigner,
  createOrganization,
  issuePrincipalCertificate,
  type Organization,
} from "./organization.ts";
import { issueKeyedServerCertificate, openCertificateAuthority } from "./x509/authority.ts";
import { parseClientCertificate } from "./x509/client-certificate.ts";
import { derToPem } from "./x509/pem.ts";
import { certificateSummary } from "./x509/summary.ts";
import { verifyCertificateChain } from "./x509/verify-chain.ts";

const nowMs = Math.floor(Date.now() / 1000) * 1000;
const dependencies = { clock: new ManualClock(nowMs), random: systemRandom };
const folder = mkdtempSync(join(tmpdir(), "concordat-identity-"));
let organization: Organization;

beforeAll(async () => {
  organization = await createOrganization({ name: "Example / Grain & Co", mspId: "Org1MSP" }, dependencies);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openssl(certificatePem: string, caPem: string, ...options: readonly string[]): string {
  writeFileSync(join(folder, "ca.pem"), caPem);
  writeFileSync(join(folder, "leaf.pem"), certificatePem);
  const files = ["-CAfile", join(folder, "ca.pem"), join(folder, "leaf.pem")];
  return execFileSync("openssl", ["verify", "-x509_strict", "-check_ss_sig", ...options, ...files], {
    stdio: "pipe",
  }).toString();
}

const ca = () => ({
  certificatePem: organization.identity.caCertificatePem,
  privateKeyDer: organization.privateKeys.ca,
});
const tlsCa = () => ({
  certificatePem: organization.identity.tlsCaCertificatePem,
  privateKeyDer: organization.privateKeys.tlsCa,
});

describe("an organization", () => {
  it("has two authorities valid for 20 years, with serial numbers of their own", () => {
    const [first, second] = [ca(), tlsCa()].map(({ certificatePem }) => new X509Certificate(certificatePem));
    expect(first?.ca).toBe(true);
    expect(first?.subject).toBe("O=Example / Grain & Co\nOU=CA\nCN=Org1MSP");
    expect(first?.validFromDate.getTime()).toBeLessThan(nowMs);
    expect(first?.validToDate.getTime()).toBeGreaterThan(nowMs + 20 * 365 * 86_400_000);
    expect(first?.serialNumber).not.toBe(second?.serialNumber);
    expect(openssl(ca().certificatePem, ca().certificatePem)).toContain("OK");
    expect(openssl(tlsCa().certificatePem, tlsCa().certificatePem)).toContain("OK");
  });

  it("certifies its administrator and its checkpoint key", () => {
    const admin = organization.identity.adminCertificatePem;
    const checkpoint = derToPem("CERTIFICATE", organization.identity.checkpointKey.certificate);
    expect(new X509Certificate(admin).subject).toBe("OU=admin\nCN=admin");
    expect(new X509Certificate(checkpoint).subject).toBe("OU=checkpoint\nCN=checkpoint");
    expect(new X509Certificate(checkpoint).publicKey.asymmetricKeyType).toBe("ed25519");
    expect(openssl(admin, ca().certificatePem)).toContain("OK");
    expect(openssl(checkpoint, ca().certificatePem)).toContain("OK");
    const key = privateKeyFromDer(organization.privateKeys.admin).keyObject;
    expect(new X509Certificate(admin).checkPrivateKey(key)).toBe(true);
  });

  it("signs checkpoints with the certified key", () => {
    const signer = createCheckpointSigner("Org1MSP", organization.privateKeys.checkpoint);
    expect(signer.publicKey).toEqual(organization.identity.checkpointKey.publicKey);
    const key = ed25519PublicKeyFromRaw(signer.publicKey);
    expect(verifySignature(key, utf8ToBytes("note"), signer.sign(utf8ToBytes("note")))).toBe(true);
  });

  it("issues client certificates that Fabric reads a principal from", async () => {
    const attributes = { tenant: "1000000000000001", principal: "2000000000000002" };
    const client = await issuePrincipalCertificate(ca(), { uid: "2000000000000002", attributes }, dependencies);
    expect(openssl(client.certificatePem, ca().certificatePem)).toContain("OK");
    expect(() => openssl(client.certificatePem, tlsCa().certificatePem)).toThrow();
    expect(parseClientCertificate(client.certificatePem)).toEqual({
      // Only the first slash of a value is escaped, as fabric-shim does.
      id: "x509::/OU=client/CN=2000000000000002::/O=Example \\/ Grain & Co/OU=CA/CN=Org1MSP",
      attributes,
    });
    const key = privateKeyFromDer(client.privateKeyDer).keyObject;
    expect(new X509Certificate(client.certificatePem).checkPrivateKey(key)).toBe(true);
  });

  it("issues TLS certificates for names and addresses", async () => {
    const hosts = ["ledger.example", "192.0.2.7", "2001:db8::1", "::1"] as const;
    const authority = openCertificateAuthority(tlsCa(), dependencies);
    const server = await issueKeyedServerCertificate(authority, { hosts, validDays: 825 });
    for (const host of ["192.0.2.7", "2001:db8::1", "::1"]) {
      expect(openssl(server.certificatePem, tlsCa().certificatePem, "-verify_ip", host)).toContain("OK");
    }
    const named = ["-verify_hostname", "ledger.example", "-purpose", "sslserver"];
    expect(openssl(server.certificatePem, tlsCa().certificatePem, ...named)).toContain("OK");
    expect(() => openssl(server.certificatePem, tlsCa().certificatePem, "-verify_hostname", "other.example")).toThrow();
  });

  it("may have an SM2 authority, whose certificates hold here; its TLS stays with P-256", async () => {
    const { identity, privateKeys } = await createOrganization(
      { name: "SM", mspId: "SmMSP", algorithm: "SM2" },
      dependencies,
    );
    const stored = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
    const attributes = { tenant: "1", principal: "2" };
    const principal = await issuePrincipalCertificate(stored, { uid: "2", attributes, validDays: 10 }, dependencies);
    const options = { authorities: [identity.caCertificatePem], atMs: nowMs };
    for (const pem of [principal.certificatePem, identity.adminCertificatePem]) {
      expect(verifyCertificateChain(pem, options)).toMatchObject({
        valid: true,
        certificate: { publicKeyAlgorithm: "SM2" },
      });
    }
    expect(certificateSummary(principal.certificatePem).notAfterMs).toBe(nowMs + 10 * 86_400_000);
    expect(parseClientCertificate(principal.certificatePem).attributes).toEqual(attributes);
    const { key } = await createCheckpointKey(stored, dependencies, "SM2");
    for (const certificate of [key.certificate, identity.checkpointKey.certificate]) {
      const pem = derToPem("CERTIFICATE", certificate);
      expect(verifyCertificateChain(pem, { ...options, roles: ["checkpoint"] }).valid).toBe(true);
      // To Fabric the holder of a checkpoint key is nobody.
      expect(verifyCertificateChain(pem, options)).toMatchObject({ valid: false, reason: "unknown-role" });
    }
    expect(certificateSummary(identity.tlsCaCertificatePem).publicKeyAlgorithm).toBe("P-256");
  });

  it("refuses names that no certificate can carry", async () => {
    const long = createOrganization({ name: "x".repeat(65), mspId: "Org1MSP" }, dependencies);
    await expect(long).rejects.toMatchObject({ code: "CERTIFICATE_NAME_INVALID" });
    const empty = createOrganization({ name: "", mspId: "Org1MSP" }, dependencies);
    await expect(empty).rejects.toMatchObject({ code: "CERTIFICATE_NAME_INVALID" });
  });

  it("has no attributes where the certificate has none, and refuses what is no certificate", () => {
    const { attributes } = parseClientCertificate(organization.identity.adminCertificatePem);
    expect(attributes).toEqual({});
    expect(attributes["constructor"]).toBeUndefined();
    for (const text of ["", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"]) {
      expect(() => parseClientCertificate(text)).toThrow(expect.objectContaining({ code: "CERTIFICATE_INVALID" }));
    }
  });
});

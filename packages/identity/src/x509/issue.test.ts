import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { bytesToHex, concatBytes, hexToBytes, ManualClock } from "@concordat/base";
import { describe, expect, it } from "vitest";
import { readDer, readDerChildren } from "../der/read.ts";
import { generatePrivateKey } from "../keys.ts";
import { createCertificateAuthority, issueKeyedServerCertificate, openCertificateAuthority } from "./authority.ts";
import { certificateFromPem } from "./pem.ts";

const subject = [
  { type: "O", value: "Example Grain / 粮" },
  { type: "CN", value: "Org1MSP" },
] as const;

function fixed(nowMs: number, serialStart = "01") {
  const start = hexToBytes(serialStart);
  const bytes = (length: number) => concatBytes(start, new Uint8Array(length - start.length).fill(7));
  return { clock: new ManualClock(nowMs), random: { bytes } };
}

/** Fields of the part that is signed: version, serial number, algorithm, issuer, validity, subject, key, extensions. */
function fields(pem: string) {
  const [toBeSigned] = readDerChildren(readDer(certificateFromPem(pem)));
  return toBeSigned === undefined ? [] : readDerChildren(toBeSigned);
}

/** Each extension as OpenSSL prints it, on one line. */
function printed(pem: string, ...names: readonly string[]): string {
  const options = ["x509", "-noout", "-ext", names.join(",")];
  return execFileSync("openssl", options, { input: pem }).toString().replace(/\s+/g, " ").trim();
}

describe("a certificate", () => {
  it.each([
    ["ff", `00ff${"07".repeat(15)}`],
    ["00", "07".repeat(15)],
    ["0080", `0080${"07".repeat(14)}`],
  ])("has a positive, minimal serial number when the random bytes start with %s", async (start, content) => {
    const { certificatePem } = await createCertificateAuthority(subject, fixed(Date.UTC(2026, 0, 1), start));
    expect(bytesToHex(fields(certificatePem)[1]?.content ?? new Uint8Array(0))).toBe(content);
  });

  it("is dated ten minutes back in whole seconds, and turns to four-digit years in 2050", async () => {
    const { certificatePem } = await createCertificateAuthority(subject, fixed(Date.UTC(2050, 0, 1, 0, 5) + 678));
    const validity = fields(certificatePem)[4];
    const text =
      validity === undefined
        ? []
        : readDerChildren(validity).map(({ tag, content }) => [tag, `${Buffer.from(content)}`]);
    expect(text).toEqual([
      [0x17, "491231235500Z"],
      [0x18, "20700101000500Z"],
    ]);
  });

  it("of a leaf names its issuer byte for byte and says what it is for", async () => {
    const dependencies = fixed(Date.UTC(2026, 0, 1));
    const ca = await createCertificateAuthority(subject, dependencies);
    const authority = openCertificateAuthority(ca, dependencies);
    const { publicKey } = await generatePrivateKey("P-256");
    const leaf = await authority.issue({
      role: "client",
      commonName: "1",
      publicKey,
      attributes: { tenant: "é" },
      validDays: "authority",
    });
    expect(fields(leaf)[3]?.whole).toEqual(fields(ca.certificatePem)[5]?.whole);
    expect(printed(ca.certificatePem, "basicConstraints", "keyUsage")).toBe(
      "X509v3 Basic Constraints: critical CA:TRUE X509v3 Key Usage: critical Digital Signature, Certificate Sign, CRL Sign",
    );
    expect(printed(leaf, "basicConstraints", "keyUsage")).toBe(
      "X509v3 Basic Constraints: critical CA:FALSE X509v3 Key Usage: critical Digital Signature",
    );
    const [own, issuers] = [
      printed(ca.certificatePem, "subjectKeyIdentifier"),
      printed(leaf, "authorityKeyIdentifier"),
    ];
    expect(own.split(": ")[1]).toMatch(/^[0-9A-F:]{59}$/);
    expect(issuers.split(": ")[1]).toBe(own.split(": ")[1]);
    expect(new X509Certificate(leaf).validToDate).toEqual(new X509Certificate(ca.certificatePem).validToDate);
    const json = bytesToHex(new Uint8Array(Buffer.from('{"attrs":{"tenant":"é"}}')));
    expect(bytesToHex(certificateFromPem(leaf))).toContain(`06082a030405060708010419${json}`);
  });

  it("of a server lists names and addresses of every spelling", async () => {
    const dependencies = fixed(Date.UTC(2026, 0, 1));
    const ca = openCertificateAuthority(await createCertificateAuthority(subject, dependencies), dependencies);
    const hosts = ["ledger.example", "192.0.2.7", "::ffff:192.0.2.1", "fe80::1%eth0", "2001:db8:0:0:1::2"] as const;
    const { certificatePem } = await issueKeyedServerCertificate(ca, { hosts, validDays: 1 });
    expect(printed(certificatePem, "subjectAltName", "extendedKeyUsage")).toBe(
      "X509v3 Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication " +
        "X509v3 Subject Alternative Name: DNS:ledger.example, IP Address:192.0.2.7, " +
        "IP Address:0:0:0:0:0:FFFF:C000:201, IP Address:FE80:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:1:0:0:2",
    );
    expect(new X509Certificate(certificatePem).validToDate.getTime()).toBe(Date.UTC(2026, 0, 2));
  });
});

it("loads the library that issues certificates only when one is issued", () => {
  const script = `
    import { createRequire } from "node:module";
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("@peculiar"));
    const { createOrganization } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const before = loaded();
    const random = { bytes: (length) => new Uint8Array(length).fill(1) };
    await createOrganization({ name: "Example", mspId: "Org1MSP" }, { clock: { nowMs: () => 0 }, random });
    console.log(before, loaded());`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" });
  expect(output.toString().trim()).toBe("false true");
});

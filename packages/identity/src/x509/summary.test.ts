import { bytesToHex, concatBytes, ManualClock, systemRandom } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateSigningKey } from "../signing-keys.ts";
import { DAY_MS, TEST_TIME_MS, testAuthority } from "../testing/authority.ts";
import { createCertificateAuthority, issueKeyedCertificate, issueKeyedServerCertificate } from "./authority.ts";
import { readCertificate } from "./certificate.ts";
import { issueCertificate } from "./issue.ts";
import type { NameAttributeType } from "./names.ts";
import { certificateFromPem, derToPem } from "./pem.ts";
import { NODE_UNITS } from "./roles.ts";
import { certificateSummary } from "./summary.ts";

const dependencies = { clock: new ManualClock(TEST_TIME_MS), random: systemRandom };

describe.each(["P-256", "SM2"] as const)("certificates of a %s authority", (algorithm) => {
  it.each(NODE_UNITS)("say the role %s, the attributes and a year from now", async (role) => {
    const { authority } = await testAuthority(algorithm);
    const attributes = { tenant: "1", "hf.Affiliation": "grain.é" };
    const { certificatePem } = await issueKeyedCertificate(authority, { role, commonName: "node0", attributes });
    const own = certificateSummary(authority.certificatePem);
    expect(own).toMatchObject({ isAuthority: true, subject: "CN=Org1MSP,O=Example", role: undefined });
    expect(certificateSummary(certificatePem)).toEqual({
      serialNumber: expect.stringMatching(/^[1-9a-f][0-9a-f]{0,31}$/),
      subject: `CN=node0,OU=${role}`,
      issuer: own.subject,
      commonName: "node0",
      role,
      notBeforeMs: TEST_TIME_MS - 600_000,
      notAfterMs: TEST_TIME_MS + 365 * DAY_MS,
      subjectKeyIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/),
      authorityKeyIdentifier: own.subjectKeyIdentifier,
      publicKeyAlgorithm: algorithm,
      isAuthority: false,
      hosts: [],
      attributes: { ...attributes },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

it("lists the hosts of a node's TLS certificate", async () => {
  const { authority } = await testAuthority("P-256");
  const hosts = ["peer0.example", "192.0.2.7", "2001:db8::1", "::ffff:192.0.2.1"] as const;
  const { certificatePem } = await issueKeyedServerCertificate(authority, { hosts, role: "peer" });
  expect(certificateSummary(certificatePem)).toMatchObject({
    subject: "CN=peer0.example,OU=peer",
    hosts: ["peer0.example", "192.0.2.7", "2001:db8::1", "::ffff:c000:201"],
  });
});

describe("the period of a certificate", () => {
  it("is the caller's choice, and never reaches beyond the authority's", async () => {
    const { authority, clock } = await testAuthority("P-256", { validDays: 100 });
    const endOf = async (validDays?: number | "authority") => {
      const request = { role: "client", commonName: "1", ...(validDays === undefined ? {} : { validDays }) } as const;
      return certificateSummary((await issueKeyedCertificate(authority, request)).certificatePem).notAfterMs;
    };
    expect(await endOf(0.5)).toBe(TEST_TIME_MS + DAY_MS / 2);
    for (const days of [101, 36_500, "authority", undefined] as const)
      expect(await endOf(days)).toBe(authority.notAfterMs);
    for (const days of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(endOf(days)).rejects.toMatchObject({ code: "CERTIFICATE_VALIDITY_INVALID" });
    }
    clock.advance(100 * DAY_MS);
    await expect(endOf(1)).rejects.toMatchObject({ code: "AUTHORITY_EXPIRED" });
  });

  it("does not begin before the authority's", async () => {
    const { authority, clock } = await testAuthority("P-256");
    clock.advance(-DAY_MS);
    const { certificatePem } = await issueKeyedCertificate(authority, { role: "client", commonName: "1" });
    expect(certificateSummary(certificatePem).notBeforeMs).toBe(TEST_TIME_MS - 600_000);
  });
});

it("gives back every name and serial number that a certificate can carry", async () => {
  const key = await generateSigningKey("P-256");
  const types: readonly NameAttributeType[] = ["C", "ST", "L", "O", "OU", "CN", "E"];
  const value = fc
    .string({ unit: "binary", minLength: 1, maxLength: 64 })
    .filter((text) => !/\p{Cc}|\p{Cs}/u.test(text));
  const name = fc.array(fc.record({ type: fc.constantFrom(...types), value }), { minLength: 1, maxLength: 5 });
  const serial = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((bytes) => bytes.some((byte) => byte !== 0));
  await fc.assert(
    fc.asyncProperty(name, serial, async (subject, serialBytes) => {
      const period = { notBeforeMs: 0, notAfterMs: DAY_MS, purpose: { kind: "authority" } } as const;
      const random = { bytes: () => serialBytes };
      const der = await issueCertificate({ subject, publicKey: key.publicKey, ...period }, { key }, { random });
      const certificate = readCertificate(derToPem("CERTIFICATE", der));
      expect(certificate.subject.relative.flat()).toEqual(subject);
      expect(certificate.serialNumber).toBe(bytesToHex(serialBytes).replace(/^0+/, ""));
    }),
    { numRuns: 100 },
  );
});

it.each([
  ["a comma, a plus and quotes", 'a,b+c"d\\e', 'CN=a\\,b\\+c\\"d\\\\e'],
  ["spaces at both ends", " a b ", "CN=\\ a b\\ "],
  ["one space", " ", "CN=\\ "],
  ["a number sign in front", "#a#", "CN=\\#a#"],
])("writes %s as RFC 4514 asks", async (_, value, text) => {
  const { certificatePem } = await createCertificateAuthority([{ type: "CN", value }], dependencies);
  expect(certificateSummary(certificatePem).subject).toBe(text);
});

it.each([
  ["two roles", ["client", "admin"], undefined],
  ["another unit beside the role", ["client", "org1.department1"], "client"],
  ["no role", ["Client"], undefined],
])("finds of %s the role that Fabric finds", async (_, units, role) => {
  const subject = units.map((value) => ({ type: "OU", value }) as const);
  const { certificatePem } = await createCertificateAuthority(subject, dependencies);
  expect(certificateSummary(certificatePem).role).toBe(role);
});

describe("damage", () => {
  const refusal = expect.objectContaining({ code: "CERTIFICATE_INVALID" });

  it.each(["", "no PEM", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"])("refuses %j", (pem) => {
    expect(() => certificateSummary(pem)).toThrow(refusal);
  });

  it.each(["P-256", "SM2"] as const)(
    "of a certificate with a key of %s is refused or read, never a crash",
    async (algorithm) => {
      const { authority } = await testAuthority(algorithm);
      const pem = (await issueKeyedCertificate(authority, { role: "client", commonName: "1", attributes: { a: "b" } }))
        .certificatePem;
      const der = certificateFromPem(pem);
      const refusedOrRead = (bytes: Uint8Array) => {
        try {
          return certificateSummary(derToPem("CERTIFICATE", bytes));
        } catch (error) {
          expect(error).toEqual(refusal);
          return undefined;
        }
      };
      fc.assert(
        fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const damaged = Uint8Array.from(der);
          damaged[at] = (damaged[at] ?? 0) ^ change;
          refusedOrRead(damaged);
          expect(refusedOrRead(der.subarray(0, at))).toBeUndefined();
          expect(refusedOrRead(concatBytes(der, damaged.subarray(at)))).toBeUndefined();
        }),
        { numRuns: 500 },
      );
    },
  );
});

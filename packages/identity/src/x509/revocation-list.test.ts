import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, TEST_TIME_MS, testAuthority } from "../testing/authority.ts";
import { issueKeyedCertificate } from "./authority.ts";
import type { RevocationEntry } from "./issue-revocation-list.ts";
import { derToPem, pemToDer } from "./pem.ts";
import { parseRevocationList } from "./read-revocation-list.ts";
import { isRevocationReason, REVOCATION_REASON } from "./revocation-reasons.ts";
import { certificateSummary } from "./summary.ts";
import { verifyRevocationList } from "./verify-revocation-list.ts";

const refusal = expect.objectContaining({ code: "CERTIFICATE_INVALID" });
const someEntries: readonly RevocationEntry[] = [
  { serialNumber: "80", revokedAtMs: TEST_TIME_MS, reason: REVOCATION_REASON.certificateHold },
];

describe.each(["P-256", "SM2"] as const)("a revocation list signed with %s", (algorithm) => {
  it("gives back every number, time and entry", async () => {
    const { authority } = await testAuthority(algorithm);
    const serialNumber = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => Buffer.from(bytes).toString("hex").replace(/^0+/, ""))
      .filter((hex) => hex !== "");
    const second = fc.integer({ min: 0, max: 4_102_444_800 });
    const entry = fc.record({
      serialNumber,
      revokedAtMs: second.map((seconds) => seconds * 1000),
      reason: fc.constantFrom(...Object.values(REVOCATION_REASON)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 0n, max: 2n ** 152n }),
        fc.array(entry, { maxLength: 8 }),
        async (number, entries) => {
          const pem = await authority.revocationList({ number, entries, validDays: 2 });
          const list = {
            issuer: "CN=Org1MSP,O=Example",
            authorityKeyIdentifier: certificateSummary(authority.certificatePem).subjectKeyIdentifier,
            number,
            thisUpdateMs: TEST_TIME_MS - 600_000,
            nextUpdateMs: TEST_TIME_MS + 2 * DAY_MS,
            entries,
          };
          expect(parseRevocationList(pem)).toEqual(list);
          const options = { authority: authority.certificatePem, atMs: TEST_TIME_MS };
          expect(verifyRevocationList(pem, options)).toEqual({ valid: true, list });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("holds for its authority and its time alone", async () => {
    const { authority } = await testAuthority(algorithm);
    const [namesake, other] = [
      (await testAuthority(algorithm)).authority,
      (await testAuthority(algorithm, { name: "Org2MSP" })).authority,
    ];
    const pem = await authority.revocationList({ number: 1n, entries: someEntries });
    const reason = (authorityPem: string, atMs = TEST_TIME_MS) => {
      const verdict = verifyRevocationList(pem, { authority: authorityPem, atMs });
      return verdict.valid ? "valid" : verdict.reason;
    };
    expect(reason(authority.certificatePem)).toBe("valid");
    expect(reason(namesake.certificatePem)).toBe("wrong-issuer");
    expect(reason(other.certificatePem)).toBe("wrong-issuer");
    expect(reason(authority.certificatePem, TEST_TIME_MS - 600_001)).toBe("not-yet-valid");
    expect(reason(authority.certificatePem, TEST_TIME_MS + 7 * DAY_MS)).toBe("valid");
    expect(reason(authority.certificatePem, TEST_TIME_MS + 7 * DAY_MS + 1)).toBe("expired");
  });

  it("is refused or fails its check whatever byte is changed, and never crashes", async () => {
    const { authority } = await testAuthority(algorithm);
    const pem = await authority.revocationList({ number: 1n, entries: someEntries });
    const der = pemToDer("X509 CRL", pem) ?? new Uint8Array(0);
    const options = { authority: authority.certificatePem, atMs: TEST_TIME_MS };
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(der);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(() => parseRevocationList(derToPem("X509 CRL", der.subarray(0, at)))).toThrow(refusal);
        try {
          expect(verifyRevocationList(derToPem("X509 CRL", damaged), options).valid).toBe(false);
        } catch (error) {
          expect(error).toEqual(refusal);
        }
      }),
      { numRuns: 200 },
    );
  });
});

it("is not taken from a holder who is no authority", async () => {
  const { authority } = await testAuthority("P-256");
  const { certificatePem } = await issueKeyedCertificate(authority, { role: "admin", commonName: "admin" });
  const pem = await authority.revocationList({ number: 1n, entries: [] });
  const verdict = verifyRevocationList(pem, { authority: certificatePem, atMs: TEST_TIME_MS });
  expect(verdict).toEqual({ valid: false, reason: "wrong-issuer" });
});

it("is signed by an authority that has expired too", async () => {
  const { authority, clock } = await testAuthority("P-256", { validDays: 1 });
  clock.advance(2 * DAY_MS);
  const pem = await authority.revocationList({ number: 1n, entries: someEntries });
  expect(parseRevocationList(pem).entries).toEqual(someEntries);
});

describe("what no list can carry", () => {
  it.each([
    ["a serial number that is no hex", { serialNumber: "xyz", revokedAtMs: 0, reason: 1 }],
    ["a serial number of zero", { serialNumber: "00", revokedAtMs: 0, reason: 1 }],
    ["a serial number over 20 bytes", { serialNumber: "1".repeat(41), revokedAtMs: 0, reason: 1 }],
    ["a reason for delta lists", { serialNumber: "1", revokedAtMs: 0, reason: 8 }],
    ["a reason that is none", { serialNumber: "1", revokedAtMs: 0, reason: 7 }],
  ])("%s is refused", async (_, entry) => {
    const { authority } = await testAuthority("P-256");
    const made = authority.revocationList({ number: 1n, entries: [entry] });
    await expect(made).rejects.toMatchObject({ code: "REVOCATION_ENTRY_INVALID" });
  });

  it("a negative number and a period without length are refused", async () => {
    const { authority } = await testAuthority("P-256");
    const negative = authority.revocationList({ number: -1n, entries: [] });
    await expect(negative).rejects.toMatchObject({ code: "REVOCATION_ENTRY_INVALID" });
    const endless = authority.revocationList({ number: 1n, entries: [], validDays: 0 });
    await expect(endless).rejects.toMatchObject({ code: "CERTIFICATE_VALIDITY_INVALID" });
    expect([0, 6, 7, 8, 10, 11].map(isRevocationReason)).toEqual([true, true, false, false, true, false]);
  });
});

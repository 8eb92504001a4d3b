import { ManualClock, systemRandom } from "@concordat/base";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  certifiedKeyToDer,
  generateSigningKey,
  SIGNATURE_ALGORITHMS,
  type SigningKey,
  signForX509,
} from "../signing-keys.ts";
import { DAY_MS, TEST_TIME_MS, testAuthority } from "../testing/authority.ts";
import { bits, der, identifier, integer, octets, replaceBytes, sequence, text, utcTime } from "../testing/der.ts";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  issueKeyedCertificate,
  issueKeyedServerCertificate,
  openCertificateAuthority,
} from "./authority.ts";
import { readCertificate } from "./certificate.ts";
import { certificateFromPem, derToPem } from "./pem.ts";
import { REVOCATION_REASON } from "./revocation-reasons.ts";
import { NODE_UNITS } from "./roles.ts";
import { certificateSummary } from "./summary.ts";
import { type ChainOptions, type ChainVerdict, createChainVerifier, verifyCertificateChain } from "./verify-chain.ts";

const verdict = ({ valid, ...rest }: ChainVerdict) => (valid ? "valid" : rest);
const fault = (reason: string, place = "certificate") => ({ reason, in: place });

describe.each(["P-256", "SM2"] as const)("a chain to an authority of %s", (algorithm) => {
  let authority: CertificateAuthority;
  let leaf: string;

  const judge = (pem: string, options: Partial<ChainOptions> = {}) =>
    verdict(verifyCertificateChain(pem, { authorities: [authority.certificatePem], atMs: TEST_TIME_MS, ...options }));

  beforeAll(async () => {
    authority = (await testAuthority(algorithm)).authority;
    leaf = (await issueKeyedCertificate(authority, { role: "client", commonName: "1" })).certificatePem;
  });

  it.each(NODE_UNITS)("holds for the role %s", async (role) => {
    const { certificatePem } = await issueKeyedCertificate(authority, { role, commonName: "1" });
    const options = { authorities: [authority.certificatePem], atMs: TEST_TIME_MS };
    expect(verifyCertificateChain(certificatePem, options)).toEqual({
      valid: true,
      certificate: certificateSummary(certificatePem),
      authority: certificateSummary(authority.certificatePem),
    });
    expect(judge(certificatePem, { roles: [role] })).toBe("valid");
    expect(judge(certificatePem, { roles: NODE_UNITS.filter((other) => other !== role) })).toEqual(
      fault("unknown-role"),
    );
  });

  it("holds from the first to the last second", () => {
    const { notBeforeMs, notAfterMs } = certificateSummary(leaf);
    expect(judge(leaf, { atMs: notBeforeMs })).toBe("valid");
    expect(judge(leaf, { atMs: notAfterMs })).toBe("valid");
    expect(judge(leaf, { atMs: notAfterMs + 1000 })).toEqual(fault("expired"));
    // The authority's own period begins in the same second.
    expect(judge(leaf, { atMs: notBeforeMs - 1000 })).toEqual(fault("not-yet-valid", "authority"));
    expect(judge(leaf, { atMs: authority.notAfterMs + 1000 })).toEqual(fault("expired", "authority"));
  });

  it("knows a certificate that is not valid yet", async () => {
    const { authority: older, clock } = await testAuthority(algorithm);
    clock.advance(30 * DAY_MS);
    const { certificatePem } = await issueKeyedCertificate(older, { role: "client", commonName: "1" });
    const options = { authorities: [older.certificatePem], atMs: TEST_TIME_MS };
    expect(verdict(verifyCertificateChain(certificatePem, options))).toEqual(fault("not-yet-valid"));
  });

  it("is broken by another issuer, by none, and by an authority of the same name with another key", async () => {
    const [stranger, namesake] = [await testAuthority(algorithm, { name: "Org2MSP" }), await testAuthority(algorithm)];
    expect(judge(leaf, { authorities: [] })).toEqual(fault("wrong-issuer"));
    expect(judge(leaf, { authorities: [stranger.authority.certificatePem] })).toEqual(fault("wrong-issuer"));
    expect(judge(leaf, { authorities: [namesake.authority.certificatePem] })).toEqual(fault("wrong-issuer"));
    // After a change of keys both are trusted, in whatever order.
    for (const pems of [
      [namesake.authority, authority],
      [authority, namesake.authority],
    ]) {
      expect(judge(leaf, { authorities: pems.map(({ certificatePem }) => certificatePem) })).toBe("valid");
    }
  });

  it("is broken by a certificate that is no authority's", async () => {
    const key = await generateSigningKey(algorithm);
    const forged = handmade({ issuer: "1", subject: "2", unit: "admin", key, signer: key });
    const posing = handmade({ issuer: "0", subject: "1", key, signer: key });
    expect(judge(forged, { authorities: [posing] })).toEqual(fault("not-an-authority", "authority"));
  });

  it("is broken by any change of what was signed, and of the signature", () => {
    const bytes = certificateFromPem(leaf);
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        try {
          const outcome = judge(derToPem("CERTIFICATE", damaged));
          expect(outcome).not.toBe("valid");
          outcomes.add(JSON.stringify(outcome));
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ code: "CERTIFICATE_INVALID" }));
        }
      }),
      { numRuns: 300 },
    );
    expect([...outcomes]).toContain(JSON.stringify(fault("bad-signature")));
  });

  it("is broken by a certificate of another signer under the issuer's name", async () => {
    const [key, signer] = [await generateSigningKey(algorithm), await generateSigningKey(algorithm)];
    const root = handmade({ issuer: "1", subject: "1", key, signer: key, authority: true });
    const forged = handmade({ issuer: "1", subject: "2", unit: "admin", key, signer });
    const honest = handmade({ issuer: "1", subject: "2", unit: "admin", key: signer, signer: key });
    expect(judge(forged, { authorities: [root] })).toEqual(fault("bad-signature"));
    expect(judge(honest, { authorities: [root] })).toBe("valid");
  });

  it("is broken by a critical extension that is not understood", async () => {
    const key = await generateSigningKey(algorithm);
    const root = handmade({ issuer: "1", subject: "1", key, signer: key, authority: true });
    const odd = handmade({ issuer: "1", subject: "2", unit: "admin", key, signer: key, critical: "1.2.3.4" });
    expect(judge(odd, { authorities: [root] })).toEqual(fault("unsupported"));
  });

  it("follows the newest revocation list: revoked, frozen, unfrozen", async () => {
    const serialNumber = certificateSummary(leaf).serialNumber;
    const list = (number: bigint, reasons: readonly number[]) =>
      authority.revocationList({
        number,
        entries: reasons.map((reason) => ({ serialNumber, revokedAtMs: TEST_TIME_MS, reason })),
      });
    const { certificateHold, keyCompromise } = REVOCATION_REASON;
    const [frozen, unfrozen, revoked] = [
      await list(1n, [certificateHold]),
      await list(2n, []),
      await list(3n, [keyCompromise]),
    ];
    expect(judge(leaf, { crls: [frozen] })).toEqual(fault("frozen"));
    expect(judge(leaf, { crls: [unfrozen, frozen] })).toBe("valid");
    expect(judge(leaf, { crls: [frozen, revoked, unfrozen] })).toEqual(fault("revoked"));
    expect(judge(leaf, { crls: [unfrozen], atMs: TEST_TIME_MS + 8 * DAY_MS })).toEqual(
      fault("expired", "revocation-list"),
    );
    // A list that is out of date still says who was revoked.
    expect(judge(leaf, { crls: [revoked], atMs: TEST_TIME_MS + 8 * DAY_MS })).toEqual(fault("revoked"));
  });

  it("follows every list, however old, when their age is ignored", async () => {
    const serialNumber = certificateSummary(leaf).serialNumber;
    const entries = [{ serialNumber, revokedAtMs: TEST_TIME_MS, reason: REVOCATION_REASON.keyCompromise }];
    const [revoked, empty] = [
      await authority.revocationList({ number: 1n, entries }),
      await authority.revocationList({ number: 2n, entries: [] }),
    ];
    const late = { atMs: TEST_TIME_MS + 8 * DAY_MS, listAge: "ignored" } as const;
    expect(judge(leaf, { ...late, crls: [empty] })).toBe("valid");
    expect(judge(leaf, { ...late, crls: [revoked, empty] })).toEqual(fault("revoked"));
    expect(judge(leaf, { crls: [revoked, empty] })).toBe("valid");
    expect(judge(leaf, { ...late, crls: [empty], atMs: TEST_TIME_MS - DAY_MS })).not.toBe("valid");
  });

  it("is opened once and judged again at each time", () => {
    const chain = createChainVerifier({ authorities: [authority.certificatePem] }).chainOf(leaf);
    expect(chain).toMatchObject({ issuerFault: undefined, units: ["client"] });
    const { notAfterMs } = certificateSummary(leaf);
    const at = (atMs: number) => verdict(chain.judge({ atMs }));
    expect([at(TEST_TIME_MS), at(notAfterMs + 1000), at(TEST_TIME_MS)]).toEqual(["valid", fault("expired"), "valid"]);
    const stranger = createChainVerifier({ authorities: [] }).chainOf(leaf);
    expect(stranger.issuerFault).toBe("wrong-issuer");
    expect(verdict(stranger.judge({ atMs: TEST_TIME_MS }))).toEqual(fault("wrong-issuer"));
  });

  it("passes over lists of other authorities and refuses damaged ones", async () => {
    const other = (await testAuthority(algorithm, { name: "Org2MSP" })).authority;
    const entries = [{ serialNumber: certificateSummary(leaf).serialNumber, revokedAtMs: TEST_TIME_MS, reason: 1 }];
    expect(judge(leaf, { crls: [await other.revocationList({ number: 1n, entries })] })).toBe("valid");
    const own = await authority.revocationList({ number: 1n, entries });
    const lines = own.split("\n");
    const body = Buffer.from(lines.slice(1, -2).join(""), "base64");
    const serial = Buffer.from(entries[0]?.serialNumber.padStart(32, "0") ?? "", "hex");
    const changed = replaceBytes(
      body,
      serial,
      Uint8Array.from(serial, (byte, at) => (at === 15 ? byte ^ 1 : byte)),
    );
    expect(judge(leaf, { crls: [derToPem("X509 CRL", changed)] })).toEqual(fault("bad-signature", "revocation-list"));
    expect(() => judge(leaf, { crls: ["none"] })).toThrow(expect.objectContaining({ code: "CERTIFICATE_INVALID" }));
  });
});

it("tells identities from TLS certificates", async () => {
  const { authority } = await testAuthority("P-256");
  const server = (await issueKeyedServerCertificate(authority, { hosts: ["a.example"] })).certificatePem;
  const client = (await issueKeyedCertificate(authority, { role: "client", commonName: "1" })).certificatePem;
  const options = { authorities: [authority.certificatePem], atMs: TEST_TIME_MS };
  expect(verdict(verifyCertificateChain(server, { ...options, purpose: "tls" }))).toBe("valid");
  expect(verdict(verifyCertificateChain(server, options))).toEqual(fault("unknown-role"));
  expect(verdict(verifyCertificateChain(client, { ...options, purpose: "tls" }))).toEqual(fault("unsupported"));
});

it("opens no authority with another's key, and none with a certificate that may not sign", async () => {
  const dependencies = { clock: new ManualClock(TEST_TIME_MS), random: systemRandom };
  const [one, two] = [
    await createCertificateAuthority([{ type: "CN", value: "1" }], dependencies),
    await createCertificateAuthority([{ type: "CN", value: "2" }], dependencies, { algorithm: "SM2" }),
  ];
  const swapped = { ...one, privateKeyDer: two.privateKeyDer };
  expect(() => openCertificateAuthority(swapped, dependencies)).toThrow(
    expect.objectContaining({ code: "KEY_INVALID" }),
  );
  const leaf = await issueKeyedCertificate(openCertificateAuthority(two, dependencies), {
    role: "admin",
    commonName: "a",
  });
  expect(() => openCertificateAuthority(leaf, dependencies)).toThrow(
    expect.objectContaining({ code: "CERTIFICATE_INVALID" }),
  );
});

/** A certificate that no authority of ours would issue. */
function handmade(options: {
  readonly issuer: string;
  readonly subject: string;
  readonly unit?: string;
  readonly key: SigningKey;
  readonly signer: SigningKey;
  readonly authority?: true;
  readonly critical?: string;
}): string {
  const part = (type: string, value: string) => der(0x31, sequence(identifier(type), text(value)));
  const algorithm = sequence(identifier(SIGNATURE_ALGORITHMS[options.signer.algorithm]));
  const truth = der(0x01, Uint8Array.of(0xff));
  const extensions = [
    ...(options.authority ? [sequence(identifier("2.5.29.19"), truth, octets(sequence(truth)))] : []),
    ...(options.critical === undefined ? [] : [sequence(identifier(options.critical), truth, octets())]),
  ];
  const signed = sequence(
    der(0xa0, integer("02")),
    integer("01"),
    algorithm,
    sequence(part("2.5.4.3", options.issuer)),
    sequence(utcTime("250101000000Z"), utcTime("270101000000Z")),
    sequence(...(options.unit === undefined ? [] : [part("2.5.4.11", options.unit)]), part("2.5.4.3", options.subject)),
    certifiedKeyToDer(options.key.publicKey),
    der(0xa3, sequence(...extensions)),
  );
  const pem = derToPem("CERTIFICATE", sequence(signed, algorithm, bits(signForX509(options.signer, signed))));
  readCertificate(pem);
  return pem;
}

import { readFile } from "node:fs/promises";
import { systemClock, systemRandom } from "@concordat/base";
import {
  type AuthorityAlgorithm,
  type CertificateAuthority,
  type CertifiedAlgorithm,
  certificateSummary,
  certifiedKeyToDer,
  createCertificateAuthority,
  derToPem,
  generateSigningKey,
  issueKeyedCertificate,
  issueKeyedServerCertificate,
  NODE_UNITS,
  openCertificateAuthority,
  parseRevocationList,
  parseSigningRequest,
  pemToDer,
  REVOCATION_REASON,
  type RevocationEntry,
  signingKeyFromDer,
  signingKeyToDer,
  signSm2,
  sm2SignatureFromDer,
  sm2SignatureToDer,
  verifyCertificateChain,
  verifyRevocationList,
  verifySm2,
} from "@concordat/identity";
import { beforeAll, describe, expect, test } from "vitest";
import { createOpenSsl, type OpenSsl } from "../support/openssl.ts";

const dependencies = { clock: systemClock, random: systemRandom };
const DEFAULT_USER = "distid:1234567812345678";
const subject = [
  { type: "O", value: "Example Grain" },
  { type: "CN", value: "Org1MSP" },
] as const;
let openssl: OpenSsl;

beforeAll(async () => {
  openssl = await createOpenSsl("certificates");
});

async function newAuthority(algorithm: AuthorityAlgorithm): Promise<CertificateAuthority> {
  return openCertificateAuthority(await createCertificateAuthority(subject, dependencies, { algorithm }), dependencies);
}

/** With what OpenSSL has to be told of SM2. */
const userOf = (algorithm: CertifiedAlgorithm, option: string) => (algorithm === "SM2" ? [option, DEFAULT_USER] : []);

describe.each(["P-256", "SM2"] as const)("openssl and an authority of %s", (algorithm) => {
  let authority: CertificateAuthority;
  let caFile: string;

  beforeAll(async () => {
    authority = await newAuthority(algorithm);
    caFile = await openssl.file(`ca-${algorithm}.pem`, authority.certificatePem);
  });

  const verifyWords = async (pem: string, ...options: readonly string[]) => [
    ...["verify", "-x509_strict", ...userOf(algorithm, "-vfyopt"), "-CAfile", caFile, ...options],
    await openssl.file("leaf.pem", pem),
  ];

  test("verify the authority's signature of itself", async () => {
    expect(await openssl.run(...(await verifyWords(authority.certificatePem)))).toContain("OK");
    // Of SM2, OpenSSL knows the user of a leaf's signer and not of a trusted root's: the signature is checked apart.
    await verifyCut(authority.certificatePem, caFile, algorithm);
  });

  test.each(NODE_UNITS)(
    "verify the chain of a certificate for the role %s and read its unit and attributes",
    async (role) => {
      const attributes = { tenant: "1000000000000001", "hf.EnrollmentID": "node0" };
      const { certificatePem } = await issueKeyedCertificate(authority, { role, commonName: "node0", attributes });
      expect(await openssl.run(...(await verifyWords(certificatePem)))).toContain("leaf.pem: OK");
      const text = await openssl.run("x509", "-in", openssl.path("leaf.pem"), "-noout", "-text");
      expect(text).toContain(`Subject: OU = ${role}, CN = node0`);
      expect(text).toContain("Issuer: O = Example Grain, CN = Org1MSP");
      expect(text.replace(/\s+/g, " ")).toContain(`1.2.3.4.5.6.7.8.1: ${JSON.stringify({ attrs: attributes })}`);
      expect(text).toContain(algorithm === "SM2" ? "Signature Algorithm: SM2-with-SM3" : "ecdsa-with-SHA256");
      const stranger = await newAuthority(algorithm);
      const foreign = await issueKeyedCertificate(stranger, { role, commonName: "node0" });
      expect(await openssl.refusal(...(await verifyWords(foreign.certificatePem)))).toMatch(/error \d+ at 0 depth/);
    },
  );

  test("agree on serial number, period and key identifiers", async () => {
    const { certificatePem } = await issueKeyedCertificate(authority, { role: "peer", commonName: "p", validDays: 2 });
    const own = certificateSummary(certificatePem);
    const file = await openssl.file("leaf.pem", certificatePem);
    const words = ["-serial", "-startdate", "-enddate", "-ext", "subjectKeyIdentifier,authorityKeyIdentifier"];
    const text = await openssl.run("x509", "-in", file, "-noout", ...words);
    const found = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
    expect(
      found(/serial=([0-9A-F]+)/)
        .toLowerCase()
        .replace(/^0+/, ""),
    ).toBe(own.serialNumber);
    expect(Date.parse(found(/notBefore=(.+)/))).toBe(own.notBeforeMs);
    expect(Date.parse(found(/notAfter=(.+)/))).toBe(own.notAfterMs);
    const identifiers = [...text.matchAll(/(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/g)].map(([hex]) => hex.replaceAll(":", ""));
    expect(identifiers.map((hex) => hex.toLowerCase())).toEqual([own.subjectKeyIdentifier, own.authorityKeyIdentifier]);
  });

  test("follow a certificate through frozen, unfrozen and revoked", async () => {
    const { certificatePem } = await issueKeyedCertificate(authority, { role: "client", commonName: "1" });
    const { serialNumber } = certificateSummary(certificatePem);
    const list = (number: bigint, ...reasons: readonly number[]) => {
      const other: RevocationEntry = { serialNumber: "abc", revokedAtMs: systemClock.nowMs(), reason: 0 };
      const own = reasons.map((reason) => ({ serialNumber, revokedAtMs: systemClock.nowMs(), reason }));
      return authority.revocationList({ number, entries: [other, ...own] });
    };
    const [frozen, unfrozen, revoked] = [
      await list(1n, REVOCATION_REASON.certificateHold),
      await list(2n),
      await list(3n, REVOCATION_REASON.keyCompromise),
    ];
    const text = async (pem: string) =>
      openssl.run("crl", "-noout", "-text", "-in", await openssl.file("print.pem", pem));
    const printed = await text(frozen);
    expect(printed).toMatch(/Version 2 \(0x1\)[\s\S]*X509v3 CRL Number:\s+1\s/);
    expect(printed.replace(/\s+/g, " ").toLowerCase()).toMatch(
      new RegExp(`serial number: 0?${serialNumber} .*reason code: certificate hold`),
    );
    expect(await text(revoked)).toContain("Key Compromise");
    const judge = (crl: string) =>
      verifyCertificateChain(certificatePem, {
        authorities: [authority.certificatePem],
        crls: [crl],
        atMs: systemClock.nowMs(),
      });
    expect(judge(frozen)).toMatchObject({ valid: false, reason: "frozen" });
    expect(judge(unfrozen)).toMatchObject({ valid: true });
    expect(judge(revoked)).toMatchObject({ valid: false, reason: "revoked" });
    for (const crl of [frozen, unfrozen, revoked]) await verifyCut(crl, caFile, algorithm);
    // OpenSSL has no way to name the user of a list's signer, so that of SM2 it checks the signature apart and no chain with a list.
    if (algorithm === "SM2") return;
    const words = async (crl: string) => {
      const file = await openssl.file("crl.pem", crl);
      return verifyWords(certificatePem, "-crl_check", "-CRLfile", file);
    };
    expect(await openssl.refusal(...(await words(frozen)))).toContain("certificate revoked");
    expect(await openssl.run(...(await words(unfrozen)))).toContain("OK");
    expect(await openssl.refusal(...(await words(revoked)))).toContain("certificate revoked");
    const stranger = await newAuthority("P-256");
    const foreign = await stranger.revocationList({ number: 4n, entries: [] });
    expect(await openssl.refusal(...(await words(foreign)))).toContain("unable to get certificate CRL");
  });

  test.each(["P-256", "Ed25519", "SM2"] as const)(
    "certify a key of %s that openssl made, by its own request",
    async (of) => {
      await openssl.run("genpkey", ...keyWords(of), "-out", openssl.path("node.key"));
      await openssl.run(
        ...[
          "req",
          "-new",
          "-key",
          openssl.path("node.key"),
          "-subj",
          "/O=Asked/CN=peer0",
          "-out",
          openssl.path("node.csr"),
        ],
        ...["-addext", "subjectAltName=DNS:peer0.example,IP:192.0.2.7"],
        ...(of === "SM2" ? ["-sm3", "-sigopt", DEFAULT_USER] : []),
      );
      const request = parseSigningRequest(await readFile(openssl.path("node.csr"), "utf8"));
      expect(request).toMatchObject({ subject: "CN=peer0,O=Asked", hosts: ["peer0.example", "192.0.2.7"] });
      const pem = await authority.issue({ role: "peer", commonName: "peer0", publicKey: request.publicKey });
      expect(await openssl.run(...(await verifyWords(pem)))).toContain("OK");
      const keyOfCertificate = await openssl.run("x509", "-in", openssl.path("leaf.pem"), "-noout", "-pubkey");
      expect(keyOfCertificate).toBe(await openssl.run("pkey", "-in", openssl.path("node.key"), "-pubout"));
    },
  );

  test("read certificates and a revocation list that openssl made, and continue an authority of its own", async () => {
    const theirs = await opensslAuthority(algorithm);
    const atMs = systemClock.nowMs() + 2000;
    const options = { authorities: [theirs.certificatePem], atMs };
    expect(verifyCertificateChain(theirs.adminPem, options)).toMatchObject({
      valid: true,
      certificate: { role: "admin", subject: "CN=admin1,OU=admin", issuer: "CN=Their CA,O=Theirs" },
    });
    const verdict = verifyRevocationList(theirs.crlPem, { authority: theirs.certificatePem, atMs });
    const { serialNumber } = certificateSummary(theirs.adminPem);
    expect(verdict).toMatchObject({ valid: true, list: { number: 0x10n, entries: [{ serialNumber, reason: 6 }] } });
    expect(verifyCertificateChain(theirs.adminPem, { ...options, crls: [theirs.crlPem] })).toMatchObject({
      valid: false,
      reason: "frozen",
    });
    const own = openCertificateAuthority(theirs, dependencies);
    const { certificatePem } = await issueKeyedCertificate(own, { role: "client", commonName: "1" });
    const file = await openssl.file("their-leaf.pem", certificatePem);
    const ca = await openssl.file("their-ca.pem", theirs.certificatePem);
    const words = ["verify", "-x509_strict", ...userOf(algorithm, "-vfyopt"), "-CAfile", ca, file];
    expect(await openssl.run(...words)).toContain("OK");
    expect(parseRevocationList(await own.revocationList({ number: 17n, entries: [] })).authorityKeyIdentifier).toBe(
      certificateSummary(theirs.certificatePem).subjectKeyIdentifier,
    );
  });
});

test("openssl verifies a node's TLS certificate for its names, both as server and as client", async () => {
  const tlsAuthority = await newAuthority("P-256");
  const hosts = ["peer0.org1.example", "192.0.2.7", "2001:db8::1"] as const;
  const { certificatePem } = await issueKeyedServerCertificate(tlsAuthority, { hosts, role: "peer" });
  const ca = await openssl.file("tls-ca.pem", tlsAuthority.certificatePem);
  const leaf = await openssl.file("tls.pem", certificatePem);
  const verify = (...options: readonly string[]) => ["verify", "-x509_strict", "-CAfile", ca, ...options, leaf];
  for (const purpose of ["sslserver", "sslclient"]) {
    expect(await openssl.run(...verify("-purpose", purpose, "-verify_hostname", hosts[0]))).toContain("OK");
  }
  for (const address of hosts.slice(1)) expect(await openssl.run(...verify("-verify_ip", address))).toContain("OK");
  expect(await openssl.refusal(...verify("-verify_hostname", "peer1.org1.example"))).toContain("ostname mismatch");
});

describe("SM2 signatures with the default user id", () => {
  const message = Buffer.from("a message that both sides read");

  test("of ours are verified by openssl, and by it alone for that user", async () => {
    const key = await generateSigningKey("SM2");
    if (key.algorithm !== "SM2") throw new TypeError("not an SM2 key");
    const publicFile = await openssl.file("sm2.pub", derToPem("PUBLIC KEY", certifiedKeyToDer(key.publicKey)));
    const signatureFile = await openssl.file("sm2.sig", sm2SignatureToDer(signSm2(key, message)));
    const words = (user: string) => [
      ...["dgst", "-sm3", "-verify", publicFile, "-signature", signatureFile, "-sigopt", user],
      openssl.path("message"),
    ];
    await openssl.file("message", message);
    expect(await openssl.run(...words(DEFAULT_USER))).toContain("Verified OK");
    await openssl.refusal(...words("distid:somebody"));
    await openssl.file("message", "another");
    await openssl.refusal(...words(DEFAULT_USER));
  });

  test("of openssl's are verified here, with a key of either side", async () => {
    await openssl.file("message", message);
    const ours = await openssl.file(
      "ours.key",
      derToPem("PRIVATE KEY", signingKeyToDer(await generateSigningKey("SM2"))),
    );
    const theirs = openssl.path("theirs.key");
    await openssl.run("genpkey", ...keyWords("SM2"), "-out", theirs);
    for (const file of [ours, theirs]) {
      const out = openssl.path("their.sig");
      await openssl.run("dgst", "-sm3", "-sign", file, "-sigopt", DEFAULT_USER, "-out", out, openssl.path("message"));
      const key = await privateKeyOf(file);
      if (key.publicKey.algorithm !== "SM2") throw new TypeError("not an SM2 key");
      const plain = sm2SignatureFromDer(await readFile(out));
      expect(plain).toBeDefined();
      expect(verifySm2(key.publicKey.raw, message, plain ?? new Uint8Array(0))).toBe(true);
      expect(verifySm2(key.publicKey.raw, Buffer.from("another"), plain ?? new Uint8Array(0))).toBe(false);
    }
  });
});

function keyWords(algorithm: CertifiedAlgorithm): readonly string[] {
  if (algorithm === "P-256") return ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
  return ["-algorithm", algorithm];
}

async function privateKeyOf(file: string) {
  await openssl.run("pkcs8", "-topk8", "-nocrypt", "-in", file, "-out", openssl.path("pkcs8.pem"));
  const der = pemToDer("PRIVATE KEY", await readFile(openssl.path("pkcs8.pem"), "utf8"));
  return signingKeyFromDer(der ?? new Uint8Array(0));
}

/** Cuts what was signed and the signature out with `openssl asn1parse`, and lets openssl verify them with the authority's key. */
async function verifyCut(pem: string, caFile: string, algorithm: AuthorityAlgorithm): Promise<void> {
  const whole = await openssl.file("cut.pem", pem);
  const [signed, signature, publicKey] = [openssl.path("cut.tbs"), openssl.path("cut.sig"), openssl.path("cut.pub")];
  const outline = await openssl.run("asn1parse", "-in", whole);
  const [signedAt = "", , signatureAt = ""] = [...outline.matchAll(/^\s*(\d+):d=1 /gm)].map(([, offset]) => offset);
  await openssl.run("asn1parse", "-in", whole, "-strparse", signedAt, "-noout", "-out", signed);
  await openssl.run("asn1parse", "-in", whole, "-strparse", signatureAt, "-noout", "-out", signature);
  await openssl.run("x509", "-in", caFile, "-noout", "-pubkey", "-out", publicKey);
  const digest = algorithm === "SM2" ? ["-sm3", "-sigopt", DEFAULT_USER] : ["-sha256"];
  const words = ["dgst", ...digest, "-verify", publicKey, "-signature", signature];
  expect(await openssl.run(...words, signed)).toContain("Verified OK");
  expect(await openssl.refusal(...words, whole)).toContain("Verification failure");
}

/** An authority, an administrator and a list in which that one is frozen, all made by openssl. */
async function opensslAuthority(algorithm: AuthorityAlgorithm) {
  const digest = algorithm === "SM2" ? ["-sm3", "-sigopt", DEFAULT_USER] : ["-sha256"];
  const inFolder = (name: string) => openssl.path(`theirs-${algorithm}-${name}`);
  const [caKey, caPem] = [inFolder("ca.key"), inFolder("ca.pem")];
  const [adminKey, adminCsr, adminPem] = [inFolder("admin.key"), inFolder("admin.csr"), inFolder("admin.pem")];
  await openssl.run("genpkey", ...keyWords(algorithm), "-out", caKey);
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await openssl.run(
    ...["req", "-x509", "-new", "-key", caKey, "-subj", "/O=Theirs/CN=Their CA", "-out", caPem],
    ...usage,
    ...digest,
  );
  await openssl.run("genpkey", ...keyWords(algorithm), "-out", adminKey);
  await openssl.run("req", "-new", "-key", adminKey, "-subj", "/OU=admin/CN=admin1", "-out", adminCsr, ...digest);
  await openssl.file(`theirs-${algorithm}-index`, "");
  await openssl.file(`theirs-${algorithm}-serial`, "0A00\n");
  await openssl.file(`theirs-${algorithm}-number`, "10\n");
  const config = await openssl.file(
    `theirs-${algorithm}.cnf`,
    [
      ...["[ca]", "default_ca = own", "[own]", `database = ${inFolder("index")}`, `serial = ${inFolder("serial")}`],
      ...[
        `crlnumber = ${inFolder("number")}`,
        `new_certs_dir = ${openssl.folder}`,
        "policy = any",
        "default_days = 30",
      ],
      ...["default_crl_days = 30", "x509_extensions = leaf", "crl_extensions = list", "unique_subject = no"],
      ...[`default_md = ${algorithm === "SM2" ? "sm3" : "sha256"}`, `certificate = ${caPem}`, `private_key = ${caKey}`],
      ...["[any]", "organizationalUnitName = optional", "commonName = supplied"],
      ...["[leaf]", "authorityKeyIdentifier = keyid", "subjectKeyIdentifier = hash"],
      ...["keyUsage = critical,digitalSignature", "basicConstraints = critical,CA:FALSE"],
      ...["[list]", "authorityKeyIdentifier = keyid", ""],
    ].join("\n"),
  );
  const user = [...userOf(algorithm, "-vfyopt"), ...userOf(algorithm, "-sigopt")];
  await openssl.run("ca", "-batch", "-notext", "-config", config, "-in", adminCsr, "-out", adminPem, ...user);
  await openssl.run("ca", "-config", config, "-revoke", adminPem, "-crl_hold", "holdInstructionNone");
  await openssl.run("ca", "-config", config, "-gencrl", "-out", inFolder("crl.pem"), ...userOf(algorithm, "-sigopt"));
  return {
    certificatePem: await readFile(caPem, "utf8"),
    privateKeyDer: signingKeyToDer(await privateKeyOf(caKey)),
    adminPem: await readFile(adminPem, "utf8"),
    crlPem: await readFile(inFolder("crl.pem"), "utf8"),
  };
}

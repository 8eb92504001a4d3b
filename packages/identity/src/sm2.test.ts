import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, hexToBytes, systemClock, systemRandom, utf8ToBytes } from "@concordat/base";
import { afterAll, describe, expect, it } from "vitest";
import { readDer, readDerChildren } from "./der/read.ts";
import { createCheckpointKey, createCheckpointSigner } from "./organization.ts";
import {
  generateSm2PrivateKey,
  signSm2,
  sm2PrivateKeyFromDer,
  sm2PrivateKeyToDer,
  sm2PublicKeyToDer,
  verifySm2,
} from "./sm2.ts";
import { createCertificateAuthority } from "./x509/authority.ts";

const dependencies = { clock: systemClock, random: systemRandom };
const message = utf8ToBytes("concordat/0123456789abcdef/ch1\n1\nroot\n");
const folder = mkdtempSync(join(tmpdir(), "sm2-"));
const openssl = findOpenssl();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function findOpenssl(): boolean {
  try {
    return execFileSync("openssl", ["version"], { encoding: "utf8" }).startsWith("OpenSSL 3");
  } catch {
    return false;
  }
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function run(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** `r || s` as the SEQUENCE of two INTEGERs that OpenSSL reads. */
function toDer(signature: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array) => {
    const hex = bytesToHex(bytes).replace(/^(00)+(?=..)/, "");
    const content = Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex;
    return `02${(content.length / 2).toString(16).padStart(2, "0")}${content}`;
  };
  const body = integer(signature.subarray(0, 32)) + integer(signature.subarray(32));
  return hexToBytes(`30${(body.length / 2).toString(16).padStart(2, "0")}${body}`);
}

function fromDer(der: Uint8Array): Uint8Array {
  const numbers = readDerChildren(readDer(der)).map(({ content }) => bytesToHex(content).replace(/^00/, ""));
  return hexToBytes(numbers.map((number) => number.padStart(64, "0")).join(""));
}

const userId = ["-pkeyopt", "distid:1234567812345678", "-pkeyopt", "digest:sm3"];

describe("SM2 keys", () => {
  it("sign so that only the same message, key and signature verify", () => {
    const key = generateSm2PrivateKey();
    const signature = signSm2(key, message);
    expect(signature).toHaveLength(64);
    expect(verifySm2(key.publicKey.raw, message, signature)).toBe(true);
    expect(verifySm2(key.publicKey.raw, utf8ToBytes("another"), signature)).toBe(false);
    expect(verifySm2(generateSm2PrivateKey().publicKey.raw, message, signature)).toBe(false);
    for (const at of [0, 31, 32, 63]) {
      const changed = Uint8Array.from(signature);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(verifySm2(key.publicKey.raw, message, changed)).toBe(false);
    }
  });

  it("refuse numbers out of range, other lengths and points off the curve without an error", () => {
    const key = generateSm2PrivateKey();
    const signature = signSm2(key, message);
    const zero = new Uint8Array(32);
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    const offCurve = Uint8Array.from(key.publicKey.raw);
    offCurve[64] = (offCurve[64] ?? 0) ^ 0x01;
    expect(verifySm2(key.publicKey.raw, message, Buffer.concat([zero, s]))).toBe(false);
    expect(verifySm2(key.publicKey.raw, message, Buffer.concat([r, zero]))).toBe(false);
    expect(verifySm2(key.publicKey.raw, message, Buffer.alloc(64, 0xff))).toBe(false);
    expect(verifySm2(key.publicKey.raw, message, signature.subarray(1))).toBe(false);
    expect(verifySm2(key.publicKey.raw.subarray(1), message, signature)).toBe(false);
    expect(verifySm2(offCurve, message, signature)).toBe(false);
  });

  it("come back from PKCS#8, which is refused when its halves do not belong together", () => {
    const key = generateSm2PrivateKey();
    const der = sm2PrivateKeyToDer(key);
    expect(sm2PrivateKeyFromDer(der)).toEqual(key);
    for (const broken of [
      der.subarray(1),
      der.subarray(0, -1),
      Buffer.concat([der.subarray(0, -65), Buffer.alloc(65)]),
    ]) {
      expect(() => sm2PrivateKeyFromDer(broken)).toThrow(/SM2/);
    }
    const tooLarge = Uint8Array.from(der).fill(0xff, 36, 68);
    expect(() => sm2PrivateKeyFromDer(tooLarge)).toThrow(/SM2/);
  });

  it("get a checkpoint certificate from the organization's authority", async () => {
    const ca = await createCertificateAuthority([{ type: "CN", value: "Org1MSP" }], dependencies);
    const { key, privateKeyDer } = await createCheckpointKey(ca, dependencies, "SM2");
    const signer = createCheckpointSigner("Org1MSP", privateKeyDer);
    expect(signer).toMatchObject({ algorithm: "SM2", publicKey: key.publicKey });
    expect(verifySm2(key.publicKey, message, signer.sign(message))).toBe(true);
    const certificate = new X509Certificate(key.certificate);
    const authority = new X509Certificate(ca.certificatePem);
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.subject).toContain("OU=checkpoint");
    const certified = bytesToHex(sm2PublicKeyToDer({ algorithm: "SM2", raw: key.publicKey }));
    expect(bytesToHex(key.certificate)).toContain(certified);
  });
});

// Skipped because the comparison needs the openssl command, version 3, which not every machine has.
describe.skipIf(!openssl)("SM2 signatures and OpenSSL", () => {
  it("OpenSSL verifies ours", () => {
    const key = generateSm2PrivateKey();
    const publicKey = file("ours.spki", sm2PublicKeyToDer(key.publicKey));
    const verify = (signature: Uint8Array, text: Uint8Array) =>
      run(
        ...[
          "pkeyutl",
          "-verify",
          "-rawin",
          "-in",
          file("message", text),
          "-sigfile",
          file("signature", toDer(signature)),
        ],
        ...["-pubin", "-inkey", publicKey, "-keyform", "DER", ...userId],
      );
    const signature = signSm2(key, message);
    expect(verify(signature, message)).toContain("Successfully");
    expect(() => verify(signature, utf8ToBytes("another"))).toThrow();
  });

  it("we verify OpenSSL's, made with a key of ours", () => {
    const key = generateSm2PrivateKey();
    const out = join(folder, "theirs.signature");
    run(
      ...["pkeyutl", "-sign", "-rawin", "-in", file("message", message), "-out", out],
      ...["-inkey", file("ours.pkcs8", sm2PrivateKeyToDer(key)), "-keyform", "DER", ...userId],
    );
    expect(verifySm2(key.publicKey.raw, message, fromDer(readFileSync(out)))).toBe(true);
  });

  it("reads OpenSSL's keys", () => {
    const path = join(folder, "theirs.pkcs8");
    run("genpkey", "-algorithm", "SM2", "-out", `${path}.pem`);
    run("pkcs8", "-topk8", "-nocrypt", "-in", `${path}.pem`, "-outform", "DER", "-out", path);
    const key = sm2PrivateKeyFromDer(readFileSync(path));
    expect(verifySm2(key.publicKey.raw, message, signSm2(key, message))).toBe(true);
  });
});

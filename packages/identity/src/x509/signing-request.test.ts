import { bytesToHex } from "@concordat/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { certifiedKeyToDer, generateSigningKey } from "../signing-keys.ts";
import { testAuthority } from "../testing/authority.ts";
import { makeSigningRequest } from "../testing/signing-request.ts";
import { derToPem, pemToDer } from "./pem.ts";
import { parseSigningRequest } from "./signing-request.ts";
import { certificateSummary } from "./summary.ts";

const refusal = expect.objectContaining({ code: "CERTIFICATE_REQUEST_INVALID" });

describe.each(["P-256", "Ed25519", "SM2"] as const)("a request for a key of %s", (algorithm) => {
  it("is read, its signature checked, and its key certified in the role that the authority gives", async () => {
    const key = await generateSigningKey(algorithm);
    const pem = makeSigningRequest(key, { commonName: "peer0", hosts: ["peer0.example", "localhost"] });
    const request = parseSigningRequest(pem);
    expect(request).toMatchObject({ subject: "CN=peer0", commonName: "peer0", hosts: ["peer0.example", "localhost"] });
    expect(bytesToHex(certifiedKeyToDer(request.publicKey))).toBe(bytesToHex(certifiedKeyToDer(key.publicKey)));
    const { authority } = await testAuthority("P-256");
    const certificate = await authority.issue({ role: "peer", commonName: "peer0", publicKey: request.publicKey });
    expect(certificateSummary(certificate)).toMatchObject({ role: "peer", publicKeyAlgorithm: algorithm });
  });

  it("is refused when another key has signed it", async () => {
    const [key, stolen] = [await generateSigningKey(algorithm), await generateSigningKey(algorithm)];
    const pem = makeSigningRequest(key, { commonName: "peer0", named: stolen });
    expect(() => parseSigningRequest(pem)).toThrow(refusal);
  });
});

it("takes requests without attributes, and under the label that older tools write", async () => {
  const pem = makeSigningRequest(await generateSigningKey("P-256"), { commonName: "a, b" });
  const older = pem.replaceAll("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
  expect(parseSigningRequest(older)).toMatchObject({ subject: "CN=a\\, b", hosts: [] });
});

it("refuses whatever is damaged and never fails otherwise", async () => {
  const pem = makeSigningRequest(await generateSigningKey("P-256"), { commonName: "peer0", hosts: ["a"] });
  const der = pemToDer("CERTIFICATE REQUEST", pem) ?? new Uint8Array(0);
  expect(() => parseSigningRequest("")).toThrow(refusal);
  fc.assert(
    fc.property(fc.nat({ max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Uint8Array.from(der);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      expect(() => parseSigningRequest(derToPem("CERTIFICATE REQUEST", damaged))).toThrow(refusal);
      expect(() => parseSigningRequest(derToPem("CERTIFICATE REQUEST", der.subarray(0, at)))).toThrow(refusal);
    }),
    { numRuns: 300 },
  );
});

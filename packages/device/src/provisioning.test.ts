import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { parseProvisioning, readProvisioning } from "./provisioning.ts";
import { fileOf, identityOf, vectorIdentity } from "./testing/identities.ts";

test.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)(
  "a provisioning file with %s is read",
  (algorithm) => {
    const identity = readProvisioning(fileOf(identityOf(algorithm)));
    expect(identity).toMatchObject({ iotId: vectorIdentity.iotId, productKey: vectorIdentity.productKey });
    expect(identity.key.algorithm).toBe(algorithm);
  },
);

const longRsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
const ellipticKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
const pem = { type: "pkcs8", format: "pem" } as const;
const rsaWith = (key: string) => ({ ...identityOf("rsa-1024"), key });

const { key: _key, ...withoutKey } = vectorIdentity;

test.each([
  ["null", null],
  ["a list", [vectorIdentity]],
  ["another format", { ...vectorIdentity, format: "concordat-device/2" }],
  ["a member that nobody knows", { ...vectorIdentity, note: "" }],
  ["an ID2 in lower case", { ...vectorIdentity, iotId: "2122232425262728292a2b2c" }],
  ["an ID2 that is a number", { ...vectorIdentity, iotId: 21 }],
  ["a short product key", { ...vectorIdentity, productKey: "a1B2c3D4e5" }],
  ["another algorithm", { ...vectorIdentity, algorithm: "3des" }],
  ["an algorithm that is a name of every object", { ...vectorIdentity, algorithm: "toString" }],
  ["no key", withoutKey],
  ["a short key", { ...vectorIdentity, key: vectorIdentity.key.slice(2) }],
  ["a key that is no hex", { ...vectorIdentity, key: `zz${vectorIdentity.key.slice(2)}` }],
  ["a key for another algorithm", { ...vectorIdentity, algorithm: "aes-256" }],
  ["hex for RSA", rsaWith(vectorIdentity.key)],
  ["an RSA key of 2048 bits", rsaWith(longRsa.export(pem).toString())],
  ["a key of another kind", rsaWith(ellipticKey.export(pem).toString())],
  ["a public key", rsaWith(publicKey.export({ type: "spki", format: "pem" }).toString())],
  ["damaged PEM", rsaWith("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")],
])("refused: %s", (_name, provisioning) => {
  expect(() => parseProvisioning(provisioning)).toThrow(expect.objectContaining({ code: "IDENTITY_UNUSABLE" }));
});

test.each([
  ["that is not there", `${fileOf("")}.missing`],
  ["that is not JSON", fileOf(`${vectorIdentity.key}`)],
  ["that is too large", fileOf(" ".repeat(16_385))],
])("a file %s is refused without quoting it", (_name, path) => {
  const refused = { code: "IDENTITY_UNUSABLE", message: expect.not.stringContaining(vectorIdentity.key) };
  expect(() => readProvisioning(path)).toThrow(expect.objectContaining(refused));
});

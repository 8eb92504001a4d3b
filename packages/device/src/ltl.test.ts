import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import {
  createLtlInfo,
  DeviceSigner,
  LTL_BAD_PARAMETER,
  LTL_IDENTITY_UNUSABLE,
  LTL_NOT_INITIALISED,
  LTL_OK,
  type LtlInfo,
  ltlGetSignature,
  ltlInit,
  ltlRelease,
  parseProvisioning,
  USER_DATA_BYTES_MAX,
} from "./index.ts";
import { digestInResult, fileOf, identityOf, sha256Hex, vectorIdentity, vectorRandom } from "./testing/identities.ts";

const { iotId, productKey } = vectorIdentity;
const timestamp = "1512022279204";
const noResults = {
  iotAuthType: "",
  iotAuthTypeLen: 0,
  iotId: "",
  iotIdLen: 0,
  iotDataDigest: "",
  iotDataDigestLen: 0,
  iotSignature: "",
  iotSignatureLen: 0,
};

function infoOf(more: Partial<LtlInfo> = {}): LtlInfo {
  return { ...createLtlInfo({ userData: "Proof-Data", iotIdServiceProvider: productKey, timestamp }), ...more };
}

afterEach(() => {
  ltlRelease();
});

test("fills the structure", () => {
  expect(ltlInit({ provisioning: vectorIdentity, random: vectorRandom })).toBe(LTL_OK);
  const info = infoOf({ userDataLen: 10, iotIdServiceProviderLen: 11, timestampLen: 13 });
  expect(ltlGetSignature(info)).toBe(LTL_OK);
  const digest = sha256Hex("Proof-Data").toUpperCase();
  const covered = Buffer.from(sha256Hex(`${iotId}ABABABABABABABAB${timestamp}${digest}`), "hex");
  const cipher = createCipheriv("aes-128-ecb", Buffer.from(vectorIdentity.key, "hex"), null);
  const result = Buffer.concat([cipher.update(covered), cipher.final()]).toString("base64");
  const signature = `3~2~ABABABABABABABAB~${timestamp}~${result}`;
  expect(info).toEqual({
    userData: "Proof-Data",
    userDataLen: 10,
    iotIdServiceProvider: productKey,
    iotIdServiceProviderLen: 11,
    timestamp,
    timestampLen: 13,
    iotAuthType: "ID2",
    iotAuthTypeLen: 3,
    iotId,
    iotIdLen: 24,
    iotDataDigest: digest,
    iotDataDigestLen: 64,
    iotSignature: signature,
    iotSignatureLen: signature.length,
  });
});

test.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)("what %s signs verifies", (algorithm) => {
  const identity = identityOf(algorithm);
  expect(ltlInit({ provisioning: identity })).toBe(LTL_OK);
  const data = fc.string({ unit: "binary", minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 9_999_999_999_999 }), (userData, timeMs) => {
      const info = infoOf({ userData, userDataLen: Buffer.byteLength(userData), timestamp: String(timeMs) });
      expect(ltlGetSignature(info)).toBe(LTL_OK);
      expect(info.iotDataDigest).toBe(sha256Hex(userData).toUpperCase());
      const [kind, hash, random = "", time, result = ""] = info.iotSignature.split("~");
      expect([kind, hash, time]).toEqual(["3", "2", String(timeMs)]);
      expect(random).toMatch(/^[0-9A-F]{16}$/);
      expect(digestInResult(identity, Buffer.from(result, "base64"))).toBe(
        sha256Hex(`${iotId}${random}${timeMs}${info.iotDataDigest}`),
      );
      expect(info.iotSignatureLen).toBeLessThanOrEqual(256);
    }),
  );
});

test("two signatures over one text differ", () => {
  ltlInit({ provisioning: vectorIdentity });
  const [first, second] = [infoOf(), infoOf()];
  ltlGetSignature(first);
  ltlGetSignature(second);
  expect(first.iotSignature).not.toBe(second.iotSignature);
});

test.each<readonly [string, Partial<LtlInfo>]>([
  ["no data", { userData: "" }],
  ["a lone surrogate", { userData: "\ud800" }],
  ["data that is too long", { userData: "a".repeat(USER_DATA_BYTES_MAX + 1) }],
  ["a length in characters, not bytes", { userData: "é", userDataLen: 1 }],
  ["a length of 0", { userDataLen: 0 }],
  ["a length that is no whole number", { userDataLen: 10.5 }],
  ["another product", { iotIdServiceProvider: "a1B2c3D4e5G" }],
  ["a wrong length of the product key", { iotIdServiceProviderLen: 10 }],
  ["a time that is no number", { timestamp: "yesterday" }],
  ["a wrong length of the time", { timestampLen: 12 }],
])("refused, with nothing in the results: %s", (_name, more) => {
  ltlInit({ provisioning: vectorIdentity });
  const info = infoOf({ ...more, iotSignature: "left from before", iotSignatureLen: 16 });
  expect(ltlGetSignature(info)).toBe(LTL_BAD_PARAMETER);
  expect(info).toMatchObject(noResults);
});

test("needs ltlInit, and again after ltlRelease", () => {
  expect(ltlGetSignature(infoOf())).toBe(LTL_NOT_INITIALISED);
  expect(ltlRelease()).toBe(LTL_NOT_INITIALISED);
  expect(ltlInit({ provisioning: vectorIdentity })).toBe(LTL_OK);
  expect(ltlRelease()).toBe(LTL_OK);
  const info = infoOf({ iotSignature: "left from before" });
  expect(ltlGetSignature(info)).toBe(LTL_NOT_INITIALISED);
  expect(info).toMatchObject(noResults);
});

test("takes the identity from a file, or from the file that the environment names", () => {
  const path = fileOf(vectorIdentity);
  expect(ltlInit({ provisioning: path, environment: {} })).toBe(LTL_OK);
  ltlRelease();
  expect(ltlInit({ environment: { CONCORDAT_DEVICE_IDENTITY: path } })).toBe(LTL_OK);
  expect(ltlGetSignature(infoOf())).toBe(LTL_OK);
  ltlRelease();
  expect(ltlInit({ environment: {} })).toBe(LTL_IDENTITY_UNUSABLE);
  expect(ltlInit({ environment: { CONCORDAT_DEVICE_IDENTITY: "" } })).toBe(LTL_IDENTITY_UNUSABLE);
  expect(ltlInit({ provisioning: `${path}.missing` })).toBe(LTL_IDENTITY_UNUSABLE);
});

test("a later ltlInit changes over; one that fails leaves the earlier identity", () => {
  ltlInit({ provisioning: vectorIdentity });
  const other = { ...vectorIdentity, iotId: "A".repeat(24) };
  expect(ltlInit({ provisioning: other })).toBe(LTL_OK);
  expect(ltlInit({ provisioning: { ...vectorIdentity, key: "" } })).toBe(LTL_IDENTITY_UNUSABLE);
  const info = infoOf();
  expect(ltlGetSignature(info)).toBe(LTL_OK);
  expect(info.iotId).toBe(other.iotId);
});

test("clearing overwrites a symmetric key and ends the signer", () => {
  const identity = parseProvisioning(vectorIdentity);
  const signer = new DeviceSigner({ identity }, { random: vectorRandom });
  signer.sign("data", timestamp);
  signer.clear();
  expect(identity.key).toMatchObject({ secret: new Uint8Array(16) });
  const refused = expect.objectContaining({ code: "KEY_CLEARED" });
  expect(() => signer.sign("data", timestamp)).toThrow(refused);
});

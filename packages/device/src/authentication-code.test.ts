import fc from "fast-check";
import { expect, test } from "vitest";
import { authenticationCode, CODE_CHARACTERS_MAX, type CodeKind } from "./authentication-code.ts";
import { type DeviceKeyAlgorithm, parseDeviceKey } from "./device-key.ts";
import { parseProvisioning } from "./provisioning.ts";
import { digestInResult, identityOf, sha256Hex, vectorIdentity } from "./testing/identities.ts";

const { iotId } = vectorIdentity;
const key = parseDeviceKey("aes-128", vectorIdentity.key);
const random = "ABABABABABABABAB";
const challenge = "55B83408399FA660F05C82E4F25333DC";
const timestamp = "1512022279204";

/** Kind, challenge, additional text, SHA-256 of what is covered, device's result. */
const vectors: readonly (readonly [CodeKind, string, string | undefined, string, string])[] = [
  [
    0,
    challenge,
    undefined,
    "920EAACDADE8AF10B7154173C2F92E697B2B7C0C6A4A923E6097A823D3B0D9CD",
    "4sx4q/vZtJeBciBhpfzBwLaw7kXg4s2mmZxSoehsKtyXnA1nt3r97vPi1Bnh6fF1",
  ],
  [
    2,
    challenge,
    "abcd1234",
    "157888C53414377BAB744339E069D354039F6EA9C73B0C000714C4BAF4A8E3F8",
    "PdEkTetZVHtD3+o64apuEnsgzwkqbJMfTJSMaHTSYFKXnA1nt3r97vPi1Bnh6fF1",
  ],
  [
    1,
    timestamp,
    undefined,
    "47349A522BB85BA0D20F10B964865DCF52CD13FF3C8B83C93E51D97A95042AFD",
    "8WFAQalYm+5++M4OKMtH2JOqsvOlS67rsX9ccSRpvWSXnA1nt3r97vPi1Bnh6fF1",
  ],
  [
    3,
    timestamp,
    "abcd1234",
    "1140825D382FDA6B00D859CD2A73486FB8DDEE69C591BACD490BF2703979C628",
    "3vxizdS0JVOKSqnsR8VsZd0xUnL7Uo2S4ojSgXnoxI6XnA1nt3r97vPi1Bnh6fF1",
  ],
];

test.each(vectors)("the vendor's example of kind %i", (kind, asked, extra, digest, result) => {
  expect(sha256Hex(iotId + random + asked + (extra ?? "")).toUpperCase()).toBe(digest);
  const code = authenticationCode({ kind, iotId, key, random, challenge: asked, ...(extra && { extra }) });
  expect(code).toBe(`${kind}~2~${random}~${asked}~${result}`);
});

test("the whole text of the last example", () => {
  expect(authenticationCode({ kind: 3, iotId, key, random, challenge: timestamp, extra: "abcd1234" })).toBe(
    "3~2~ABABABABABABABAB~1512022279204~3vxizdS0JVOKSqnsR8VsZd0xUnL7Uo2S4ojSgXnoxI6XnA1nt3r97vPi1Bnh6fF1",
  );
});

const algorithms: readonly DeviceKeyAlgorithm[] = ["aes-128", "aes-192", "aes-256", "rsa-1024"];
const upperHex = (length: number) =>
  fc
    .uint8Array({ minLength: length / 2, maxLength: length / 2 })
    .map((bytes) => Buffer.from(bytes).toString("hex").toUpperCase());
const kinds = fc.constantFrom<CodeKind>(0, 1, 2, 3);
const extras = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 512 });

test.each(algorithms)("a code under %s covers ID2, randomness, challenge and additional text", (algorithm) => {
  const identity = identityOf(algorithm);
  const { key } = parseProvisioning(identity);
  fc.assert(
    fc.property(kinds, upperHex(24), upperHex(16), fc.nat(), extras, (kind, iotId, random, number, extra) => {
      const asked = kind === 0 || kind === 2 ? number.toString(16) : String(number + 1);
      const covered = kind >= 2 ? extra : undefined;
      const code = authenticationCode({
        kind,
        iotId,
        key,
        random,
        challenge: asked,
        ...(covered && { extra: covered }),
      });
      const [type, hash, ownRandom, challenge, result = "", ...rest] = code.split("~");
      expect([type, hash, ownRandom, challenge, ...rest]).toEqual([String(kind), "2", random, asked]);
      expect(code.length).toBeLessThanOrEqual(CODE_CHARACTERS_MAX);
      const digest = digestInResult(identity, Buffer.from(result, "base64"));
      expect(digest).toBe(sha256Hex(iotId + random + asked + (covered ?? "")));
    }),
  );
});

const good = { kind: 3 as CodeKind, iotId, key, random, challenge: timestamp, extra: "abcd1234" };

test.each([
  ["ID2 in lower case", { ...good, iotId: iotId.toLowerCase() }],
  ["short ID2", { ...good, iotId: iotId.slice(1) }],
  ["short randomness", { ...good, random: random.slice(1) }],
  ["randomness in lower case", { ...good, random: random.toLowerCase() }],
  ["time that is no number", { ...good, challenge: "now" }],
  ["time with a leading zero", { ...good, challenge: "01512022279204" }],
  ["time with a sign between", { ...good, challenge: "1512022279204~1" }],
  ["challenge with the separator", { ...good, kind: 2 as const, challenge: "a~b" }],
  ["empty challenge", { ...good, kind: 2 as const, challenge: "" }],
  ["challenge of 65 characters", { ...good, kind: 2 as const, challenge: "a".repeat(65) }],
  ["empty additional text", { ...good, extra: "" }],
  ["additional text of 513 characters", { ...good, extra: "a".repeat(513) }],
  ["additional text beyond ASCII", { ...good, extra: "é" }],
  ["additional text on several lines", { ...good, extra: "a\nb" }],
  ["additional text of a kind that covers none", { ...good, kind: 1 as const }],
  ["no additional text", { kind: 3 as const, iotId, key, random, challenge: timestamp }],
])("refused: %s", (_name, input) => {
  expect(() => authenticationCode(input)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
});

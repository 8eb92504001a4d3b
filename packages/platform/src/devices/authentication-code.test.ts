import { createPublicKey, createSecretKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AuthenticationCode,
  type DeviceVerificationKey,
  parseAuthenticationCode,
  verifyAuthenticationCode,
} from "./authentication-code.ts";
import { signByDevice } from "./device.fixture.ts";
import type { DeviceKeyAlgorithm, DeviceProvisioning } from "./ports.ts";

/** @source Link ID2: published vectors of the authentication code */
const iotId = "2122232425262728292A2B2C";
const keyHex = "2122232425262728292A2B2C2D2E2F30";
const challenge = "55B83408399FA660F05C82E4F25333DC";
const time = "1512022279204";
const vectors = [
  { kind: 0, c: challenge, extra: "", b: "4sx4q/vZtJeBciBhpfzBwLaw7kXg4s2mmZxSoehsKtyXnA1nt3r97vPi1Bnh6fF1" },
  { kind: 2, c: challenge, extra: "abcd1234", b: "PdEkTetZVHtD3+o64apuEnsgzwkqbJMfTJSMaHTSYFKXnA1nt3r97vPi1Bnh6fF1" },
  { kind: 1, c: time, extra: "", b: "8WFAQalYm+5++M4OKMtH2JOqsvOlS67rsX9ccSRpvWSXnA1nt3r97vPi1Bnh6fF1" },
  { kind: 3, c: time, extra: "abcd1234", b: "3vxizdS0JVOKSqnsR8VsZd0xUnL7Uo2S4ojSgXnoxI6XnA1nt3r97vPi1Bnh6fF1" },
].map(({ kind, c, extra, b }) => ({ kind, extra, text: `${kind}~2~ABABABABABABABAB~${c}~${b}` }));
const vectorKey: DeviceVerificationKey = { algorithm: "aes-128", key: createSecretKey(Buffer.from(keyHex, "hex")) };

function isGood(text: string, extra: string, id = iotId, key = vectorKey): boolean {
  const code = parseAuthenticationCode(text);
  return code !== undefined && verifyAuthenticationCode(code, { iotId: id, extra }, key);
}

describe("the published vectors", () => {
  it.each(vectors)("$text", ({ text, extra }) => {
    expect(isGood(text, extra)).toBe(true);
    // With extra and without are told apart, whatever the code says.
    expect(isGood(text, extra === "" ? "abcd1234" : "")).toBe(false);
    expect(isGood(text, `${extra}0`)).toBe(false);
    expect(isGood(text, extra, "2122232425262728292A2B2D")).toBe(false);
  });

  /** Every printable character in place of every character. The kind alone is not covered by the code's proof. */
  it.each(vectors)("no changed character is taken: $text", ({ kind, text, extra }) => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    const taken: string[] = [];
    for (let at = 0; at < text.length; at++) {
      for (const character of printable) {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        if (changed !== text && isGood(changed, extra)) taken.push(`${at}: ${character}`);
      }
      expect(isGood(text.slice(0, at) + text.slice(at + 1), extra)).toBe(false);
    }
    // A challenge may be any text, so that a time can be one; a time cannot be any text.
    expect(taken).toEqual({ 0: [], 1: ["0: 0"], 2: ["0: 3"], 3: ["0: 2"] }[kind]);
  });
});

describe("each algorithm", () => {
  const provisioned = (algorithm: DeviceKeyAlgorithm): { device: DeviceProvisioning; key: DeviceVerificationKey } => {
    const common = { format: "concordat-device/1", iotId, productKey: "u3RNZE7B4sk", algorithm } as const;
    if (algorithm === "rsa-1024") {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
      const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
      return { device: { ...common, key: pem }, key: { algorithm, key: createPublicKey(privateKey) } };
    }
    const bytes = Buffer.alloc(Number(algorithm.slice(4)) / 8, 7);
    return { device: { ...common, key: bytes.toString("hex") }, key: { algorithm, key: createSecretKey(bytes) } };
  };

  it.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)("%s", (algorithm) => {
    const { device, key } = provisioned(algorithm);
    const other = provisioned(
      algorithm === "rsa-1024" ? "rsa-1024" : algorithm === "aes-256" ? "aes-192" : "aes-256",
    ).key;
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.nat(),
        fc.constantFrom("0", "1", "2", "3"),
        (data, timeMs, kind) => {
          const { signature, dataDigest } = signByDevice(device, data, { timeMs, kind });
          const extra = Number(kind) >= 2 ? dataDigest : "";
          expect(isGood(signature, extra, iotId, key)).toBe(true);
          expect(isGood(signature, extra, iotId, other)).toBe(false);
          if (extra !== "")
            expect(isGood(signature, extra.toLowerCase(), iotId, key)).toBe(extra === extra.toLowerCase());
        },
      ),
      { numRuns: 40 },
    );
  });
});

it.each([
  ["", "nothing"],
  ["4~2~ABABABABABABABAB~1~AAAA", "another kind"],
  ["3~1~ABABABABABABABAB~1~AAAA", "another hash"],
  ["3~2~ababABABABABABAB~1~AAAA", "lower case"],
  ["3~2~ABABABABABABABA~1~AAAA", "15 digits"],
  ["3~2~ABABABABABABABAB~~AAAA", "no challenge"],
  ["3~2~ABABABABABABABAB~1~", "no result"],
  ["3~2~ABABABABABABABAB~1~AAAA~", "a sixth part"],
  ["3~2~ABABABABABABABAB~1~AAAB=", "base64 of no form"],
  ["3~2~ABABABABABABABAB~1~AB==", "base64 of another form"],
  [`3~2~ABABABABABABABAB~1~${"A".repeat(600)}`, "too long"],
  ["1~2~ABABABABABABABAB~AB~AAAA", "a time that is none"],
  ["3~2~ABABABABABABABAB~1~AAAA\n", "a line's end"],
])("%j is no code: %s", (text) => {
  expect(parseAuthenticationCode(text)).toBeUndefined();
});

it.each<[string, AuthenticationCode["timestampMs"]]>([
  ["1512022279204", 1512022279204],
  ["0", 0],
  ["01", undefined],
  ["1234567890123456", undefined],
  ["55B83408399FA660F05C82E4F25333DC", undefined],
])("the challenge %s is the time %s", (text, timestampMs) => {
  expect(parseAuthenticationCode(`2~2~ABABABABABABABAB~${text}~AAAA`)).toMatchObject({ challenge: text, timestampMs });
});

import { createHash } from "node:crypto";
import { bytesToHex, hexToBytes } from "@concordat/base";
import fc from "fast-check";
import { sm2 } from "sm-crypto-v2";
import { describe, expect, it, test } from "vitest";
import {
  ed25519PublicKeyFromRaw,
  ed25519PublicKeyToRaw,
  generatePrivateKey,
  signMessage,
  verifySignature,
} from "../keys.ts";
import { decodeBase58, encodeBase58 } from "./base58.ts";
import {
  bidIdentityOf,
  bidOfPublicKey,
  bidPrivateKeyFromText,
  bidPrivateKeyText,
  bidPublicKeyFromText,
  bidPublicKeyText,
  ed25519PrivateKeyFromRaw,
  isBid,
} from "./bid.ts";

const ones = new Uint8Array(32).fill(1);
const onesKey = ed25519PrivateKeyFromRaw(ones);
const sha256 = (hex: string) => createHash("sha256").update(hexToBytes(hex)).digest("hex");

describe("addresses of public keys", () => {
  it.each([
    [
      "b065660ae694d678de4d648e04f4b86247fae59cef3590da8370664a520d9aaaaf1de3",
      undefined,
      "did:bid:ef28pM9MG3TGXGyWAW4JpWCFsJDd5MBnc",
    ],
    [
      "b065660ad4b4d603c6794115a6749a4b7ea9987fb61f457680b8751c5c12dab9c1a19e",
      undefined,
      "did:bid:efHAvQztBKA7hT2BgHLeqtez5QQ964w8",
    ],
    [
      "b065660ad4b4d603c6794115a6749a4b7ea9987fb61f457680b8751c5c12dab9c1a19e",
      "by01",
      "did:bid:by01:efHAvQztBKA7hT2BgHLeqtez5QQ964w8",
    ],
    [
      "b065668a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
      undefined,
      "did:bid:efmcEjuFDCKHSJugUvMN6YQ14p2EVvTP",
    ],
    [
      "b06566b9906e1b50e81501369cc777979f8bcf27bd1917d794fa6d5e320b1ccc4f48bb",
      undefined,
      "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2",
    ],
    [
      "b0656678dd001d259ff0af9b7d1e644b87a47c23420819b112573c8f3eb49b9530f4e6",
      undefined,
      "did:bid:eft6d191modv1cxBC43wjKHk85VVhQDc",
    ],
    [
      "b07a6604bba87803d5e12788b07a912ae5368e7b2720bd19b93920bdbf2e9b6286da9c4e2bc093830dc0762b8e144b80ae18447b1bf6c670b93bda9a80795768af5a901e",
      undefined,
      "did:bid:zfxknkQDn7qLDhtNBmu5FN71DAH1WZoD",
    ],
  ])("%s", (text, chainCode, bid) => {
    const { algorithm, raw } = bidPublicKeyFromText(text);
    expect(bidOfPublicKey(algorithm, raw, chainCode)).toBe(bid);
    expect(bidPublicKeyText(algorithm, raw)).toBe(text);
    expect(isBid(bid)).toBe(true);
  });

  it("does not give Bitcoin's alphabet", () => {
    expect(encodeBase58(Uint8Array.of(10))).toBe("b");
    expect(["b", "B", "u", "U"].map((letter) => decodeBase58(letter)[0])).toEqual([10, 34, 27, 52]);
  });
});

describe("private keys", () => {
  it.each([
    ["priSPKkWVk418PKAS66q4bsiE2c4dKuSSafZvNWyGGp2sJVtXL", "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2"],
    ["priSPKff1hvKVFYYFKSgfMb17wJ4dYZAHhLREarvh4Cy6fgn5b", "did:bid:eft6d191modv1cxBC43wjKHk85VVhQDc"],
    ["priSPKdShh7K26GRS9pzE9UJyVgfT6MSaoisGLP9gNgfe8rhKN", "did:bid:efmcEjuFDCKHSJugUvMN6YQ14p2EVvTP"],
  ])("%s of Ed25519", (text, bid) => {
    const { algorithm, raw } = bidPrivateKeyFromText(text);
    expect(algorithm).toBe("Ed25519");
    const identity = bidIdentityOf(ed25519PrivateKeyFromRaw(raw));
    expect(identity).toMatchObject({ bid, privateKey: text });
    expect(bidPublicKeyFromText(identity.publicKey).algorithm).toBe("Ed25519");
  });

  it.each([
    ["priSrrdmubY2H8N9dNEKym8fM9jHWwnQ4GfgncQwkZroLM9SYQ", "did:bid:zfxknkQDn7qLDhtNBmu5FN71DAH1WZoD"],
    ["priSrrstxpMCKMa9G6d41rZ4iwzKbGeqJrXqeWZYXVo2pct24L", "did:bid:zf4iG7WK6MZscmm5WtjFjdL9Q1Zydgei"],
  ])("%s of SM2", (text, bid) => {
    const { algorithm, raw } = bidPrivateKeyFromText(text);
    expect(algorithm).toBe("SM2");
    expect(bidPrivateKeyText("SM2", raw)).toBe(text);
    expect(bidOfPublicKey("SM2", hexToBytes(sm2.getPublicKeyFromPrivateKey(bytesToHex(raw))))).toBe(bid);
  });

  it("takes 32 bytes of 01 in both forms", () => {
    expect(bidPrivateKeyText("Ed25519", ones)).toBe("priSPKdShh7K26GRS9pzE9UJyVgfT6MSaoisGLP9gNgfe8rhKN");
    expect(bidPrivateKeyText("SM2", ones)).toBe("priSrrdmubY2H8N9dNEKym8fM9jHWwnQ4GfgncQwkZroLM9SYQ");
  });

  it("writes fresh keys so that they read back", async () => {
    const key = await generatePrivateKey("Ed25519");
    const identity = bidIdentityOf(key);
    const again = bidIdentityOf(ed25519PrivateKeyFromRaw(bidPrivateKeyFromText(identity.privateKey).raw));
    expect(again).toEqual(identity);
    expect(ed25519PublicKeyToRaw(key.publicKey)).toEqual(bidPublicKeyFromText(identity.publicKey).raw);
  });
});

const PAYMENT =
  "0a286469643a6269643a65666d63456a754644434b48534a756755764d4e3659513134703245567654501001225e080712286469643a6269643a65666d63456a754644434b48534a756755764d4e36595131347032455676545052300a296469643a6269643a65663238704d394d47335447584779574157344a70574346734a4464354d426e631080c2d72f3080dac40938e807";
const METADATA =
  "0a286469643a6269643a65666d63456a754644434b48534a756755764d4e3659513134703245567654501002220a08043a060a016b1201762a046e6f74653080dac40938e807";
/** The document's sample, which lost its first digit there. */
const SAMPLE =
  "0A296469643A6269643A6652665770673644675A6B3232346F7A5570644343654C5A6231394635705238511001225A080712296469643A6269643A666D6E7A42315A724156375966727933665759795071646B6A57776F7458635258622B0A296469643A6269643A6841706E5959474C4550614678467A35543946383374485A6242474338483776513080DAC40938E807";

test.each([
  [
    "bytes",
    "0a0b0c",
    undefined,
    "c95162175155b63e8a681a6ed5bd4ddb556810b3b61c5bc42c3d37312e6e32434940c4dc568364da9e61216c5f83feea1912c55ed061ea1782d83a2a42fdb502",
  ],
  [
    "the document's blob",
    SAMPLE,
    "5985ac10a6cda2f4b6c910f11bffed35fa504e53125c045d1fbbade6b335da50",
    "aaec23d8108f39d93430e424209658b436417a3dd27c0aa704b682d6c7f95bb88300b385dcb93d30db478fbe250428f825f933b6004a6c3c509647deb43a1a0b",
  ],
  [
    "a payment",
    PAYMENT,
    "1157e3892216a236b5fe6d908f07c0c7d0ff30034e7b8d3d117cca03fcf81de2",
    "5e68501430a290d390dbfd628fe3c36bc7ca24d110af8c40a2424ed68cf8c1df506fcb685840fa64f172f8646820bc22bae8e4d18221843f553bb60de556fc0c",
  ],
  [
    "metadata",
    METADATA,
    "82504048a4f6ddf2fa10917dd96769ae67ff2a69f139f34b4d405357c67fa941",
    "ac9c1ae176a17fa4d4f38b90c6e5b68355d8d38f8a68a1e76918a0dbaa43d3c7578d54f3cdb30785f84fc621391991c5b30266627bd79ab829502273182e390c",
  ],
])("signs %s as the SDK does", (_name, message, transactionHash, signature) => {
  expect(bytesToHex(signMessage(onesKey, hexToBytes(message)))).toBe(signature);
  const publicKey = ed25519PublicKeyFromRaw(ed25519PublicKeyToRaw(onesKey.publicKey));
  expect(verifySignature(publicKey, hexToBytes(message), hexToBytes(signature))).toBe(true);
  if (transactionHash !== undefined) expect(sha256(message)).toBe(transactionHash);
});

test("base58 reads what it writes, leading zeros too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes);
    }),
  );
});

test("other texts are no addresses", () => {
  const address = "did:bid:efmcEjuFDCKHSJugUvMN6YQ14p2EVvTP";
  const others = [
    "",
    "did:bid:",
    address.slice(0, -3),
    `${address}P1111`,
    address.replace("did:bid:ef", "did:bid:xf"),
    address.replace("did:bid:", "did:bid:TOOLONG:"),
    address.replace("V", "0"),
    address.toUpperCase(),
  ];
  expect(others.filter(isBid)).toEqual([]);
});

test.each([
  ["another mark", "b165668a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"],
  ["another algorithm", "b073668a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"],
  ["another encoding", "b065738a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"],
  ["a byte less", "b065668a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f"],
  ["no hex", "b06566xx88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"],
  ["nothing", ""],
])("a public key with %s is refused", (_name, text) => {
  expect(() => bidPublicKeyFromText(text)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
});

test.each([
  "",
  "1",
  "priSPK",
  "0riSPKdShh7K26GRS9pzE9UJyVgfT6MSaoisGLP9gNgfe8rhKN",
  "1".repeat(300),
  "priSPKdShh7K26GRS9pzE9UJyVgfT6MSaoisGLP9gNgfe8rhKNN",
])("%s is refused as a private key", (text) => {
  expect(() => bidPrivateKeyFromText(text)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
});

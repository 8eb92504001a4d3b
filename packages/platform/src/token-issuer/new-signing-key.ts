import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { bytesToHex, type Clock, type RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { SigningKeyRow } from "../control-store/rows.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { SigningPurpose } from "./ports.ts";

const generate = promisify(generateKeyPair);
const RSA_BITS = 2_048;
const HMAC_KEY_BYTES = 32;

export interface KeyMaking {
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** A fresh key, sealed: RSA as PKCS#8, made off the main thread, or 256 random bits. */
export async function newSigningKey(
  purpose: SigningPurpose,
  { sealer, clock, random }: KeyMaking,
): Promise<SigningKeyRow> {
  const keyId = bytesToHex(random.bytes(16));
  const made = purpose === "oauth" ? await newRsaKey(keyId) : { secret: random.bytes(HMAC_KEY_BYTES), publicJwk: null };
  return {
    keyId,
    purpose,
    publicJwk: made.publicJwk,
    keySealed: sealer.seal(sealingPurposes.signingKey(keyId), made.secret),
    createdMs: clock.nowMs(),
    retiredMs: null,
  };
}

async function newRsaKey(keyId: string) {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: RSA_BITS });
  return {
    secret: new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" })),
    publicJwk: { ...publicKey.export({ format: "jwk" }), kid: keyId, alg: "RS256", use: "sig" },
  };
}

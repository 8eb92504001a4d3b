import { sha256 } from "./envelopes.ts";
import type { FixtureKey } from "./keys.ts";

export interface Signer {
  readonly mspId: string;
  readonly key: FixtureKey;
}

/** What a key id hashes between name and key. */
export const ALGORITHM_BYTES = { Ed25519: Buffer.from([1]), SM2: Buffer.from("\u00ffSM2", "latin1") };

/** The signed note over a body. */
export function note(origin: string, body: string, signers: readonly Signer[]): string {
  const lines = signers.map(({ mspId, key }) => {
    const keyId = sha256(Buffer.from(`${origin}/${mspId}\n`), ALGORITHM_BYTES[key.algorithm], key.publicKey).subarray(
      0,
      4,
    );
    const line = `\u2014 ${origin}/${mspId} ${Buffer.concat([keyId, key.sign(Buffer.from(body))]).toString("base64")}\n`;
    return { order: `${mspId} ${keyId.toString("hex")}`, line };
  });
  return `${body}\n${lines
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ line }) => line)
    .join("")}`;
}

import { createPrivateKey, sign } from "node:crypto";
import type { Signer } from "@hyperledger/fabric-gateway";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Signs with OpenSSL instead of in JavaScript, whole messages: goes with the client's hash `none`. */
export function nativeSigner(privateKeyPem: string): Signer {
  const key = createPrivateKey(privateKeyPem);
  return async (message) => {
    const raw = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
    const s = BigInt(`0x${raw.subarray(32).toString("hex")}`);
    // Fabric takes the lower of the two values that verify.
    const low = s > ORDER / 2n ? ORDER - s : s;
    const content = Buffer.concat([
      integer(raw.subarray(0, 32)),
      integer(Buffer.from(low.toString(16).padStart(64, "0"), "hex")),
    ]);
    return Buffer.concat([Buffer.of(0x30, content.length), content]);
  };
}

/** DER of a positive number of up to 32 bytes. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = bytes.subarray(first === -1 ? bytes.length - 1 : first);
  const content = (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), shortest]) : shortest;
  return Buffer.concat([Buffer.of(2, content.length), content]);
}

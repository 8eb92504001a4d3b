import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { certificateParts, certificateUnits, pemBody } from "../../core/certificate.ts";
import { derHex, derValues } from "../../core/der.ts";
import { Fault } from "../../core/fault.ts";
import { ForeignMessage } from "../../core/foreign-message.ts";

/** A serialized identity with its certificate read. Nothing here says that its organization stands for it. */
export interface Identity {
  readonly mspId: string;
  /** As it was read. */
  readonly serialized: Uint8Array;
  /** The same for all encodings of one certificate: MSP id and serial number. */
  readonly name: string;
  readonly certificate: X509Certificate;
  readonly units: readonly string[];
  /** Contents of the INTEGER, lower-case hex. */
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly key: MemberKey;
}

export interface MemberKey {
  readonly key: KeyObject;
  /** ECDSA only: half of the group's order, the greatest `s` that a signature may have. */
  readonly sMax: bigint | undefined;
}

const HALF_ORDERS: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n / 2n,
  secp384r1: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n / 2n,
};
const IDENTITIES_MAX = 10_000;

/** The identities met so far, by their bytes: reading a certificate costs as much as checking several signatures. */
export class IdentityReader {
  readonly #known = new Map<string, Identity>();

  /** @throws Fault when the bytes are no identity whose key this ledger takes */
  read(serialized: Uint8Array): Identity {
    const bytes = Buffer.from(serialized.buffer, serialized.byteOffset, serialized.length).toString("latin1");
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    const identity = readIdentity(serialized);
    if (this.#known.size >= IDENTITIES_MAX) this.#known.clear();
    this.#known.set(bytes, identity);
    return identity;
  }
}

function readIdentity(serialized: Uint8Array): Identity {
  const message = new ForeignMessage(serialized, { 1: "bytes", 2: "bytes" });
  const der = pemBody("CERTIFICATE", message.text(2));
  if (der === undefined) throw new Fault("an identity holds no certificate in PEM");
  const certificate = certificateOf(der);
  const { serialNumber } = certificateParts(der);
  if (serialNumber === undefined) throw new Fault("a certificate has no serial number");
  const mspId = message.text(1);
  const serial = derHex(der, serialNumber);
  return {
    mspId,
    serialized: Uint8Array.from(serialized),
    name: `${mspId} ${serial}`,
    certificate,
    units: certificateUnits(der),
    serialNumber: serial,
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    key: memberKeyOf(certificate),
  };
}

function certificateOf(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new Fault("an identity's certificate cannot be read");
  }
}

function memberKeyOf(certificate: X509Certificate): MemberKey {
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType === "ed25519") return { key: publicKey, sMax: undefined };
  const sMax = HALF_ORDERS[publicKey.asymmetricKeyDetails?.namedCurve ?? ""];
  if (publicKey.asymmetricKeyType !== "ec" || sMax === undefined)
    throw new Fault("an identity's key is neither ECDSA on P-256 or P-384 nor Ed25519");
  return { key: publicKey, sMax };
}

/** Whether the `s` of an ECDSA signature is in the lower half; true for other keys. What is no signature has none. */
export function hasLowS({ sMax }: MemberKey, signature: Uint8Array): boolean {
  if (sMax === undefined) return true;
  try {
    const [pair] = derValues(signature);
    const s = pair && derValues(signature, pair.start, pair.end)[1];
    return s !== undefined && BigInt(`0x${derHex(signature, s)}`) <= sMax;
  } catch {
    return false;
  }
}

/** ECDSA over SHA-256 in strict DER, or Ed25519, on a thread of the pool. The bytes are copied at once. */
export function verifyLater({ key, sMax }: MemberKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const digest = sMax === undefined ? null : "sha256";
      verify(digest, message, key, signature, (error, holds) => resolve(error === null && holds));
    } catch {
      resolve(false);
    }
  });
}

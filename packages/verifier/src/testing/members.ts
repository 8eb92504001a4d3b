import { createECDH, createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { bytesField, message } from "./encode.ts";
import { der, type FixtureOrganization, fixtureOrganization, name, oid, pem, sequence } from "./keys.ts";

/** A key that signs as Fabric's clients and peers do. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly publicKeyInfo: Buffer;
  readonly order: bigint | undefined;
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P384_ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));

/** A P-256 key made from a name. */
export function p256Key(seed: string): SigningKey {
  const ecdh = createECDH("prime256v1");
  const d = createHash("sha256").update(seed).digest();
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const part = (bytes: Buffer) => bytes.toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", d: part(d), x: part(point.subarray(1, 33)), y: part(point.subarray(33)) };
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const curve = sequence(oid("2a8648ce3d0201"), oid("2a8648ce3d030107"));
  return { privateKey, publicKeyInfo: sequence(curve, der(0x03, Buffer.from([0]), point)), order: P256_ORDER };
}

export function p384Key(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  return { privateKey, publicKeyInfo: publicKey.export({ format: "der", type: "spki" }), order: P384_ORDER };
}

export function ed25519Key(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, publicKeyInfo: publicKey.export({ format: "der", type: "spki" }), order: undefined };
}

/** ECDSA over SHA-256 in DER with `s` in the lower half, or in the upper one; Ed25519 over the message. */
export function signAs({ privateKey, order }: SigningKey, bytes: Uint8Array, half: "low" | "high" = "low"): Buffer {
  if (order === undefined) return sign(null, bytes, privateKey);
  const pair = sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const r = BigInt(`0x${pair.subarray(0, pair.length / 2).toString("hex")}`);
  const s = BigInt(`0x${pair.subarray(pair.length / 2).toString("hex")}`);
  const isHigh = s > order / 2n;
  return sequence(integer(r), integer(isHigh === (half === "high") ? s : order - s));
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return der(0x02, Buffer.from((bytes[0] ?? 0) >= 0x80 ? [0] : []), bytes);
}

/** Somebody with a certificate and its key. */
export interface FixtureMember {
  readonly mspId: string;
  readonly serial: number;
  readonly key: SigningKey;
  /** A serialized identity. */
  readonly serialized: Buffer;
}

export interface MemberOptions {
  readonly units: readonly string[];
  readonly serial: number;
  /** UTCTime. */
  readonly from?: string;
  readonly to?: string;
  readonly key?: SigningKey;
}

/** An organization's authority on P-256, and the members that it certified. */
export class FixtureAuthority {
  readonly mspId: string;
  readonly caPem: string;
  readonly #key: SigningKey;
  readonly #name: Buffer;

  /** @param label tells authorities of one organization apart */
  constructor(mspId: string, label = "members") {
    this.mspId = mspId;
    this.#key = p256Key(`${mspId} ${label}`);
    this.#name = name(`${label}.${mspId}`, "ca");
    this.caPem = pem(this.#certify(this.#name, this.#key, 1));
  }

  member({ units, serial, from, to, key = p256Key(`${this.mspId} ${serial}`) }: MemberOptions): FixtureMember {
    const certificate = this.#certify(name(`member ${serial}`, ...units), key, serial, from, to);
    const serialized = message(bytesField(1, this.mspId), bytesField(2, pem(certificate)));
    return { mspId: this.mspId, serial, key, serialized };
  }

  /** A revocation list in PEM. */
  revocationList(serials: readonly number[], signer: SigningKey = this.#key): string {
    const time = der(0x17, Buffer.from("230102000000Z"));
    const entries = serials.map((serial) => sequence(integer(BigInt(serial)), time));
    const parts = [der(0x02, Buffer.from([1])), ECDSA_SHA256, this.#name, time, time];
    const body = sequence(...parts, ...(entries.length > 0 ? [sequence(...entries)] : []));
    const list = sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signAs(signer, body)));
    return pem(list).replaceAll("CERTIFICATE", "X509 CRL");
  }

  #certify(
    subject: Buffer,
    { publicKeyInfo }: SigningKey,
    serial: number,
    from = "230101000000Z",
    to = "450101000000Z",
  ): Buffer {
    const date = (value: string) => der(0x17, Buffer.from(value));
    const body = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      integer(BigInt(serial)),
      ECDSA_SHA256,
      this.#name,
      sequence(date(from), date(to)),
      subject,
      publicKeyInfo,
    );
    return sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signAs(this.#key, body)));
  }
}

/** The organization as a channel's configuration has it. */
export function withAuthority(
  { mspId, caPem }: FixtureAuthority,
  revocationLists: readonly string[] = [],
): FixtureOrganization {
  return { ...fixtureOrganization(mspId), moreCaPems: [caPem], revocationLists };
}

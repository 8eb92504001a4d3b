import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { ConcordatError } from "@concordat/base";
import {
  type CertificateChain,
  type ChainVerifier,
  certificateFromPem,
  createChainVerifier,
  NODE_UNITS,
} from "@concordat/identity";
import type { ChannelConfig, OrganizationConfig } from "../ports.ts";
import { FieldReader, readOrUndefined, singular } from "./field-reader.ts";
import { isLowS } from "./low-s.ts";
import type { ChannelMsps, Member, MemberFault, MemberRole, MemberVerdict } from "./ports.ts";

export interface ChannelMspsOptions {
  /** Identities that are kept after their issuer's signature was checked; the oldest goes first. 4,096 when left out. */
  readonly identitiesMax?: number;
}

const IDENTITIES_MAX = 4_096;

/**
 * The MSPs of one channel configuration. What an authority has signed is kept, so that the same identity costs a look-up the next time; its
 * period and the revocation lists are judged at each call. Only identities that an authority of the channel issued take room.
 *
 * A configuration whose certificates or lists cannot be read makes no members of that organization (`unsupported`).
 */
export function createChannelMsps(config: ChannelConfig, options: ChannelMspsOptions = {}): ChannelMsps {
  return new CachedMsps(config, options.identitiesMax ?? IDENTITIES_MAX);
}

/** Fabric's `msp.SerializedIdentity`, read leniently. Undefined when it is malformed. */
export function deserializeMember(
  serialized: Uint8Array,
): { readonly mspId: string; readonly certificatePem: string } | undefined {
  return readOrUndefined(() => {
    const reader = FieldReader.of(serialized, singular(1, 2));
    let [mspId, certificatePem] = ["", ""];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) mspId = reader.string();
      else if (field === 2) certificatePem = reader.string();
    }
    return { mspId, certificatePem };
  });
}

interface KnownIdentity {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly serialized: Uint8Array;
  readonly chain: CertificateChain;
  member?: Member;
}

class CachedMsps implements ChannelMsps {
  readonly config: ChannelConfig;
  readonly #organizations: ReadonlyMap<string, OrganizationConfig>;
  readonly #verifiers = new Map<string, ChainVerifier | undefined>();
  readonly #known = new Map<string, KnownIdentity>();
  readonly #identitiesMax: number;

  constructor(config: ChannelConfig, identitiesMax: number) {
    this.config = config;
    this.#identitiesMax = identitiesMax;
    this.#organizations = new Map(config.organizations.map((organization) => [organization.mspId, organization]));
  }

  identify(serializedIdentity: Uint8Array, atMs: number): MemberVerdict {
    const { buffer, byteOffset, length } = serializedIdentity;
    const key = Buffer.from(buffer, byteOffset, length).toString("latin1");
    const known = this.#known.get(key) ?? this.#learn(key, serializedIdentity);
    if ("fault" in known) return known;
    const verdict = known.chain.judge({ atMs, listAge: "ignored" });
    if (!verdict.valid) return { fault: verdict.reason, mspId: known.mspId };
    const { role, serialNumber } = verdict.certificate;
    const unit = NODE_UNITS.find((name) => name === role);
    if (unit === undefined) return { fault: "unknown-role", mspId: known.mspId };
    known.member ??= new CertifiedMember(known, unit, serialNumber);
    return { member: known.member };
  }

  #learn(key: string, serialized: Uint8Array): KnownIdentity | (MemberVerdict & { readonly fault: MemberFault }) {
    const identity = deserializeMember(serialized);
    if (identity === undefined || identity.certificatePem === "") {
      return { fault: "malformed", mspId: identity?.mspId };
    }
    const { mspId, certificatePem } = identity;
    const organization = this.#organizations.get(mspId);
    if (organization === undefined) return { fault: "unknown-msp", mspId };
    const verifier = this.#verifierOf(organization);
    if (verifier === undefined) return { fault: "unsupported", mspId };
    const chain = unlessUnreadable(() => verifier.chainOf(certificatePem));
    if (chain === undefined) return { fault: "malformed", mspId };
    if (chain.issuerFault !== undefined) return { fault: chain.issuerFault, mspId };
    const known: KnownIdentity = { mspId, certificatePem, serialized: serialized.slice(), chain };
    this.#keep(key, known);
    return known;
  }

  #keep(key: string, known: KnownIdentity): void {
    const oldest = this.#known.size >= this.#identitiesMax ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, known);
  }

  #verifierOf({ mspId, caCertificates, revocationLists = [] }: OrganizationConfig): ChainVerifier | undefined {
    if (!this.#verifiers.has(mspId)) {
      const options = { authorities: caCertificates, crls: revocationLists };
      this.#verifiers.set(
        mspId,
        unlessUnreadable(() => createChainVerifier(options)),
      );
    }
    return this.#verifiers.get(mspId);
  }
}

function unlessUnreadable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConcordatError && error.code === "CERTIFICATE_INVALID") return undefined;
    throw error;
  }
}

class CertifiedMember implements Member {
  readonly mspId: string;
  readonly role: MemberRole;
  readonly units: readonly string[];
  readonly certificatePem: string;
  readonly serialNumber: string;
  readonly serialized: Uint8Array;
  #key: SignatureKey | undefined;

  constructor(identity: KnownIdentity, role: MemberRole, serialNumber: string) {
    this.mspId = identity.mspId;
    this.role = role;
    this.units = identity.chain.units;
    this.certificatePem = identity.certificatePem;
    this.serialNumber = serialNumber;
    this.serialized = identity.serialized;
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    this.#key ??= readKey(this.certificatePem);
    const { kind, keyObject } = this.#key;
    if (kind === "none" || keyObject === undefined) return false;
    try {
      if (kind === "Ed25519") return verify(null, message, keyObject, signature);
      return isLowS(signature, kind) && verify("sha256", message, keyObject, signature);
    } catch {
      // OpenSSL's way to say that the bytes are no signature at all.
      return false;
    }
  }
}

interface SignatureKey {
  readonly kind: "P-256" | "P-384" | "Ed25519" | "none";
  readonly keyObject?: KeyObject;
}

/** Of another kind of key nothing is taken for a signature: Fabric's MSP reads no other. */
function readKey(certificatePem: string): SignatureKey {
  try {
    const { publicKey } = new X509Certificate(certificateFromPem(certificatePem));
    const kind = kindOf(publicKey);
    return kind === "none" ? { kind } : { kind, keyObject: publicKey };
  } catch {
    return { kind: "none" };
  }
}

function kindOf(key: KeyObject): SignatureKey["kind"] {
  if (key.asymmetricKeyType === "ed25519") return "Ed25519";
  if (key.asymmetricKeyType !== "ec") return "none";
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return "P-256";
  return curve === "secp384r1" ? "P-384" : "none";
}

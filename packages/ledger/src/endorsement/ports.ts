import type { CertificateRole, ChainFault } from "@concordat/identity";
import type { ChannelConfig } from "../ports.ts";

/** The four roles that node units give. */
export type MemberRole = Extract<CertificateRole, "client" | "peer" | "admin" | "orderer">;

/** A certificate that an organization of the channel stands for at some moment. */
export interface Member {
  readonly mspId: string;
  readonly role: MemberRole;
  /** Organizational units of the certificate's subject. */
  readonly units: readonly string[];
  readonly certificatePem: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  /** The serialized identity that it was read from. */
  readonly serialized: Uint8Array;
  /** As Fabric's MSP checks: ECDSA (P-256, P-384) over SHA-256, DER, low s; Ed25519 over the message itself. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export type MemberFault =
  /** Not a serialized identity with a certificate. */
  | "malformed"
  /** The channel has no such organization. */
  | "unknown-msp"
  | ChainFault;

export type MemberVerdict =
  | { readonly member: Member; readonly fault?: undefined; readonly mspId?: undefined }
  | { readonly member?: undefined; readonly fault: MemberFault; readonly mspId: string | undefined };

/** The MSPs of one channel configuration. Parsed certificates are cached (bounded); judging by time and lists is done at each call. */
export interface ChannelMsps {
  readonly config: ChannelConfig;
  identify(serializedIdentity: Uint8Array, atMs: number): MemberVerdict;
}

export type Principal =
  | { readonly kind: "role"; readonly mspId: string; readonly role: MemberRole | "member" }
  | { readonly kind: "unit"; readonly mspId: string; readonly unit: string }
  | { readonly kind: "identity"; readonly serialized: Uint8Array };

/** Fabric's SignaturePolicy: `n` of the rules, or a principal by its place in the list. */
export type SignatureRule =
  | { readonly kind: "signed-by"; readonly principal: number }
  | { readonly kind: "n-out-of"; readonly n: number; readonly rules: readonly SignatureRule[] };

export interface SignaturePolicy {
  readonly rule: SignatureRule;
  readonly principals: readonly Principal[];
}

export type ChannelPolicyName = "Readers" | "Writers" | "Admins" | "Endorsement" | "LifecycleEndorsement";

/** Fabric's ApplicationPolicy. */
export type EndorsementPolicy =
  | { readonly kind: "signature"; readonly policy: SignaturePolicy }
  | { readonly kind: "channel"; readonly name: ChannelPolicyName };

export interface RangeQuery {
  readonly start: string;
  readonly end: string;
  readonly exhausted: boolean;
  readonly reads: readonly ReadItem[];
}

export interface ReadItem {
  readonly key: string;
  /** Undefined: the key was absent. */
  readonly version?: { readonly block: number; readonly index: number } | undefined;
}

export interface WriteItem {
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
}

export interface MetadataWrite {
  readonly key: string;
  /** By ascending name; none = the metadata is deleted. */
  readonly entries: readonly { readonly name: string; readonly value: Uint8Array }[];
}

export interface NamespaceResults {
  readonly namespace: string;
  readonly reads: readonly ReadItem[];
  readonly rangeQueries: readonly RangeQuery[];
  readonly writes: readonly WriteItem[];
  readonly metadataWrites: readonly MetadataWrite[];
}

export interface Endorsement {
  /** A serialized identity. */
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

/** What every envelope that is ordered has, whatever else is wrong with it. */
export interface EnvelopeHeaders {
  /** What the creator signs. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly type: number;
  readonly channelId: string;
  readonly txId: string;
  readonly timestampMs: number;
  /** The same, whole. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly epoch: bigint;
  /** As they stand in the payload. */
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  readonly extension: Uint8Array;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly data: Uint8Array;
}

/** An endorsed transaction, read whole. Byte fields are views of the envelope. */
export interface EndorsedTransaction {
  readonly headers: EnvelopeHeaders;
  readonly contract: string;
  readonly contractVersion: string;
  readonly proposalResponsePayload: Uint8Array;
  readonly endorsements: readonly Endorsement[];
  readonly response: { readonly status: number; readonly message: string; readonly payload: Uint8Array };
  readonly event:
    | { readonly contract: string; readonly txId: string; readonly name: string; readonly payload: Uint8Array }
    | undefined;
  readonly namespaces: readonly NamespaceResults[];
}

/** Fabric's chaincode definition, as `_lifecycle` keeps it. */
export interface ContractDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  readonly endorsementPlugin: string;
  readonly validationPlugin: string;
  /** A serialized ApplicationPolicy. */
  readonly validationParameter: Uint8Array;
  readonly initRequired: boolean;
}

/** A keyed digest that requests are signed with: the same rules throughout, only the digest differs. */
export interface SigningAlgorithm {
  /** As it stands at the beginning of Authorization and of the string to sign. */
  readonly name: "SDK-HMAC-SHA256" | "SDK-HMAC-SM3";
  readonly digest: "sha256" | "sm3";
  /** Lower case: the header in which a client names its body's digest, or says that it signs none. */
  readonly contentHeader: string;
}

/**
 * The algorithms that are answered. The SDKs can also be switched to V11-HMAC-SHA256, SDK-ECDSA-P256-SHA256 and SDK-SM2-SM3, which are
 * not.
 * @source huaweicloudsdkcore (Python), signer.py: Signer and SM3Signer
 */
const algorithms: readonly SigningAlgorithm[] = [
  { name: "SDK-HMAC-SHA256", digest: "sha256", contentHeader: "x-sdk-content-sha256" },
  { name: "SDK-HMAC-SM3", digest: "sm3", contentHeader: "x-sdk-content-sm3" },
];

export function algorithmNamed(name: string): SigningAlgorithm | undefined {
  return algorithms.find((algorithm) => algorithm.name === name);
}

/** What a client writes instead of a digest when its signature does not cover the body. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

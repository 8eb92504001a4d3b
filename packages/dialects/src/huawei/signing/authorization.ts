import { algorithmNamed, type SigningAlgorithm } from "./algorithms.ts";

export interface SdkAuthorization {
  readonly algorithm: SigningAlgorithm;
  readonly accessKeyId: string;
  /** Lower case, ascending, none twice. */
  readonly signedHeaders: readonly string[];
  /** As sent: only lower-case hex of the right length can be right. */
  readonly signature: string;
}

const FORM =
  /^(?<name>[A-Z0-9-]+) +Access=(?<key>[\x21-\x2b\x2d-\x7e]{1,128}), *SignedHeaders=(?<headers>[a-z0-9_;.-]{1,4096}), *Signature=(?<signature>[0-9A-Fa-f]{1,256})$/;

/** Whether a header claims to be a signature of this family; anything else is no concern of this scheme. */
export function isSdkAuthorization(header: string): boolean {
  return header.startsWith("SDK-") || header.startsWith("V11-");
}

/** Reads `SDK-HMAC-SHA256 Access=.., SignedHeaders=a;b, Signature=..`, or says in a few words what is wrong with it. */
export function parseSdkAuthorization(header: string): SdkAuthorization | string {
  const { name = "", key = "", headers = "", signature = "" } = FORM.exec(header)?.groups ?? {};
  if (name === "") return "the authorization header is malformed";
  const algorithm = algorithmNamed(name);
  if (algorithm === undefined) return `the algorithm ${name.slice(0, 64)} is not supported`;
  const signedHeaders = headers.split(";");
  const isAscending = signedHeaders.every(
    (header, index) => header !== "" && header > (signedHeaders[index - 1] ?? ""),
  );
  if (!isAscending) return "the signed headers must be in ascending order, each once";
  return { algorithm, accessKeyId: key, signedHeaders, signature };
}

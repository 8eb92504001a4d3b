import type { Clock } from "@concordat/base";
import { bytesToUtf8, InvariantError } from "@concordat/base";
import { type FolderFile, mspFolder } from "@concordat/identity";
import type { Authorities } from "./authorities.ts";
import type { CertificatePurpose } from "./ports.ts";
import type { RevocationLists } from "./revocation-lists.ts";

export interface MspFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Holds a private key. */
  readonly secret: boolean;
}

export interface MspExportDependencies {
  readonly authorities: Authorities;
  readonly revocationLists: RevocationLists;
  readonly clock: Clock;
}

/**
 * The folder by which Fabric knows an organization, or a node of it: present authorities, retired ones that have not expired, their
 * revocation lists, node units. A private key is only in it when the caller holds one.
 */
export async function exportMspFiles(
  mspId: string,
  identity: { readonly certificatePem: string; readonly privateKeyDer?: Uint8Array } | undefined,
  { authorities, revocationLists, clock }: MspExportDependencies,
): Promise<MspFile[]> {
  const counting = (purpose: CertificatePurpose) =>
    authorities.all(mspId, purpose).filter((each) => each.standing === "present" || each.notAfterMs > clock.nowMs());
  const pemsOf = (purpose: CertificatePurpose) => {
    const [present, ...others] = counting(purpose).map(({ certificatePem }) => certificatePem);
    if (present === undefined) throw new InvariantError("An organization has an authority.");
    return [present, ...others] as const;
  };
  const fingerprints = new Set(counting("identity").map(({ fingerprint }) => fingerprint));
  const lists = await revocationLists.all(mspId, "identity");
  const files = mspFolder({
    authorities: pemsOf("identity"),
    tlsAuthorities: pemsOf("tls"),
    revocationLists: lists.filter(({ authority }) => fingerprints.has(authority)).map(({ pem }) => pem),
    ...(identity === undefined ? {} : { identity }),
  });
  return files.map(toText);
}

function toText({ path, bytes, secret }: FolderFile): MspFile {
  return { path, text: bytesToUtf8(bytes), secret };
}

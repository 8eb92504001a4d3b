import type { CertificateRow, MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { CertificateUser } from "./ports.ts";

/** Which certificates are in use, and by whom. */
export class CurrentCertificates {
  readonly #directory: Directory;
  readonly #sameName: (name: string) => CertificateRow[];
  readonly #membershipsOf: (uid: string) => MembershipRow[];

  constructor(dependencies: { readonly directory: Directory }) {
    this.#directory = dependencies.directory;
    this.#sameName = dependencies.directory.table("certificates").index(nameOf);
    this.#membershipsOf = dependencies.directory.table("memberships").index((row) => row.uid);
  }

  /** False once a newer certificate took its place, or its principal was deleted. */
  isCurrent(row: CertificateRow): boolean {
    if (row.replacedBy !== null) return false;
    return row.uid === null || this.#directory.row("principals", row.uid)?.deletedMs === null;
  }

  /** What a new certificate of the same name, role and purpose takes the place of. */
  ofName(name: CertificateName): CertificateRow[] {
    return this.#sameName(nameOf(name)).filter((row) => row.replacedBy === null);
  }

  /** What a principal's transactions carry; it may have others in organizations of networks. */
  isOfPrincipal(row: CertificateRow): boolean {
    return row.uid !== null && this.#directory.row("principals", row.uid)?.certificatePem === row.certificatePem;
  }

  isOrganizationAdmin(row: CertificateRow): boolean {
    return this.#directory.organization(row.mspId)?.adminCertificatePem === row.certificatePem;
  }

  /** Current and not revoked: what somebody would miss. */
  inUse(): CertificateRow[] {
    return this.#directory
      .table("certificates")
      .all()
      .filter((row) => row.status !== "revoked" && this.isCurrent(row));
  }

  usersOf(row: CertificateRow): CertificateUser[] {
    if (row.uid !== null) {
      const channels = this.#channelsOf([row.uid]);
      return [{ kind: "principal", id: row.uid }, ...channels];
    }
    if (row.role === "checkpoint") return this.channelsOfOrganization(row.mspId);
    if (row.role === "admin") return [{ kind: "organization", id: row.mspId }];
    return [{ kind: "node", id: row.commonName }];
  }

  /** By ascending id. */
  channelsOfOrganization(mspId: string): CertificateUser[] {
    const uids = this.#directory.principals().filter((principal) => principal.mspId === mspId);
    const ofNetworks = networkChannelsOf(mspId, this.#directory).map((id) => ({ kind: "channel", id }) as const);
    return [...this.#channelsOf(uids.map(({ uid }) => uid)), ...ofNetworks].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #channelsOf(uids: readonly string[]): CertificateUser[] {
    const ids = new Set(uids.flatMap((uid) => this.#membershipsOf(uid).map(({ bizChainId }) => bizChainId)));
    return [...ids]
      .flatMap((bizChainId) => this.#directory.chain(bizChainId)?.channelId ?? [])
      .sort()
      .map((id) => ({ kind: "channel", id }));
  }
}

/** The channels of networks that an organization is on, or about to be. */
export function networkChannelsOf(mspId: string, directory: Directory): string[] {
  const rows = directory.table("networkChannels").all();
  return rows.filter(({ organizations }) => organizations.includes(mspId)).map(({ channelId }) => channelId);
}

type CertificateName = Pick<CertificateRow, "mspId" | "purpose" | "role" | "uid" | "commonName">;

function nameOf({ mspId, purpose, role, uid, commonName }: CertificateName): string {
  return JSON.stringify([mspId, purpose, role, uid, commonName]);
}

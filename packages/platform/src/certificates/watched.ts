import type { Clock } from "@concordat/base";
import { certificateSummary } from "@concordat/identity";
import type { CertificateRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { ServerCertificateHost } from "../server-certificate/ports.ts";
import type { Authorities, KnownAuthority } from "./authorities.ts";
import type { CurrentCertificates } from "./current.ts";
import type { CertificateUser, ExpiryFinding } from "./ports.ts";
import { certificateName } from "./records.ts";
import type { Renewal } from "./renewal.ts";

export interface WatchedDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly current: CurrentCertificates;
  readonly renewal: Renewal;
  readonly listener: ServerCertificateHost | undefined;
  readonly clock: Clock;
}

/** A certificate whose end somebody would feel, with the tenant that it belongs to. */
export interface Watched extends ExpiryFinding {
  readonly tenantId: string | null;
}

/** Everything that can expire and is in use: certificates, the organizations' authorities, the listener's certificate. */
export function watchedCertificates(dependencies: WatchedDependencies): Watched[] {
  const { directory, current, authorities } = dependencies;
  const organizations = directory.table("organizations").all();
  const present = organizations.flatMap(({ mspId }) => [
    authorities.present(mspId, "identity"),
    authorities.present(mspId, "tls"),
  ]);
  return [
    ...current.inUse().map((row) => ofCertificate(row, dependencies)),
    ...present.map((authority) => ofAuthority(authority, dependencies)),
    ...ofListener(dependencies),
  ];
}

function ofCertificate(row: CertificateRow, dependencies: WatchedDependencies): Watched {
  const { current, renewal } = dependencies;
  const isRenewedHere = renewal.isRenewedHere(row);
  return {
    kind: "certificate",
    resource: `certificate/${certificateName(row)}`,
    tenantId: tenantOf(row.mspId, dependencies),
    mspId: row.mspId,
    commonName: row.commonName,
    role: row.role,
    expiresMs: row.notAfterMs,
    users: current.usersOf(row),
    effect: effectOf(row),
    isRenewedHere,
    remedy: isRenewedHere
      ? `Nothing: a running server renews it by itself from ${isoTime(renewal.dueMs(row))} on.`
      : remedyOf(row, dependencies),
  };
}

function effectOf({ uid, role, purpose, commonName }: CertificateRow): string {
  if (uid !== null) return "Writes of this principal are refused; it reads as before.";
  if (role === "checkpoint") {
    return "The channels go on; whoever checks this certificate beside the signatures of new blocks finds it expired.";
  }
  if (purpose === "tls") return `TLS connections that ${commonName} takes part in are refused.`;
  return `Fabric peers, orderers and clients refuse ${commonName} as ${role}.`;
}

function remedyOf(row: CertificateRow, { authorities }: WatchedDependencies): string {
  if (row.status === "frozen") return "Unfreeze it, and it is renewed; or revoke it.";
  if (row.keySealed === null)
    return "Its holder makes a new certificate request and has it enrolled under the same name.";
  const { notAfterMs } = authorities.present(row.mspId, row.purpose);
  return `It ends with its authority, on ${isoTime(notAfterMs)}: rotate the organization's authority.`;
}

function ofAuthority(authority: KnownAuthority, dependencies: WatchedDependencies): Watched {
  const { mspId, purpose, fingerprint, notAfterMs } = authority;
  const channels: CertificateUser[] = purpose === "identity" ? dependencies.current.channelsOfOrganization(mspId) : [];
  return {
    kind: "authority",
    resource: `authority/${mspId}/${purpose}/${fingerprint}`,
    tenantId: tenantOf(mspId, dependencies),
    mspId,
    commonName: certificateSummary(authority.certificatePem).commonName ?? mspId,
    role: null,
    expiresMs: notAfterMs,
    users: [{ kind: "organization", id: mspId }, ...channels],
    effect: "Every certificate that it issued ends at the latest then, and it issues no more.",
    isRenewedHere: false,
    remedy: "Rotate the organization's authority before: what it issued is then issued anew.",
  };
}

function ofListener({ listener }: WatchedDependencies): Watched[] {
  const present = listener?.present();
  if (present === undefined) return [];
  const { fingerprint, commonName } = certificateSummary(present.certificatePem);
  const isRenewedHere = present.source === "own-authority";
  return [
    {
      kind: "listener",
      resource: `listener/${fingerprint}`,
      tenantId: null,
      mspId: null,
      commonName: commonName ?? "listener",
      role: null,
      expiresMs: present.notAfterMs,
      users: [{ kind: "listener", id: commonName ?? "listener" }],
      effect: "Clients refuse to connect to this server.",
      isRenewedHere,
      remedy: isRenewedHere
        ? "Nothing: a running server renews it by itself."
        : "Put a new certificate into the files that the server was started with, and have it replaced.",
    },
  ];
}

function tenantOf(mspId: string, { directory }: WatchedDependencies): string | null {
  const organization = directory.organization(mspId);
  return organization === undefined ? null : directory.tenantIdOf(organization);
}

export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.000Z$/, "Z");
}

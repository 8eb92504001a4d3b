import type { Clock, RandomSource } from "@concordat/base";
import { InvariantError } from "@concordat/base";
import {
  type CertifiedKey,
  certificateFromPem,
  certificateSummary,
  generateSigningKey,
  type Sealer,
  type SigningKey,
  signingKeyFromDer,
  signingKeyToDer,
  type ValidDays,
} from "@concordat/identity";
import type { CertificateRow, ControlChange } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { Authorities, KnownAuthority } from "./authorities.ts";
import type { CurrentCertificates } from "./current.ts";
import type { CertificatePurpose, CertificateRole } from "./ports.ts";
import { certificateRecord, openCertificateKey } from "./records.ts";

export interface IssuingDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly current: CurrentCertificates;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface Subject {
  readonly mspId: string;
  readonly purpose: CertificatePurpose;
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly uid: string | null;
  /** TLS: the first is the common name. */
  readonly hosts: readonly string[];
  /** Left out, the certificate has no attributes' extension. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly validDays: ValidDays;
}

/** A new certificate's row, and every row that changes with it. */
export interface Issued {
  readonly record: CertificateRow;
  readonly changes: readonly ControlChange[];
}

const dayMs = 86_400_000;
/** As the authorities date certificates back. */
const backdatedMs = 600_000;

/** Issues certificates of the organizations' present authorities. To be called inside a change of the directory, whose rows it reads. */
export class Issuing {
  readonly #dependencies: IssuingDependencies;

  constructor(dependencies: IssuingDependencies) {
    this.#dependencies = dependencies;
  }

  /** A certificate for a key made elsewhere, or with a key made here. */
  async issue(
    subject: Subject,
    publicKey?: CertifiedKey,
  ): Promise<{ record: CertificateRow; key: SigningKey | undefined }> {
    const key = publicKey === undefined ? await this.#generate(subject) : undefined;
    const certified = publicKey ?? key?.publicKey;
    if (certified === undefined) throw new InvariantError("A certificate is issued for a key.");
    return { record: await this.#certify(subject, certified, key), key };
  }

  /**
   * Issues anew what a row certifies, under the organization's present authority. Principals and the organization's administrator get a new
   * key: it never leaves this server, and a key that was used for years may have leaked unseen. Whoever was handed the key of
   * a certificate goes on with the same key and fetches the new certificate; a checkpoint key is named by its channels, so that only its
   * certificate is new here.
   */
  async reissue(row: CertificateRow): Promise<Issued> {
    const { current, sealer } = this.#dependencies;
    const subject = this.#subjectOf(row);
    if (row.uid !== null && current.isOfPrincipal(row)) return this.reissuePrincipal(row.uid, subject.validDays);
    if (current.isOrganizationAdmin(row)) return this.#reissueAdmin(row, subject);
    const privateKeyDer = openCertificateKey(row, sealer);
    if (privateKeyDer === undefined)
      throw new InvariantError("A certificate whose key is elsewhere is not issued anew.");
    const key = signingKeyFromDer(privateKeyDer);
    const record = await this.#certify(subject, key.publicKey, key);
    const changes = [...replacing([row], record), ...this.#checkpointChanges(row, record)];
    return { record, changes };
  }

  /** A new certificate and key for a principal; its transactions carry them from then on. */
  async reissuePrincipal(uid: string, validDays: ValidDays): Promise<Issued> {
    const { directory, current, sealer } = this.#dependencies;
    const principal = directory.row("principals", uid);
    if (principal === undefined) throw new InvariantError(`Principal ${uid} is not in the directory.`);
    const { mspId, accountUid } = principal;
    const attributes = { tenant: accountUid, principal: uid };
    const subject = {
      mspId,
      purpose: "identity",
      role: "client",
      commonName: uid,
      uid,
      hosts: [],
      attributes,
      validDays,
    } as const;
    const { record, key } = await this.issue(subject);
    if (key === undefined) throw new InvariantError("A principal's key is made here.");
    const privateKeySealed = sealer.seal(sealingPurposes.principalKey(uid), signingKeyToDer(key));
    const changed = { ...principal, certificatePem: record.certificatePem, privateKeySealed };
    return {
      record,
      changes: [...replacing(current.ofName(record), record), { table: "principals", row: changed }],
    };
  }

  async #reissueAdmin(row: CertificateRow, subject: Subject): Promise<Issued> {
    const { authorities, sealer } = this.#dependencies;
    const organization = authorities.organization(subject.mspId);
    const { record, key } = await this.issue(subject);
    if (key === undefined) throw new InvariantError("An administrator's key is made here.");
    const adminKeySealed = sealer.seal(sealingPurposes.organizationKey(subject.mspId, "admin"), signingKeyToDer(key));
    const changed = { ...organization, adminCertificatePem: record.certificatePem, adminKeySealed };
    return {
      record,
      changes: [...replacing([row], record), { table: "organizations", row: changed }],
    };
  }

  /** Where a checkpoint key's certificate stands besides its row. */
  #checkpointChanges(old: CertificateRow, record: CertificateRow): ControlChange[] {
    const { directory, authorities, current } = this.#dependencies;
    if (old.role !== "checkpoint" || !current.isCurrent(old)) return [];
    const certificate = certificateFromPem(record.certificatePem);
    const { publicKeyAlgorithm } = certificateSummary(record.certificatePem);
    const smKey = directory.smCheckpointKey(old.mspId);
    if (publicKeyAlgorithm === "SM2" && smKey !== undefined) {
      return [{ table: "smCheckpointKeys", row: { ...smKey, certificate } }];
    }
    return [
      { table: "organizations", row: { ...authorities.organization(old.mspId), checkpointCertificate: certificate } },
    ];
  }

  async #certify(subject: Subject, publicKey: CertifiedKey, key: SigningKey | undefined): Promise<CertificateRow> {
    const { authorities, sealer, clock } = this.#dependencies;
    const { mspId, purpose, role, commonName, uid, hosts, attributes, validDays } = subject;
    const authority = authorities.open(authorities.present(mspId, purpose));
    const nodeRole = role === "peer" || role === "orderer" ? { role } : {};
    const certificatePem =
      purpose === "tls"
        ? await authority.issueServer({ hosts: toHosts(hosts, commonName), publicKey, validDays, ...nodeRole })
        : await authority.issue({
            role: toIdentityRole(role),
            commonName,
            publicKey,
            validDays,
            ...(attributes === undefined ? {} : { attributes }),
          });
    const privateKeyDer = key === undefined ? null : signingKeyToDer(key);
    return certificateRecord(
      { mspId, purpose, role, uid, certificatePem, privateKeyDer, nowMs: clock.nowMs() },
      sealer,
    );
  }

  /** Of the kind that the authority's own is; TLS clients speak P-256. */
  #generate({ mspId, purpose }: Subject): Promise<SigningKey> {
    const { authorities } = this.#dependencies;
    const { algorithm } = authorities.open(authorities.present(mspId, purpose));
    return generateSigningKey(purpose === "identity" && algorithm === "SM2" ? "SM2" : "P-256");
  }

  #subjectOf(row: CertificateRow): Subject {
    const { hosts, attributes } = certificateSummary(row.certificatePem);
    const { mspId, purpose, role, commonName, uid } = row;
    const validDays = this.#lifetimeOf(row, this.#dependencies.authorities.issuerOf(row));
    const named = Object.keys(attributes).length === 0 ? {} : { attributes };
    return { mspId, purpose, role, commonName, uid, hosts, validDays, ...named };
  }

  #lifetimeOf({ notBeforeMs, notAfterMs }: CertificateRow, issuer: KnownAuthority | undefined): ValidDays {
    if (issuer !== undefined && notAfterMs >= issuer.notAfterMs) return "authority";
    return (notAfterMs - notBeforeMs - backdatedMs) / dayMs;
  }
}

/** The rows of a new certificate and of those that it takes the place of. */
export function replacing(old: readonly CertificateRow[], record: CertificateRow): ControlChange[] {
  const replaced = old.map((row) => ({ ...row, replacedBy: record.serialNumber }));
  return [...replaced, record].map((row) => ({ table: "certificates", row }));
}

function toHosts(hosts: readonly string[], commonName: string): readonly [string, ...string[]] {
  const [first = commonName, ...rest] = hosts;
  return [first, ...rest];
}

function toIdentityRole(role: CertificateRole) {
  if (role === "server") throw new InvariantError("A server has no identity certificate.");
  return role;
}

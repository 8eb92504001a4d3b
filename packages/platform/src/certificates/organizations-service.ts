import { bytesToBase64, type RandomSource } from "@concordat/base";
import { derToPem } from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { OrganizationRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Job, JobKind, Jobs } from "../jobs/ports.ts";
import type { Caller } from "../ports.ts";
import type { PkiAccess } from "./access.ts";
import { type KnownAuthority, nextAuthoritySetting } from "./authorities.ts";
import type { AuthorityRotationInput } from "./authority-rotation.ts";
import type { CheckpointKeyRotationInput } from "./checkpoint-key-rotation.ts";
import type { CurrentCertificates } from "./current.ts";
import { exportMspFiles, type MspExportDependencies, type MspFile } from "./msp-export.ts";
import { type Page, pageOf } from "./paging.ts";
import type { CertificatePurpose } from "./ports.ts";

export interface OrganizationsDependencies extends MspExportDependencies {
  readonly directory: Directory;
  readonly access: PkiAccess;
  readonly current: CurrentCertificates;
  readonly jobs: Jobs;
  readonly random: RandomSource;
  readonly authorityRotation: JobKind<AuthorityRotationInput>;
  readonly checkpointKeyRotation: JobKind<CheckpointKeyRotationInput>;
}

export interface OrganizationCheckpointKey {
  readonly algorithm: "Ed25519" | "SM2";
  /** Base64. */
  readonly publicKey: string;
  readonly certificatePem: string;
}

/** What the world may know of an organization. */
export interface OrganizationView {
  readonly mspId: string;
  readonly name: string;
  readonly tenantId: string;
  readonly accountUid: string;
  readonly createdMs: number;
  /** For each purpose the present one first. */
  readonly authorities: readonly KnownAuthority[];
  readonly adminCertificatePem: string;
  readonly checkpointKeys: readonly OrganizationCheckpointKey[];
  readonly channelIds: readonly string[];
}

/** The organizations of the installation, and changes of what they sign with. */
export class OrganizationsService {
  readonly #dependencies: OrganizationsDependencies;

  constructor(dependencies: OrganizationsDependencies) {
    this.#dependencies = dependencies;
    dependencies.jobs.register(dependencies.authorityRotation);
    dependencies.jobs.register(dependencies.checkpointKeyRotation);
  }

  /** `pki:organization:list`. By ascending MSP id. @throws PlatformError ACCESS_DENIED, PAGE_INVALID */
  async list(
    caller: Caller,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<Page<OrganizationView>> {
    const rows = this.#dependencies.access.listable(caller, "pki:organization:list");
    const sorted = [...rows].sort((a, b) => (a.mspId < b.mspId ? -1 : 1));
    const { total, items } = pageOf(sorted, page);
    return { total, items: items.map((row) => this.#view(row)) };
  }

  /** `pki:organization:get`. @throws PlatformError ACCESS_DENIED, ORGANIZATION_UNKNOWN */
  async get(caller: Caller, mspId: string): Promise<OrganizationView> {
    return this.#view(this.#dependencies.access.organization(caller, "pki:organization:get", mspId));
  }

  /**
   * `pki:organization:get`. The organization's MSP folder; with a serial number, that of the holder of this identity, without its key.
   * @throws PlatformError ACCESS_DENIED, ORGANIZATION_UNKNOWN, CERTIFICATE_UNKNOWN
   */
  async exportMsp(
    caller: Caller,
    input: { readonly mspId: string; readonly serialNumber?: string },
  ): Promise<readonly MspFile[]> {
    const { access, directory } = this.#dependencies;
    access.organization(caller, "pki:organization:get", input.mspId);
    if (input.serialNumber === undefined) return exportMspFiles(input.mspId, undefined, this.#dependencies);
    const row = directory.row("certificates", input.mspId, "identity", input.serialNumber);
    if (row === undefined) throw new PlatformError("CERTIFICATE_UNKNOWN");
    return exportMspFiles(input.mspId, { certificatePem: row.certificatePem }, this.#dependencies);
  }

  /**
   * `pki:authority:rotate`. Begins to give the organization a new authority: see authorityRotation.
   * @throws PlatformError ORGANIZATION_UNKNOWN, ROTATION_REFUSED while another one is under way
   */
  async rotateAuthority(
    caller: Caller,
    input: { readonly mspId: string; readonly purpose: CertificatePurpose },
  ): Promise<Job> {
    const { access, directory, jobs, authorityRotation: kind } = this.#dependencies;
    const { mspId, purpose } = input;
    const row = access.organization(caller, "pki:authority:rotate", mspId);
    if (directory.setting(nextAuthoritySetting(mspId, purpose)) !== undefined) {
      throw new PlatformError("ROTATION_REFUSED", "The authority is being rotated already.");
    }
    const resource = { kind: "organization", id: mspId, name: row.name };
    const event = {
      action: "pki:authority:rotate",
      resource: { kind: "organization", id: mspId },
      detail: { purpose },
    };
    const audit = [auditEntry(caller, event, this.#dependencies)];
    return jobs.start({ kind, caller, resource, input: { mspId, purpose }, audit });
  }

  /** `pki:authority:rotateCheckpointKey`. Begins to give the organization new checkpoint keys: see checkpointKeyRotation. */
  async rotateCheckpointKey(caller: Caller, mspId: string): Promise<Job> {
    const { access, jobs, checkpointKeyRotation: kind } = this.#dependencies;
    const row = access.organization(caller, "pki:authority:rotateCheckpointKey", mspId);
    const resource = { kind: "organization", id: mspId };
    const event = { action: "pki:authority:rotateCheckpointKey", resource };
    const audit = [auditEntry(caller, event, this.#dependencies)];
    return jobs.start({ kind, caller, resource: { ...resource, name: row.name }, input: { mspId }, audit });
  }

  #view(row: OrganizationRow): OrganizationView {
    const { directory, authorities, current } = this.#dependencies;
    const { mspId, name, accountUid, createdMs, adminCertificatePem } = row;
    return {
      mspId,
      name,
      tenantId: directory.tenantIdOf(row),
      accountUid,
      createdMs,
      authorities: [...authorities.all(mspId, "identity"), ...authorities.all(mspId, "tls")],
      adminCertificatePem,
      checkpointKeys: this.#checkpointKeys(row),
      channelIds: current.channelsOfOrganization(mspId).map(({ id }) => id),
    };
  }

  #checkpointKeys(row: OrganizationRow): OrganizationCheckpointKey[] {
    const smKey = this.#dependencies.directory.smCheckpointKey(row.mspId);
    const keys = [
      { algorithm: "Ed25519" as const, publicKey: row.checkpointPublicKey, certificate: row.checkpointCertificate },
      ...(smKey === undefined ? [] : [{ algorithm: "SM2" as const, ...smKey }]),
    ];
    return keys.map(({ algorithm, publicKey, certificate }) => ({
      algorithm,
      publicKey: bytesToBase64(publicKey),
      certificatePem: derToPem("CERTIFICATE", certificate),
    }));
  }
}

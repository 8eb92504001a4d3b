import { type Clock, type RandomSource, utf8ToBytes } from "@concordat/base";
import { createCheckpointKey, createOrganization, issuePrincipalCertificate, type Sealer } from "@concordat/identity";
import type { AccessKeyRow, OrganizationRow, PrincipalRow, SmCheckpointKeyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";

interface CredentialDependencies {
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export type NewPrincipal = Pick<PrincipalRow, "kind" | "name" | "ledgerServiceOpened" | "installationAdministrator"> & {
  /** Drawn when left out. */
  readonly uid?: string;
};

/** Makes an organization for a new account. */
export function issueAccountOrganization(name: string, dependencies: CredentialDependencies): Promise<OrganizationRow> {
  const accountUid = drawUid(dependencies);
  return issueOrganization({ name, mspId: accountMspId(accountUid), accountUid }, dependencies);
}

/** MSP ids of this form belong to accounts. */
export function accountMspId(accountUid: string): string {
  return `Org${accountUid}MSP`;
}

/** Makes an organization: its authorities, its administrator and its checkpoint key. */
export async function issueOrganization(
  input: Pick<OrganizationRow, "name" | "mspId" | "accountUid">,
  dependencies: Omit<CredentialDependencies, "directory">,
): Promise<OrganizationRow> {
  const { sealer, clock } = dependencies;
  const { name, mspId, accountUid } = input;
  const { identity, privateKeys } = await createOrganization({ name, mspId }, dependencies);
  const seal = (key: Parameters<typeof sealingPurposes.organizationKey>[1], secret: Uint8Array) =>
    sealer.seal(sealingPurposes.organizationKey(mspId, key), secret);
  return {
    mspId,
    accountUid,
    name,
    caCertificatePem: identity.caCertificatePem,
    caKeySealed: seal("ca", privateKeys.ca),
    tlsCaCertificatePem: identity.tlsCaCertificatePem,
    tlsCaKeySealed: seal("tls-ca", privateKeys.tlsCa),
    adminCertificatePem: identity.adminCertificatePem,
    adminKeySealed: seal("admin", privateKeys.admin),
    checkpointPublicKey: identity.checkpointKey.publicKey,
    checkpointCertificate: identity.checkpointKey.certificate,
    checkpointKeySealed: seal("checkpoint", privateKeys.checkpoint),
    createdMs: clock.nowMs(),
  };
}

/** Makes an organization's checkpoint key for SM channels. */
export async function issueSmCheckpointKey(
  organization: OrganizationRow,
  dependencies: Omit<CredentialDependencies, "directory">,
): Promise<SmCheckpointKeyRow> {
  const { sealer, clock } = dependencies;
  const { mspId } = organization;
  const ca = openAuthority(organization, sealer);
  const { key, privateKeyDer } = await createCheckpointKey(ca, dependencies, "SM2");
  return {
    mspId,
    publicKey: key.publicKey,
    certificate: key.certificate,
    keySealed: sealer.seal(sealingPurposes.organizationKey(mspId, "sm-checkpoint"), privateKeyDer),
    createdMs: clock.nowMs(),
  };
}

/** Makes a principal with a client certificate of its organization. */
export async function issuePrincipal(
  organization: OrganizationRow,
  input: NewPrincipal,
  dependencies: CredentialDependencies,
): Promise<PrincipalRow> {
  const { sealer, clock } = dependencies;
  const { mspId, accountUid } = organization;
  const uid = input.uid ?? drawUid(dependencies);
  const userId = newIds.userId(dependencies.random);
  const ca = openAuthority(organization, sealer);
  const subject = { uid, attributes: { tenant: accountUid, principal: uid } };
  const certificate = await issuePrincipalCertificate(ca, subject, dependencies);
  return {
    uid,
    userId,
    accountUid,
    kind: input.kind,
    name: input.name,
    mspId,
    certificatePem: certificate.certificatePem,
    privateKeySealed: sealer.seal(sealingPurposes.principalKey(uid), certificate.privateKeyDer),
    ledgerServiceOpened: input.ledgerServiceOpened,
    installationAdministrator: input.installationAdministrator,
    enabled: true,
    createdMs: clock.nowMs(),
    deletedMs: null,
  };
}

export function issueAccessKey(
  uid: string,
  { directory, sealer, clock, random }: CredentialDependencies,
): { readonly row: AccessKeyRow; readonly secret: string } {
  const accessKeyId = drawFree(
    () => newIds.accessKeyId(random),
    (id) => directory.accessKeyRow(id) !== undefined,
  );
  const secret = newIds.accessKeySecret(random);
  const secretSealed = sealer.seal(sealingPurposes.accessKeySecret(accessKeyId), utf8ToBytes(secret));
  return { row: { accessKeyId, uid, secretSealed, active: true, createdMs: clock.nowMs() }, secret };
}

function openAuthority({ mspId, caCertificatePem, caKeySealed }: OrganizationRow, sealer: Sealer) {
  const privateKeyDer = sealer.open(sealingPurposes.organizationKey(mspId, "ca"), caKeySealed);
  return { certificatePem: caCertificatePem, privateKeyDer };
}

function drawUid({ directory, random }: CredentialDependencies): string {
  return drawFree(
    () => newIds.uid(random),
    (uid) => directory.row("principals", uid) !== undefined,
  );
}

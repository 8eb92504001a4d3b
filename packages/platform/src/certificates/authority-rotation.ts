import { certificateSummary, createCertificateAuthority } from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { CertificateRow, ControlChange, OrganizationRow, RetiredAuthorityRow } from "../control-store/rows.ts";
import type { DirectoryPlan } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { JobKind, StepContext } from "../jobs/ports.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { nextAuthoritySetting } from "./authorities.ts";
import { catchUpChannels, channelsBehindSetting } from "./channels-behind.ts";
import type { CertificatePurpose } from "./ports.ts";
import type { RotationDependencies } from "./rotation-steps.ts";

export interface AuthorityRotationInput {
  readonly mspId: string;
  readonly purpose: CertificatePurpose;
}

type Context = StepContext<AuthorityRotationInput>;

/** Names the setting that says which job rotated last: a step that was done and not recorded is found done. */
function rotatedBySetting({ mspId, purpose }: AuthorityRotationInput): string {
  return `authority-rotated-by/${mspId}/${purpose}`;
}

/**
 * Gives an organization a new authority while everything goes on. The channels learn of the new authority before it issues anything, so
 * that whoever checks a creator against its channel's configuration never meets one that no authority there has issued. The old
 * authority is kept: what it issued stays good until it expires or is revoked, and its key signs its revocation lists.
 */
export function authorityRotation(dependencies: RotationDependencies): JobKind<AuthorityRotationInput> {
  const { steps } = dependencies;
  return {
    kind: "authority-rotation",
    steps: [
      { name: "prepare", run: (context) => prepare(context, dependencies) },
      {
        name: "announce",
        async run({ input, save }) {
          const channels = await onLedger(() => steps.refreshOrganization(input.mspId));
          await save({ channels: channels.length });
        },
      },
      { name: "replace", run: (context) => replace(context, dependencies) },
      { name: "reissue", run: (context) => reissue(context, dependencies) },
      {
        name: "settle",
        run: ({ input }) => catchUpChannels(input.mspId, dependencies),
      },
    ],
    compensate: (context) => withdraw(context, dependencies),
  };
}

/** Makes the next authority and records it, its key sealed. */
async function prepare({ input, jobId }: Context, dependencies: RotationDependencies): Promise<void> {
  const { directory, authorities } = dependencies;
  const { mspId, purpose } = input;
  await directory.change(async () => {
    const isMade = directory.setting(nextAuthoritySetting(mspId, purpose)) !== undefined;
    if (isMade || directory.setting(rotatedBySetting(input)) === jobId) return { changes: [], result: undefined };
    const row = await makeNext(authorities.organization(mspId), purpose, dependencies);
    const setting = { name: nextAuthoritySetting(mspId, purpose), value: row.fingerprint };
    const changes: ControlChange[] = [
      { table: "retiredAuthorities", row },
      { table: "settings", row: setting },
    ];
    return { changes, result: undefined };
  });
}

async function makeNext(
  organization: OrganizationRow,
  purpose: CertificatePurpose,
  { authorities, sealer, clock, random }: RotationDependencies,
): Promise<RetiredAuthorityRow> {
  const { mspId, name } = organization;
  const subject = [
    { type: "O", value: name },
    { type: "OU", value: purpose === "identity" ? "CA" : "TLS CA" },
    { type: "CN", value: mspId },
  ] as const;
  const { algorithm } = authorities.open(authorities.present(mspId, purpose));
  const made = await createCertificateAuthority(
    subject,
    { clock, random },
    { algorithm: algorithm === "SM2" ? "SM2" : "P-256" },
  );
  const { fingerprint } = certificateSummary(made.certificatePem);
  const keySealed = sealer.seal(sealingPurposes.retiredAuthorityKey(fingerprint), made.privateKeyDer);
  return { fingerprint, mspId, purpose, certificatePem: made.certificatePem, keySealed, retiredMs: clock.nowMs() };
}

/** Puts the next authority in the present one's place, which retires. */
async function replace({ input, jobId, uid }: Context, dependencies: RotationDependencies): Promise<void> {
  const { directory, authorities, sealer, clock } = dependencies;
  const { mspId, purpose } = input;
  await directory.change<undefined>(async (): Promise<DirectoryPlan<undefined>> => {
    const next = authorities.all(mspId, purpose).find(({ standing }) => standing === "next");
    const nextRow = next && directory.row("retiredAuthorities", next.fingerprint);
    if (next === undefined || nextRow === undefined) return { changes: [], result: undefined };
    const present = authorities.present(mspId, purpose);
    const keys = { old: authorities.keyed(present).privateKeyDer, next: authorities.keyed(next).privateKeyDer };
    const retired: RetiredAuthorityRow = {
      fingerprint: present.fingerprint,
      mspId,
      purpose,
      certificatePem: present.certificatePem,
      keySealed: sealer.seal(sealingPurposes.retiredAuthorityKey(present.fingerprint), keys.old),
      retiredMs: clock.nowMs(),
    };
    const organization = withAuthority(authorities.organization(mspId), purpose, next.certificatePem, (key) =>
      sealer.seal(sealingPurposes.organizationKey(mspId, key), keys.next),
    );
    const setting = nextAuthoritySetting(mspId, purpose);
    const changes: ControlChange[] = [
      { table: "organizations", row: organization },
      { table: "retiredAuthorities", row: nextRow, remove: true },
      { table: "retiredAuthorities", row: retired },
      { table: "settings", row: { name: setting, value: next.fingerprint }, remove: true },
      { table: "settings", row: { name: rotatedBySetting(input), value: jobId } },
    ];
    const detail = { mspId, purpose, retired: present.fingerprint, askedBy: uid };
    const resource = { kind: "authority", id: next.fingerprint };
    return {
      changes,
      audit: [auditEntry(undefined, { action: "pki:authority:replace", resource, detail }, dependencies)],
      result: undefined,
    };
  });
}

function withAuthority(
  row: OrganizationRow,
  purpose: CertificatePurpose,
  pem: string,
  seal: (key: "ca" | "tls-ca") => Uint8Array,
): OrganizationRow {
  return purpose === "identity"
    ? { ...row, caCertificatePem: pem, caKeySealed: seal("ca") }
    : { ...row, tlsCaCertificatePem: pem, tlsCaKeySealed: seal("tls-ca") };
}

/** Issues anew, one commit each, what is in use, good and not yet of the present authority, as far as the keys are here. */
async function reissue({ input, save, checkpoint }: Context, dependencies: RotationDependencies): Promise<void> {
  const { authorities, current, renewal } = dependencies;
  const present = authorities.present(input.mspId, input.purpose).fingerprint;
  const isOld = (row: CertificateRow) => authorities.issuerOf(row)?.fingerprint !== present;
  const old = current.inUse().filter((row) => row.mspId === input.mspId && row.purpose === input.purpose && isOld(row));
  const ours = old.filter((row) => row.status === "good" && row.keySealed !== null);
  for (const [done, row] of ours.entries()) {
    await renewal.renew(undefined, row, isOld);
    await checkpoint(Math.floor((100 * (done + 1)) / ours.length));
  }
  await save({ kept: old.length - ours.length });
}

/** Until the next authority is in its place it can be withdrawn; afterwards the rotation is done, and renewals finish what is left. */
async function withdraw({ input }: Context, dependencies: RotationDependencies): Promise<void> {
  const { directory, authorities } = dependencies;
  const { mspId, purpose } = input;
  await directory.change(async () => {
    const next = authorities.all(mspId, purpose).find(({ standing }) => standing === "next");
    const row = next && directory.row("retiredAuthorities", next.fingerprint);
    if (next === undefined || row === undefined) return { changes: [], result: undefined };
    const changes: ControlChange[] = [
      { table: "retiredAuthorities", row, remove: true },
      { table: "settings", row: { name: nextAuthoritySetting(mspId, purpose), value: next.fingerprint }, remove: true },
      { table: "settings", row: { name: channelsBehindSetting(mspId), value: mspId } },
    ];
    return { changes, result: undefined };
  });
  await catchUpChannels(mspId, dependencies);
}

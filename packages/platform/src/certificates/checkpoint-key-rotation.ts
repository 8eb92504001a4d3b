import { bytesToHex } from "@concordat/base";
import {
  type CheckpointAlgorithm,
  certificateSummary,
  createCheckpointKey,
  createCheckpointSigner,
  derToPem,
} from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { CertificateRow, ControlChange } from "../control-store/rows.ts";
import type { DirectoryPlan } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { JobKind, StepContext } from "../jobs/ports.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import { replacing } from "./issuing.ts";
import { certificateRecord, openCertificateKey } from "./records.ts";
import type { RotationDependencies } from "./rotation-steps.ts";

export interface CheckpointKeyRotationInput {
  readonly mspId: string;
}

type Context = StepContext<CheckpointKeyRotationInput>;

/** Names the setting that says which job made the present keys: a step that was done and not recorded is found done. */
function madeBySetting(mspId: string): string {
  return `checkpoint-key-made-by/${mspId}`;
}

/**
 * Gives an organization new checkpoint keys while everything goes on. On each channel a configuration transaction swaps them; its block is
 * signed with both, the ones after it with the new key. Until every channel has swapped, both keys are kept; then the old one is
 * destroyed, so that nobody who breaks in later can sign blocks of the time before.
 */
export function checkpointKeyRotation(dependencies: RotationDependencies): JobKind<CheckpointKeyRotationInput> {
  return {
    kind: "checkpoint-key-rotation",
    steps: [
      { name: "replace", run: (context) => replace(context, dependencies) },
      {
        name: "swap",
        async run({ input, save }) {
          const channels = await onLedger(() => dependencies.steps.refreshOrganization(input.mspId));
          await save({ channels: channels.length });
        },
      },
      { name: "destroy", run: ({ input }) => destroyEarlier(input.mspId, dependencies) },
    ],
  };
}

async function replace({ input, jobId, uid }: Context, dependencies: RotationDependencies): Promise<void> {
  const { directory, authorities } = dependencies;
  const { mspId } = input;
  await directory.change<undefined>(async (): Promise<DirectoryPlan<undefined>> => {
    if (directory.setting(madeBySetting(mspId)) === jobId) return { changes: [], result: undefined };
    const old = (algorithm: CheckpointAlgorithm) => presentRecords(mspId, algorithm, dependencies);
    const international = await makeKey(mspId, "Ed25519", dependencies);
    const organization = {
      ...authorities.organization(mspId),
      checkpointPublicKey: international.publicKey,
      checkpointCertificate: international.certificate,
      checkpointKeySealed: international.seal("checkpoint"),
    };
    const changes: ControlChange[] = [
      { table: "organizations", row: organization },
      ...replacing(old("Ed25519"), international.record),
      { table: "settings", row: { name: madeBySetting(mspId), value: jobId } },
    ];
    const smRow = directory.smCheckpointKey(mspId);
    if (smRow !== undefined) {
      const { publicKey, certificate, seal, record } = await makeKey(mspId, "SM2", dependencies);
      const row = { ...smRow, publicKey, certificate, keySealed: seal("sm-checkpoint") };
      changes.push({ table: "smCheckpointKeys", row }, ...replacing(old("SM2"), record));
    }
    const event = {
      action: "pki:authority:replaceCheckpointKey",
      resource: { kind: "organization", id: mspId },
      detail: { askedBy: uid },
    };
    return { changes, audit: [auditEntry(undefined, event, dependencies)], result: undefined };
  });
}

function presentRecords(mspId: string, algorithm: CheckpointAlgorithm, { current }: RotationDependencies) {
  const name = { mspId, purpose: "identity", role: "checkpoint", uid: null, commonName: "checkpoint" } as const;
  return current
    .ofName(name)
    .filter(({ certificatePem }) => certificateSummary(certificatePem).publicKeyAlgorithm === algorithm);
}

async function makeKey(
  mspId: string,
  algorithm: CheckpointAlgorithm,
  { authorities, sealer, clock, random }: RotationDependencies,
) {
  const ca = authorities.keyed(authorities.present(mspId, "identity"));
  const { key, privateKeyDer } = await createCheckpointKey(ca, { clock, random }, algorithm);
  const certificatePem = derToPem("CERTIFICATE", key.certificate);
  const input = {
    mspId,
    purpose: "identity",
    role: "checkpoint",
    uid: null,
    certificatePem,
    privateKeyDer,
    nowMs: clock.nowMs(),
  } as const;
  return {
    publicKey: key.publicKey,
    certificate: key.certificate,
    seal: (name: "checkpoint" | "sm-checkpoint") =>
      sealer.seal(sealingPurposes.organizationKey(mspId, name), privateKeyDer),
    record: certificateRecord(input, sealer),
  };
}

async function destroyEarlier(mspId: string, dependencies: RotationDependencies): Promise<void> {
  const { directory, current, steps, sealer } = dependencies;
  await directory.change(async () => {
    // A key that some channel names still, because another rotation is under way, is left to that one.
    const needed = await onLedger(() => steps.keysOnChannels(mspId));
    const isNeeded = (row: CertificateRow) => {
      const privateKeyDer = openCertificateKey(row, sealer);
      return (
        privateKeyDer !== undefined && needed.has(bytesToHex(createCheckpointSigner(mspId, privateKeyDer).publicKey))
      );
    };
    const changes: ControlChange[] = directory
      .table("certificates")
      .all()
      .filter((row) => row.mspId === mspId && row.role === "checkpoint" && row.keySealed !== null)
      .filter((row) => !current.isCurrent(row) && !isNeeded(row))
      .map((row) => ({ table: "certificates", row: { ...row, keySealed: null } }));
    return { changes, result: undefined };
  });
}

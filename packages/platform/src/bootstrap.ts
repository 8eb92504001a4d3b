import { InvariantError } from "@concordat/base";
import type { ControlChange } from "./control-store/rows.ts";
import type { OpenPlatform } from "./create-platform.ts";
import type { Directory } from "./directory/directory.ts";
import type { AccessKey, ChainMembership } from "./ports.ts";

export interface BootstrapOptions {
  /** Name of the first account; 2 to 30 characters. */
  readonly accountName?: string;
  readonly proofChainName?: string;
}

/** What a first run leaves behind: the same at every later call. */
export interface BootstrapResult {
  readonly installationId: string;
  readonly uid: string;
  readonly accessKey: AccessKey;
  readonly proofChain: ChainMembership;
  /** True when this call made any of it. */
  readonly isFirstRun: boolean;
}

const accessKeySetting = "bootstrap-access-key";
const proofChainSetting = "bootstrap-proof-chain";

/**
 * Makes the first account, which administers the installation, and its first business chain. Each step is recorded in one commit with
 * what it made, so that a run that was cut off goes on where it stopped and makes nothing twice.
 */
export async function bootstrapInstallation(
  platform: OpenPlatform,
  options: BootstrapOptions = {},
): Promise<BootstrapResult> {
  const { directory } = platform.provisioning;
  const isFirstRun = directory.setting(proofChainSetting) === undefined;
  const accessKey = await ensureAccount(platform, options.accountName ?? "administrator");
  const { uid } = accessKey.principal;
  const proofChain = await ensureProofChain(platform, uid, options.proofChainName ?? "proof-chain");
  if (!platform.ledgerIsElsewhere) await platform.provisioning.auditChannel.open();
  return { installationId: platform.installationId, uid, accessKey, proofChain, isFirstRun };
}

/** Whether everything is there that {@link bootstrapInstallation} would make. */
export function isBootstrapped(directory: Directory): boolean {
  const accessKey = directory.accessKey(directory.setting(accessKeySetting) ?? "");
  const bizChainId = directory.setting(proofChainSetting) ?? "";
  return accessKey !== undefined && directory.membership(bizChainId, accessKey.principal.uid) !== undefined;
}

async function ensureAccount({ provisioning }: OpenPlatform, name: string): Promise<AccessKey> {
  const { directory, accounts } = provisioning;
  const known = directory.setting(accessKeySetting);
  if (known === undefined) {
    const input = { name, ledgerService: true, installationAdministrator: true };
    await accounts.provision(input, ({ accessKey }) => [setting(accessKeySetting, accessKey.accessKeyId)]);
  }
  const accessKey = directory.accessKey(directory.setting(accessKeySetting) ?? "");
  if (accessKey === undefined) throw new InvariantError("The first access key is not in the directory.");
  return accessKey;
}

async function ensureProofChain({ provisioning }: OpenPlatform, uid: string, name: string): Promise<ChainMembership> {
  const { directory, chains } = provisioning;
  if (directory.setting(proofChainSetting) === undefined) {
    await chains.provision({ name, administratorUid: uid }, (bizChainId) => [setting(proofChainSetting, bizChainId)]);
  }
  const chain = directory.membership(directory.setting(proofChainSetting) ?? "", uid);
  if (chain === undefined) throw new InvariantError("The first business chain is not in the directory.");
  return chain;
}

function setting(name: string, value: string): ControlChange {
  return { table: "settings", row: { name, value } };
}

import { InvariantError } from "@concordat/base";
import type { ControlChange } from "./control-store/rows.ts";
import type { OpenPlatform } from "./create-platform.ts";
import type { Directory } from "./directory/directory.ts";
import type { AccessKey, ChainMembership, ChainService } from "./ports.ts";

export interface BootstrapOptions {
  /** Name of the first account; 2 to 30 characters. */
  readonly accountName?: string;
  readonly proofChainName?: string;
  readonly collaborationChainName?: string;
}

/** What a first run leaves behind: the same at every later call. */
export interface BootstrapResult {
  readonly installationId: string;
  readonly uid: string;
  readonly accessKey: AccessKey;
  readonly proofChain: ChainMembership;
  readonly collaborationChain: ChainMembership;
  /** True when this call made any of it. */
  readonly isFirstRun: boolean;
}

const accessKeySetting = "bootstrap-access-key";
/** Which setting names the first chain of each service. */
const chainSettings = {
  proof: "bootstrap-proof-chain",
  collaboration: "bootstrap-collaboration-chain",
} as const satisfies Record<ChainService, string>;

/**
 * Makes the first account, which administers the installation, and its first business chain of each service. Each step is recorded in one
 * commit with what it made, so that a run that was cut off goes on where it stopped and makes nothing twice. An installation of an earlier
 * release gets what it did not have yet.
 */
export async function bootstrapInstallation(
  platform: OpenPlatform,
  options: BootstrapOptions = {},
): Promise<BootstrapResult> {
  const { directory } = platform.provisioning;
  const isFirstRun = Object.values(chainSettings).some((name) => directory.setting(name) === undefined);
  const accessKey = await ensureAccount(platform, options.accountName ?? "administrator");
  const { uid } = accessKey.principal;
  const { proofChainName = "proof-chain", collaborationChainName = "collaboration-chain" } = options;
  const proofChain = await ensureChain(platform, uid, "proof", proofChainName);
  const collaborationChain = await ensureChain(platform, uid, "collaboration", collaborationChainName);
  if (!platform.ledgerIsElsewhere) await platform.provisioning.auditChannel.open();
  const { installationId } = platform;
  return { installationId, uid, accessKey, proofChain, collaborationChain, isFirstRun };
}

/** Whether everything is there that {@link bootstrapInstallation} would make. */
export function isBootstrapped(directory: Directory): boolean {
  const accessKey = directory.accessKey(directory.setting(accessKeySetting) ?? "");
  return (
    accessKey !== undefined &&
    Object.values(chainSettings).every(
      (name) => directory.membership(directory.setting(name) ?? "", accessKey.principal.uid) !== undefined,
    )
  );
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

async function ensureChain(
  { provisioning }: OpenPlatform,
  uid: string,
  service: ChainService,
  name: string,
): Promise<ChainMembership> {
  const { directory, chains } = provisioning;
  const known = chainSettings[service];
  if (directory.setting(known) === undefined) {
    await chains.provision({ name, service, administratorUid: uid }, (bizChainId) => [setting(known, bizChainId)]);
  }
  const chain = directory.membership(directory.setting(known) ?? "", uid);
  if (chain === undefined) throw new InvariantError(`The first ${service} chain is not in the directory.`);
  return chain;
}

function setting(name: string, value: string): ControlChange {
  return { table: "settings", row: { name, value } };
}

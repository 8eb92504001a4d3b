import { type Clock, InvariantError, type Logger, type RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Ledger } from "@concordat/ledger";
import { AccountsService } from "./accounts/accounts-service.ts";
import { type ChainOptions, ChainsService, defaultChainOptions } from "./chains/chains-service.ts";
import { ChannelSteps } from "./chains/channel-steps.ts";
import type { ControlStore } from "./control-store/port.ts";
import { Directory } from "./directory/directory.ts";
import { EvidenceService } from "./evidence/evidence-service.ts";
import { QuotaGate } from "./evidence/quota-gate.ts";
import { IdempotencyService } from "./idempotency/idempotency-service.ts";
import { installationSetting } from "./installation.ts";
import { ChannelTrust } from "./ledger/channel-trust.ts";
import type { Platform } from "./ports.ts";
import { ReceiptsService } from "./receipts/receipts-service.ts";
import { type CallNonceOptions, MemoryCallNonces } from "./replay/call-nonces.ts";
import { ReplayedWrites } from "./replay/replayed-writes.ts";

export interface PlatformOptions {
  readonly chains?: Partial<ChainOptions>;
  readonly nonces?: CallNonceOptions;
}

export interface PlatformDependencies {
  /** Open; belongs to the caller, who closes it after the platform's last use. */
  readonly ledger: Ledger;
  /** Open, with the installation id in it; belongs to the caller too. */
  readonly store: ControlStore;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** A platform that is ready, with what the first run needs beside it. */
export interface OpenPlatform extends Platform {
  readonly provisioning: {
    readonly directory: Directory;
    readonly accounts: AccountsService;
    readonly chains: ChainsService;
  };
}

/**
 * Opens the platform over a control store and a ledger: reads the directory, unlocks the channels, finishes what a crash left half
 * done. One process at a time; there is nothing to close.
 * @throws ConcordatError SEALED_WITH_OTHER_KEY when the master key is not the one that the store was made with
 */
export async function createPlatform(
  options: PlatformOptions,
  dependencies: PlatformDependencies,
): Promise<OpenPlatform> {
  const { ledger, store, clock } = dependencies;
  const directory = await Directory.load(dependencies);
  const installationId = directory.setting(installationSetting);
  if (installationId === undefined) throw new InvariantError("The control store has no installation id.");
  const trust = new ChannelTrust({ ledger });
  const steps = new ChannelSteps({ installationId }, { ...dependencies, directory, trust });
  await steps.resume();
  const nonces = new MemoryCallNonces(options.nonces ?? {}, { clock });
  const replayedWrites = await ReplayedWrites.start({ ledger, clock, nonces });
  const quotas = new QuotaGate({ ledger });
  const evidence = new EvidenceService({ ledger, directory, trust, replayedWrites, quotas, clock });
  const chainOptions = { ...defaultChainOptions, ...options.chains };
  const chains = new ChainsService(chainOptions, { ...dependencies, directory, steps });
  const accounts = new AccountsService({ ...dependencies, directory });
  return {
    installationId,
    evidence,
    chains,
    accounts,
    receipts: new ReceiptsService({ ledger, directory, trust, evidence }),
    nonces,
    idempotency: new IdempotencyService({ store, clock }),
    findAccessKey: (accessKeyId) => directory.accessKey(accessKeyId),
    provisioning: { directory, accounts, chains },
  };
}

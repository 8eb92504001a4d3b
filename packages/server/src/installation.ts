import type { KeyRing } from "@concordat/identity";
import { type Ledger, startLedgerWorker } from "@concordat/ledger/client";
import {
  awaitFirstRun,
  type ControlStore,
  createPlatform,
  DirectoryRefresh,
  ensureInstallationId,
  findLedger,
  type OpenPlatform,
  type PlatformHost,
  type PlatformOptions,
} from "@concordat/platform";
import { openControlStore } from "./control-store.ts";
import type { DataFolder } from "./data-folder/layout.ts";
import { ensureServerId } from "./data-folder/server-id.ts";
import { createFabricHost, type FabricPlace } from "./fabric-host.ts";
import type { ServerDependencies } from "./server.ts";

/** What one data folder holds, open: the platform over its control store and its ledger. */
export interface Installation {
  readonly platform: OpenPlatform;
  /** Where the ledger is another server's, every call of it is refused. */
  readonly ledger: Ledger;
  readonly ledgerIsElsewhere: boolean;
  readonly store: ControlStore;
  /**
   * Where other servers share the store: waits until this one may answer a call.
   * @throws PlatformError STORE_UNAVAILABLE
   */
  readonly ready: (() => Promise<void>) | undefined;
  /** Finishes what the ledger has accepted, then closes it and the control store. */
  close(): Promise<void>;
}

export interface InstallationOptions {
  readonly folder: DataFolder;
  /** Where this server answers. */
  readonly url: string;
  /** PostgreSQL, which other servers may share; by default a file of the data folder. */
  readonly database?: string;
  readonly platform?: PlatformOptions;
  /** Without it there are no networks. */
  readonly fabric?: FabricPlace;
}

type InstallationDependencies = ServerDependencies & { readonly sealer: KeyRing; readonly host: PlatformHost };

/**
 * Opens control store and ledger, makes them when they are missing, and finishes what a crash left half done.
 * @param meanwhile work for this thread while the ledger opens in its own
 * @throws ConcordatError SEALED_WITH_OTHER_KEY, STORE_DAMAGED and others that name what the operator can do
 */
export async function openInstallation(
  options: InstallationOptions,
  dependencies: InstallationDependencies,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<Installation> {
  await using opened = new AsyncDisposableStack();
  const store = opened.adopt(await openControlStore(options.folder, options.database, dependencies), (open) =>
    open.close(),
  );
  const installationId = await ensureInstallationId(store, dependencies.random);
  const parts = { ...options, installationId, store, opened };
  const opening = openLedgerPlace(parts, dependencies);
  const [found] = await Promise.allSettled([opening, meanwhile()]);
  if (found.status === "rejected") throw found.reason;
  const { ledger, ledgerIsElsewhere } = found.value;
  const fabric = options.fabric && createFabricHost(options.fabric, { ...dependencies, ledger });
  // Contracts end after the nodes, which the platform stops, and before the ledger.
  opened.defer(async () => fabric?.close());
  const platformParts = { ...dependencies, ledger, ledgerIsElsewhere, store, ...(fabric && { fabric }) };
  const platform = await createPlatform(options.platform ?? {}, platformParts);
  opened.defer(() => platform.close());
  if (ledgerIsElsewhere) await awaitFirstRun(platform, dependencies);
  const refresh = options.database === undefined ? undefined : startRefresh(platform, dependencies);
  opened.defer(async () => refresh?.close());
  const installation = opened.move();
  return {
    platform,
    ledger,
    ledgerIsElsewhere,
    store,
    ready: refresh && (() => refresh.ready()),
    close: () => installation.disposeAsync(),
  };
}

interface LedgerParts extends InstallationOptions {
  readonly installationId: string;
  readonly store: ControlStore;
  readonly opened: AsyncDisposableStack;
}

/** The ledger in this server's data folder, unless it is known to be in another's. */
async function openLedgerPlace(
  parts: LedgerParts,
  dependencies: InstallationDependencies,
): Promise<Pick<Installation, "ledger" | "ledgerIsElsewhere">> {
  const { folder, url, database, store, opened } = parts;
  if (database === undefined) return { ledger: await startLedger(parts, dependencies), ledgerIsElsewhere: false };
  const serverId = await ensureServerId(folder, dependencies);
  const place = await findLedger({ serverId, url }, { ...dependencies, store });
  if (place.kind === "elsewhere") return { ledger: place.ledger, ledgerIsElsewhere: true };
  opened.defer(() => place.close());
  return { ledger: place.guard(await startLedger(parts, dependencies)), ledgerIsElsewhere: false };
}

async function startLedger({ folder, installationId, opened }: LedgerParts, { log }: ServerDependencies) {
  const contractsModule = import.meta.resolve("./built-in-contracts.ts");
  const started = await startLedgerWorker({ directory: folder.ledger, installationId, contractsModule }, { log });
  return opened.adopt(started, (open) => open.close());
}

function startRefresh({ provisioning }: OpenPlatform, dependencies: ServerDependencies): DirectoryRefresh {
  return new DirectoryRefresh({}, { ...dependencies, directory: provisioning.directory });
}

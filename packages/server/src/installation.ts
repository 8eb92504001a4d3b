import type { Sealer } from "@concordat/identity";
import { type Ledger, startLedgerWorker } from "@concordat/ledger/client";
import { createPlatform, ensureInstallationId, type OpenPlatform, openSqliteControlStore } from "@concordat/platform";
import type { DataFolder } from "./data-folder/layout.ts";
import type { ServerDependencies } from "./server.ts";

/** What one data folder holds, open: the platform over its control store and its ledger. */
export interface Installation {
  readonly platform: OpenPlatform;
  readonly ledger: Ledger;
  /** Finishes what the ledger has accepted, then closes it and the control store. */
  close(): Promise<void>;
}

/**
 * Opens control store and ledger, makes them when they are missing, and finishes what a crash left half done.
 * @param meanwhile work for this thread while the ledger opens in its own
 * @throws ConcordatError SEALED_WITH_OTHER_KEY, STORE_DAMAGED and others that name what the operator can do
 */
export async function openInstallation(
  folder: DataFolder,
  dependencies: ServerDependencies & { readonly sealer: Sealer },
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<Installation> {
  const { random, log } = dependencies;
  await using opened = new AsyncDisposableStack();
  const store = opened.adopt(await openSqliteControlStore(folder.controlStore), (open) => open.close());
  const installationId = await ensureInstallationId(store, random);
  const contractsModule = import.meta.resolve("./built-in-contracts.ts");
  const starting = startLedgerWorker({ directory: folder.ledger, installationId, contractsModule }, { log });
  const [started] = await Promise.allSettled([starting, meanwhile()]);
  if (started.status === "rejected") throw started.reason;
  const ledger = opened.adopt(started.value, (open) => open.close());
  const platform = await createPlatform({}, { ...dependencies, ledger, store });
  const installation = opened.move();
  return { platform, ledger, close: () => installation.disposeAsync() };
}

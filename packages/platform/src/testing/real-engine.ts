import { join } from "node:path";
import { type Clock, silentLogger, systemRandom } from "@concordat/base";
import { evidenceContract } from "@concordat/contracts";
import { createSealer } from "@concordat/identity";
import { openLedger } from "@concordat/ledger";
import { bootstrapInstallation } from "../bootstrap.ts";
import { openSqliteControlStore } from "../control-store/sqlite/store.ts";
import { createPlatform } from "../create-platform.ts";
import { ensureInstallationId } from "../installation.ts";

/** The whole platform over the real engine in a folder, as one process has it; again over the same folder it is a restart. */
export async function openOverEngine(directory: string, clock: Clock) {
  const sealer = createSealer(new Uint8Array(32).fill(3), { random: systemRandom });
  const store = await openSqliteControlStore(join(directory, "control.sqlite"));
  const installationId = await ensureInstallationId(store, systemRandom);
  const ledger = await openLedger(
    { directory: join(directory, "ledger"), installationId, contracts: [evidenceContract] },
    { clock },
  );
  const dependencies = { ledger, store, sealer, clock, random: systemRandom, log: silentLogger };
  const platform = await createPlatform({}, dependencies);
  const close = async () => {
    await ledger.close();
    await store.close();
  };
  return { platform, boot: await bootstrapInstallation(platform), close };
}

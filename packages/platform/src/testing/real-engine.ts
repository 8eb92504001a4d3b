import { join } from "node:path";
import { type Clock, silentLogger, systemRandom } from "@concordat/base";
import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import { createSealer } from "@concordat/identity";
import { type Ledger, openLedger } from "@concordat/ledger";
import { bootstrapInstallation } from "../bootstrap.ts";
import { openSqliteControlStore } from "../control-store/sqlite/open-sqlite.ts";
import { createPlatform, type PlatformOptions } from "../create-platform.ts";
import { ensureInstallationId } from "../installation.ts";
import type { FabricHost } from "../networks/fabric-host.ts";
import type { Caller, Principal } from "../ports.ts";
import { memoryHost } from "./host.ts";

/**
 * The whole platform over the real engine in a folder, as one process has it; again over the same folder it is a restart.
 * @param fabricOver makes what runs networks; left out, there are none
 */
export async function openOverEngine(
  directory: string,
  clock: Clock,
  options: PlatformOptions = {},
  fabricOver?: (ledger: Ledger) => FabricHost,
) {
  const sealer = createSealer(new Uint8Array(32).fill(3), { random: systemRandom });
  const store = await openSqliteControlStore(join(directory, "control.sqlite"));
  const installationId = await ensureInstallationId(store, systemRandom);
  const ledger = await openLedger(
    {
      directory: join(directory, "ledger"),
      installationId,
      contracts: [evidenceContract, collaborationContract, auditContract, tokenContract],
    },
    { clock },
  );
  const host = memoryHost(sealer, () => systemRandom.bytes(32));
  const fabric = fabricOver === undefined ? {} : { fabric: fabricOver(ledger) };
  const dependencies = { ledger, store, sealer, host, ...fabric, clock, random: systemRandom, log: silentLogger };
  const platform = await createPlatform(options, dependencies);
  /** Leaves what runs in the background where it is, as a crash does. */
  const crash = async () => {
    await ledger.close();
    await store.close();
  };
  const close = async () => {
    await platform.close();
    await crash();
  };
  const callerOf = (principal: Principal): Caller => {
    const tenantId = platform.provisioning.directory.tenantIdOf(principal);
    const scope = { kind: "tenant", tenantId } as const;
    const origin = { sourceAddress: undefined, requestId: "" };
    return platform.authentication.callerOf(principal, { kind: "installation", id: "" }, scope, origin);
  };
  return { platform, ledger, store, callerOf, boot: await bootstrapInstallation(platform), crash, close };
}

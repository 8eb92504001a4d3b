import type { Ledger } from "@concordat/ledger";
import type { ControlStore } from "../control-store/port.ts";
import { ensureSetting } from "../installation.ts";
import { guardedLedger } from "./guarded-ledger.ts";
import { HomeLease, type HomeLeaseDependencies, type HomeLeaseOptions } from "./home-lease.ts";
import { Leases } from "./leases.ts";
import { remoteLedger } from "./remote-ledger.ts";

const homeSetting = "ledger-home";

/** Where this installation's ledger is, as one of several servers on a control store sees it. */
export type LedgerPlace =
  | {
      readonly kind: "here";
      /** Lets a ledger of this server work only while the lease is held. */
      readonly guard: (ledger: Ledger) => Ledger;
      /** After the ledger has been closed. */
      readonly close: () => Promise<void>;
    }
  | { readonly kind: "elsewhere"; readonly ledger: Ledger };

/**
 * Finds the installation's ledger. The server that asks first, on an empty store, becomes its home for good: the ledger lies in that
 * server's data folder, and no other server may begin one.
 * @throws LedgerHomeTakenError when this server is the home and another process of it is running
 */
export async function findLedger(
  options: HomeLeaseOptions,
  dependencies: Omit<HomeLeaseDependencies, "leases"> & { readonly store: ControlStore },
): Promise<LedgerPlace> {
  const { store, clock } = dependencies;
  const leases = new Leases(store);
  const homeId = await ensureSetting(store, homeSetting, () => options.serverId);
  if (homeId !== options.serverId) return { kind: "elsewhere", ledger: remoteLedger({ leases, clock }) };
  const lease = await HomeLease.take(options, { ...dependencies, leases });
  return {
    kind: "here",
    guard: (ledger) => guardedLedger(ledger, () => lease.requireHeld()),
    close: () => lease.close(),
  };
}

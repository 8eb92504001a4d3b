import type { Fabric } from "@concordat/fabric/client";
import type { Ledger } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";

/** What the program around the platform runs networks with. */
export interface FabricHost {
  /** Answers the one Fabric of this process, which belongs to the host; loaded when it is first asked for. */
  open(): Promise<Fabric>;
  /** Settles when the nodes that run go by the channel's present configuration. Loads nothing. */
  configured(channelId: string): Promise<void>;
  /** Address that nodes listen on. */
  readonly listenHost: string;
  /** Name or address by which clients find them. */
  readonly publicHost: string;
}

/** Where there is none, networks are refused. */
export const noFabricHost: FabricHost = {
  open: () => Promise.reject(new PlatformError("FABRIC_UNAVAILABLE")),
  configured: async () => undefined,
  listenHost: "127.0.0.1",
  publicHost: "localhost",
};

/** Nodes run where the ledger is: another server refuses with that one's address, as its ledger does. */
export function elsewhereFabricHost(ledger: Pick<Ledger, "channels">): FabricHost {
  const open = async () => {
    await ledger.channels();
    return noFabricHost.open();
  };
  return { ...noFabricHost, open };
}

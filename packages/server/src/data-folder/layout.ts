import { join, resolve } from "node:path";

/** What lies where in the data folder. */
export interface DataFolder {
  /** Absolute. */
  readonly directory: string;
  readonly lock: string;
  readonly lockOwner: string;
  readonly bootstrap: string;
  /** Where no other database is configured. */
  readonly controlStore: string;
  /** Where one is. */
  readonly serverId: string;
  /** Its folder `channels` is here. */
  readonly ledger: string;
  readonly tls: string;
  /** Of networks: packages of contracts, their builds, logs and sockets. */
  readonly fabric: string;
}

export function dataFolderAt(directory: string): DataFolder {
  const root = resolve(directory);
  return {
    directory: root,
    lock: join(root, "lock"),
    lockOwner: join(root, "lock.pid"),
    bootstrap: join(root, "bootstrap.json"),
    controlStore: join(root, "control.sqlite"),
    serverId: join(root, "server-id"),
    ledger: root,
    tls: join(root, "tls"),
    fabric: join(root, "fabric"),
  };
}

import { type ControlStore, openPostgresControlStore, openSqliteControlStore } from "@concordat/platform";
import type { DataFolder } from "./data-folder/layout.ts";
import type { ServerDependencies } from "./server.ts";

/** The control store of an installation: a file of the data folder, or a database that several servers share. */
export function openControlStore(
  folder: DataFolder,
  database: string | undefined,
  { log }: Pick<ServerDependencies, "log">,
): Promise<ControlStore> {
  return database === undefined
    ? openSqliteControlStore(folder.controlStore)
    : openPostgresControlStore({ url: database }, { log });
}

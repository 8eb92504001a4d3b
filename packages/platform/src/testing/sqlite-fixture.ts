import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteControlStore } from "../control-store/sqlite/open-sqlite.ts";
import type { ControlStoreFixture } from "./control-store-suite.ts";

/** A control store in a temporary folder, for the suites that every database must pass. */
export async function sqliteFixture(): Promise<ControlStoreFixture & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "concordat-control-"));
  const path = join(folder, "control.sqlite");
  return {
    path,
    open: () => openSqliteControlStore(path),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

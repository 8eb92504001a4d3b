import type { ControlCommit, ControlStore } from "../control-store/port.ts";

/** A control store that tells when a commit brought audit entries. */
export function noticingStore(store: ControlStore, onAudit: () => void): ControlStore {
  return {
    load: () => store.load(),
    changesSince: (version) => store.changesSince(version),
    database: store.database,
    databaseTime: store.databaseTime,
    close: () => store.close(),
    async commit(commit: ControlCommit) {
      const version = await store.commit(commit);
      if (commit.audit !== undefined && commit.audit.length > 0) onAudit();
      return version;
    },
  };
}

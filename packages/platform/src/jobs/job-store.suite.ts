import { beforeEach, describe, expect, it } from "vitest";
import type { ControlStore } from "../control-store/port.ts";
import type { AuditEntryTable, ControlDatabase, JobTable } from "../control-store/schema.ts";
import { rowToJob } from "./job-row.ts";
import { JobStore } from "./job-store.ts";
import type { JobFilter } from "./ports.ts";

const startMs = 1_700_000_000_000;

function jobRow(jobId: string, changes: Partial<JobTable> = {}): JobTable {
  return {
    jobId,
    tenantId: "tenant-1",
    projectId: null,
    uid: "1",
    kind: "build",
    resourceKind: "instance",
    resourceId: "i-1",
    resourceName: "Cold_Chain%1",
    input: "{}",
    status: "pending",
    steps: "[]",
    output: "{}",
    progress: 0,
    error: null,
    createdMs: startMs,
    updatedMs: startMs,
    startedMs: null,
    endedMs: null,
    runner: null,
    runnerUntilMs: null,
    fencing: 0,
    ...changes,
  };
}

function entry(entryId: string): AuditEntryTable {
  const empty = { tenantId: null, uid: null, credentialKind: null, credentialId: null, sourceAddress: null };
  const resource = { resourceKind: "job", resourceId: "j" };
  const rest = { requestId: null, outcome: "done", occurrences: 1, detail: "{}", txId: null } as const;
  return { entryId, timeMs: startMs, ...empty, ...resource, ...rest, action: "platform:job:end" };
}

const request = (runner: string, nowMs: number, takesOver = false) => ({ runner, nowMs, takesOver });
const final = (status: "succeeded" | "failed" | "cancelled") => ({
  status,
  updatedMs: startMs + 9,
  endedMs: startMs + 9,
});
const page = { offset: 0, limit: 100 };

/** What the jobs table must do on any control database. `open` answers one without jobs and audit entries. */
export function jobStoreSuite(
  name: string,
  open: () => Promise<Pick<ControlStore, "database" | "databaseTime">>,
): void {
  describe(`job store: ${name}`, () => {
    let database: ControlDatabase;
    let databaseTime: ControlStore["databaseTime"];
    let store: JobStore;
    beforeEach(async () => {
      ({ database, databaseTime } = await open());
      store = new JobStore(database);
    });
    const auditIds = async () =>
      (await database.selectFrom("auditEntries").select("entryId").orderBy("entryId").execute()).map(
        (row) => row.entryId,
      );
    const claim = async (runner: string, nowMs: number, takesOver = false) => {
      const [found] = await store.claimable(["build"], request(runner, nowMs, takesOver), 1);
      return found === undefined ? undefined : store.claim(found, request(runner, nowMs, takesOver), 1_000);
    };
    const claimOf = (row: JobTable | undefined) => ({ jobId: row?.jobId ?? "", fencing: Number(row?.fencing) });

    it("records a job once, with its audit entries", async () => {
      expect(await store.insert(jobRow("j"), [entry("a")])).toBe(true);
      expect(await store.insert(jobRow("j", { kind: "other" }), [entry("b")])).toBe(false);
      const row = await store.find("j");
      if (row === undefined) throw new Error("no row");
      expect(rowToJob(row)).toMatchObject({ kind: "build", createdMs: startMs, progress: 0, endedMs: null });
      expect(await auditIds()).toEqual(["a"]);
      expect(await store.find("k")).toBeUndefined();
    });

    it("lets one runner claim a job, another only when the claim has run out or was given back", async () => {
      await store.insert(jobRow("j"), []);
      const first = await claim("r1", 0);
      expect(claimOf(first)).toEqual({ jobId: "j", fencing: 1 });
      expect(await claim("r2", 999)).toBeUndefined();
      expect(await store.renew(claimOf(first), 900, 1_000)).toBe("pending");
      expect(await claim("r2", 1_899)).toBeUndefined();
      const second = await claim("r2", 1_900);
      expect(claimOf(second).fencing).toBe(2);
      await store.release(claimOf(first));
      expect(await claim("r3", 1_901)).toBeUndefined();
      await store.release(claimOf(second));
      expect(claimOf(await claim("r3", 1_901)).fencing).toBe(3);
      expect(claimOf(await claim("r4", 1_902, true)).fencing).toBe(4);
      expect(await claim("r4", 1_902, true)).toBeUndefined();
    });

    it("gives a job to one of many runners that found it at once", async () => {
      for (let count = 0; count < 10; count++) await store.insert(jobRow(`j${count}`), []);
      for (const found of await store.claimable(["build"], request("a", startMs), 10)) {
        const runners = Array.from({ length: 8 }, (_, index) => `runner ${index}`);
        const claims = await Promise.all(runners.map((each) => store.claim(found, request(each, startMs), 1_000)));
        expect(claims.filter((each) => each !== undefined)).toHaveLength(1);
      }
    });

    it("lets claims run out by the database's own clock, where it is asked to", async () => {
      const shared = new JobStore(database, databaseTime);
      await store.insert(jobRow("j"), []);
      const far = request("r1", 9_999_999_999_999);
      const [found] = await shared.claimable(["build"], far, 1);
      if (found === undefined) throw new Error("none");
      const held = claimOf(await shared.claim(found, far, 3_600_000));
      expect(await shared.claimable(["build"], { ...far, runner: "r2" }, 1)).toEqual([]);
      expect(await shared.renew(held, 0, -1)).toBe("pending");
      expect(await shared.claimable(["build"], request("r2", 0), 1)).toEqual([held]);
    });

    it("claims oldest first, known kinds only, and not what another has claimed since it was found", async () => {
      await store.insert(jobRow("b", { createdMs: startMs + 2 }), []);
      await store.insert(jobRow("a", { createdMs: startMs + 3 }), []);
      await store.insert(jobRow("c", { createdMs: startMs + 1, kind: "other" }), []);
      expect(await store.claimable([], request("r", 0), 9)).toEqual([]);
      const found = await store.claimable(["build"], request("r", 0), 9);
      expect(found.map(({ jobId }) => jobId)).toEqual(["b", "a"]);
      const [oldest] = found;
      if (oldest === undefined) throw new Error("none");
      expect(await store.claim(oldest, request("r1", 0), 1_000)).toBeDefined();
      expect(await store.claim(oldest, request("r2", 0), 1_000)).toBeUndefined();
    });

    it("takes nothing from a runner that lost its claim", async () => {
      await store.insert(jobRow("j"), []);
      const lost = claimOf(await claim("r1", 0));
      const held = claimOf(await claim("r2", 1_000));
      expect(await store.write(lost, { output: '{"lost":1}', updatedMs: 1 })).toBeUndefined();
      expect(await store.renew(lost, 0, 1_000)).toBeUndefined();
      expect(await store.end(lost, final("failed"), [entry("a")])).toBe("lost");
      expect(await auditIds()).toEqual([]);
      expect(await store.write(held, { output: '{"held":1}', progress: 7, updatedMs: 5 })).toBe("running");
      const row = await store.find("j");
      expect(row).toMatchObject({ output: '{"held":1}', status: "running" });
      expect([Number(row?.progress), Number(row?.startedMs), Number(row?.updatedMs)]).toEqual([7, 5, 5]);
    });

    it("lets a cancelled job end as anything but succeeded, once", async () => {
      await store.insert(jobRow("j"), []);
      const held = claimOf(await claim("r1", 0));
      expect(await store.requestCancel("j", startMs + 5, [entry("a")])).toMatchObject({ status: "cancelling" });
      expect(await store.write(held, { updatedMs: startMs + 6 })).toBe("cancelling");
      expect(await store.end(held, final("succeeded"), [entry("b")])).toBe("cancelling");
      expect(await store.end(held, final("cancelled"), [entry("c")])).toBe("ended");
      expect(await store.end(held, final("failed"), [entry("d")])).toBe("lost");
      expect(await store.write(held, { updatedMs: 0 })).toBeUndefined();
      expect(await store.requestCancel("j", startMs + 9, [entry("e")])).toBeUndefined();
      expect(await claim("r2", 99_999, true)).toBeUndefined();
      expect(await store.find("j")).toMatchObject({ status: "cancelled", runner: null });
      expect(await auditIds()).toEqual(["a", "c"]);
    });

    it("removes ended jobs, all or none, and forgets old ones", async () => {
      for (const jobId of ["a", "b", "open"]) await store.insert(jobRow(jobId), []);
      for (const jobId of ["a", "b"]) {
        const [found] = await store.claimable(["build"], request("r", 0), 1);
        const row = found === undefined ? undefined : await store.claim(found, request("r", 0), 1_000);
        expect(row?.jobId).toBe(jobId);
        expect(await store.end(claimOf(row), final("succeeded"), [])).toBe("ended");
      }
      expect(await store.remove(["a", "open"], [entry("a")])).toBe(false);
      expect((await store.list(page)).total).toBe(3);
      expect(await store.remove(["a"], [entry("b")])).toBe(true);
      expect(await auditIds()).toEqual(["b"]);
      expect(await store.prune(startMs + 9)).toBe(0);
      expect(await store.prune(startMs + 10)).toBe(1);
      expect((await store.list(page)).rows.map(({ jobId }) => jobId)).toEqual(["open"]);
    });

    it("lists newest first by page, and by each filter", async () => {
      await store.insert(jobRow("1", { createdMs: startMs + 1, status: "running" }), []);
      await store.insert(jobRow("2", { createdMs: startMs + 2, projectId: "p", resourceKind: "chain" }), []);
      await store.insert(jobRow("3", { createdMs: startMs + 3, tenantId: "tenant-2", resourceName: "cold chain" }), []);
      await store.insert(jobRow("4", { createdMs: startMs + 3, kind: "other", resourceId: "i-2" }), []);
      const found = async (filter: Partial<JobFilter>) => {
        const { total, rows } = await store.list({ ...page, ...filter });
        return [total, ...rows.map(({ jobId }) => jobId)];
      };
      expect(await found({})).toEqual([4, "4", "3", "2", "1"]);
      expect(await found({ offset: 1, limit: 2 })).toEqual([4, "3", "2"]);
      expect(await found({ tenantId: "tenant-2" })).toEqual([1, "3"]);
      expect(await found({ projectId: "p" })).toEqual([1, "2"]);
      expect(await found({ statuses: ["running", "failed"] })).toEqual([1, "1"]);
      expect(await found({ statuses: [] })).toEqual([0]);
      expect(await found({ kinds: ["other"] })).toEqual([1, "4"]);
      expect(await found({ resourceKind: "chain" })).toEqual([1, "2"]);
      expect(await found({ resourceId: "i-2" })).toEqual([1, "4"]);
      expect(await found({ resourceName: "Chain%" })).toEqual([3, "4", "2", "1"]);
      expect(await found({ resourceName: "chain" })).toEqual([1, "3"]);
      expect(await found({ createdFromMs: startMs + 2, createdToMs: startMs + 2 })).toEqual([1, "2"]);
    });
  });
}

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "./environment.ts";
import { findMount } from "./mount.ts";
import { benchmarkResult, createBenchmarkReporter, summarizeLatencies } from "./report.ts";

const MOUNT_INFO = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:20 / /proc rw - proc proc rw
40 22 8:17 / /srv rw,relatime shared:5 master:2 - xfs /dev/sdb1 rw
41 40 0:44 / /srv/ledger\\040data rw - nfs4 host:/export rw
42 41 0:45 / /srv/ledger\\040data rw - tmpfs none rw
malformed line`;

describe("findMount", () => {
  it.each([
    ["/home/a", "/", "ext4", "/dev/sda1"],
    ["/srv", "/srv", "xfs", "/dev/sdb1"],
    ["/srv/other", "/srv", "xfs", "/dev/sdb1"],
    ["/srvother", "/", "ext4", "/dev/sda1"],
    ["/srv/ledger data/segments", "/srv/ledger data", "tmpfs", "none"],
  ])("%s lies on %s", (path, mountPoint, type, source) => {
    expect(findMount(MOUNT_INFO, path)).toEqual({ mountPoint, type, source });
  });

  it("knows nothing from an empty table", () => {
    expect(findMount("", "/a")).toBeUndefined();
  });
});

describe("readEnvironment", () => {
  it("names the commit of a repository, and the changes on top of it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "environment-"));
    const git = (...args: string[]) => execFileSync("git", ["-C", directory, ...args], { encoding: "utf8" }).trim();
    try {
      const options = { directory, sourceDirectory: directory };
      git("init", "--quiet");
      expect((await readEnvironment(options)).commit).toBe("unknown");
      git(
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "first",
      );
      const commit = git("rev-parse", "HEAD");
      const environment = await readEnvironment(options);
      expect(environment.commit).toBe(commit);
      expect(environment.nodeVersion).toBe(process.version);
      expect(environment.cpuCores).toBeGreaterThan(0);
      expect(environment.memoryBytes).toBeGreaterThan(0);
      execFileSync("touch", [join(directory, "new")]);
      git("add", "new");
      expect((await readEnvironment(options)).commit).toBe(`${commit}+changes`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("results", () => {
  it("give percentiles by nearest rank", () => {
    const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarizeLatencies(oneToHundred)).toEqual({ p50Ms: 50, p99Ms: 99, maxMs: 100 });
    expect(summarizeLatencies([3])).toEqual({ p50Ms: 3, p99Ms: 3, maxMs: 3 });
    expect(summarizeLatencies([])).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });

  it("are written one a line with their environment", () => {
    const lines: string[] = [];
    const environment = {
      commit: "c",
      cpuModel: "m",
      cpuCores: 2,
      memoryBytes: 1,
      nodeVersion: "v24",
      system: "linux x64",
      fileSystem: "ext4",
      disk: "/dev/sda1",
    };
    const report = createBenchmarkReporter({ environment }, { write: (line) => lines.push(line) });
    const result = benchmarkResult("engine/set", [1, 2], 4, { clients: 64 });
    report(result);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith("\n")).toBe(true);
    expect(JSON.parse(lines[0] ?? "")).toEqual({ ...result, environment });
    expect(result.operationsPerSecond).toBe(500);
  });
});

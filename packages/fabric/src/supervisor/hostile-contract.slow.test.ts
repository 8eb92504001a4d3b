import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findHostRuntime } from "../sandbox/host-runtime.ts";
import { createSeparateUser } from "../sandbox/separate-user.ts";
import { createUnconfined } from "../sandbox/unconfined.ts";
import { UserIds } from "../sandbox/user-ids.ts";
import { type HostileReport, runHostile, SECRET } from "./testing/hostile.ts";
import { type HostFixture, openHost } from "./testing/hosts.ts";

let fixture: HostFixture;
let report: HostileReport;
let raw: string;

beforeAll(async () => {
  process.env["CONCORDAT_TEST_SECRET"] = SECRET;
  fixture = await openHost();
  raw = await runHostile(fixture, false);
  // The fixture's own answer.
  report = JSON.parse(raw) as HostileReport;
});

afterAll(async () => {
  delete process.env["CONCORDAT_TEST_SECRET"];
  await fixture.close();
});

test("it runs in bubblewrap, as a user without capabilities who can gain none", () => {
  expect(fixture.host.statuses().map(({ sandbox }) => sandbox)).toEqual(["bubblewrap", "bubblewrap"]);
  expect(report.user.id).toBeGreaterThan(60_000);
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    expect(report.user.status).toMatch(new RegExp(`${set}:\\s+0{16}\\n`));
  }
  expect(report.user.status).toMatch(/NoNewPrivs:\s+1\n/);
  for (const outcome of [report.namespaces, report.mount, report.become]) expect(outcome.got).toBeUndefined();
});

test("it reads no file of the host but programs and libraries", () => {
  expect(Object.values(report.files).map(({ got }) => got)).toEqual(Object.keys(report.files).map(() => undefined));
  expect(report.root.filter((name) => !/^(bin|lib(32|64)?|usr|etc|proc|dev|tmp|runtime|contract)$/.test(name))).toEqual(
    [],
  );
  expect(report.contractFolder.toSorted()).toEqual(["code", "node_modules"]);
  expect(report.devices.filter((name) => /^(sd|vd|nvme|loop|mem|kmsg|fuse|kvm|dm)/.test(name))).toEqual([]);
});

test("no secret reaches it, by whatever way", () => {
  expect(raw).not.toContain(SECRET);
  expect(
    Object.keys(report.environment).filter(
      (name) => !/^(CORE_|PATH$|HOME$|TMPDIR$|LANG$|NODE_|PWD$|GRPC_SSL)/.test(name),
    ),
  ).toEqual([]);
});

test("it sees and reaches no process but its own", () => {
  expect(report.processes.length).toBeLessThan(10);
  expect(report.processes.find(({ pid }) => pid === 1)?.environ.got ?? "").not.toMatch(/(HOME|USER|npm_)/);
  expect(report.processes.find(({ pid }) => pid === 1)?.memory.got).toBeUndefined();
  expect(report.signals.map(({ refused }) => refused)).toEqual(report.signals.map(() => "ESRCH"));
  expect(report.trace.got).toBeUndefined();
});

test("it has no network", () => {
  expect(report.interfaces).toEqual(["lo"]);
  expect(report.network.map(({ got }) => got)).toEqual(report.network.map(() => undefined));
  expect(report.outside.refused).toBe("ENETUNREACH");
  expect(report.names).not.toBe("resolved");
});

test("it writes nothing outside its temporary folders", async () => {
  const { [fixture.dataFolder]: _inItsOwnTemporaryFolder, ...written } = report.written;
  expect(await readFile(join(fixture.dataFolder, "keys", "master.key"), "utf8")).toBe(SECRET);
  expect(Object.entries(written).filter(([, { refused }]) => refused === undefined)).toEqual([]);
});

test("it fills neither disk nor memory, and cannot fork without end", () => {
  for (const { writtenMebibytes, refused } of Object.values(report.filled)) {
    expect(writtenMebibytes).toBeLessThanOrEqual(64);
    expect(refused).toContain("ENOSPC");
  }
  expect(report.memory.mebibytes).toBeLessThanOrEqual(1_024);
  expect(report.memory).not.toMatchObject({ status: 0 });
  expect(report.forks.started).toBeLessThan(128);
  expect(report.forks.refused).toContain("EAGAIN");
});

test("the same contract without a sandbox does get what it looks for", async () => {
  const sandbox = createUnconfined({ runtime: findHostRuntime() });
  const open = await openHost({ unsafeContracts: true }, { sandbox: () => Promise.resolve(sandbox) });
  try {
    const text = await runHostile(open, true);
    expect(text).toContain(SECRET);
    // The fixture's own answer.
    const found = JSON.parse(text) as HostileReport;
    expect(found.network.map(({ got }) => got)).toContain("connected");
    expect(found.files[join(open.dataFolder, "keys", "master.key")]).toEqual({ got: SECRET });
    expect(open.host.statuses().map((status) => status.sandbox)).toEqual(["none", "none"]);
  } finally {
    await open.close();
  }
});

// Skipped because only root may start processes as another user.
test.skipIf(process.getuid?.() !== 0).each([true, false])(
  "as another user (namespaces: %s) it reads neither keys nor other contracts, and signals nobody",
  async (hasNamespaces) => {
    const sandbox = createSeparateUser({ runtime: findHostRuntime(), hasNamespaces }, { userIds: new UserIds() });
    const weaker = await openHost({}, { sandbox: () => Promise.resolve(sandbox) });
    try {
      const text = await runHostile(weaker, true);
      // The fixture's own answer.
      const found = JSON.parse(text) as HostileReport;
      expect(text).not.toContain(SECRET);
      const inDataFolder = Object.entries(found.files).filter(([path]) => path.startsWith(weaker.dataFolder));
      expect(inDataFolder.map(([, { got }]) => got)).toEqual(inDataFolder.map(() => undefined));
      expect(found.signals.map(({ got }) => got)).toEqual(found.signals.map(() => undefined));
      expect(found.user.id).toBeGreaterThan(60_000);
      expect(found.network.map(({ got }) => got).includes("connected")).toBe(!hasNamespaces);
    } finally {
      await weaker.close();
    }
  },
);

import { type AnyOperation, coverageReport, createHttpServer } from "@concordat/api-kit";
import { afterAll, describe, expect, it } from "vitest";
import { coverage, coverageInput } from "./plugin.ts";

const report = coverageReport(coverageInput);
const server = createHttpServer();
server.register(coverage());
afterAll(() => server.close());

describe("coverage", () => {
  it("has every documented operation once, each with a standing", () => {
    expect(report.operations).toHaveLength(229);
    expect(new Set(report.operations.map(({ id }) => id)).size).toBe(229);
    const { exact, behaves, gap } = report.totals;
    expect(exact + behaves + gap).toBe(229);
    expect(exact).toBe(48);
  });

  it("names a reason for each gap and a test for everything else", () => {
    for (const { standing, reason, tests } of [...report.operations, ...report.supplement]) {
      if (standing === "gap") expect(reason).toBe("not built yet");
      else expect(tests.length).toBeGreaterThan(0);
    }
  });

  it("takes every row either from the inventory or as a named supplement", () => {
    const rows = Object.values(coverageInput.tables).flatMap((table) => Object.values<AnyOperation>(table));
    const listed = [...report.operations, ...report.supplement].filter(({ standing }) => standing !== "gap");
    expect(listed.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
    for (const { id } of report.supplement) expect(id).toMatch(/^(bif|huawei-iam|native|oracle|supermap):/);
  });

  it.each([
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"],
    ["application/json", "application/json; charset=utf-8"],
    ["text/html;q=0.5,application/json", "application/json; charset=utf-8"],
    ["*/*", "application/json; charset=utf-8"],
  ])("answers %s with %s", async (accept, type) => {
    const response = await server.inject({ url: "/coverage", headers: { accept } });
    expect(response.headers["content-type"]).toBe(type);
    expect(response.body).toContain("aliyun-ltl:SetData");
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AnyOperation, coverageReport } from "@concordat/api-kit";
import { describe, expect, it } from "vitest";
import { evidence } from "./evidence.ts";
import { coverageInput } from "./plugin.ts";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), "utf8");

/** What a test is made of: its own text, and that of the support files that it imports. */
function textOf(test: string): string {
  const text = read(test);
  const support = [...text.matchAll(/"\.\.\/support\/([a-z-]+\.ts)"/g)].map(([, file]) =>
    read(`tests/support/${file}`),
  );
  return [text, ...support].join("\n");
}

/** Whether a test's text names an action, whatever the case of its first letter, or runs over every row of its table. */
function shows(text: string, action: string): boolean {
  return new RegExp(`\\b${action}\\b`, "i").test(text) || /Object\.entries<AnyOperation>\((r|dataR)outes\)/.test(text);
}

describe.each(evidence)("$test with $client", ({ test, client, operations }) => {
  it("is there and shows each operation that it is named for", () => {
    const text = textOf(test);
    for (const operation of operations) expect(shows(text, operation.split(":")[1] ?? ""), operation).toBe(true);
  });

  it("drives the client that it is named for", () => {
    if (client === undefined) return expect(read(test)).not.toMatch(/alicloud|officialClients/);
    const artifact = client.split(":").at(-1) ?? client;
    const sources = [read(test), read("tests/support/clients.ts"), read("tests/java/pom.xml")];
    return expect(sources.some((text) => text.includes(artifact))).toBe(true);
  });
});

describe("a standing of exact", () => {
  const report = coverageReport(coverageInput);
  const exact = report.operations.filter(({ standing }) => standing === "exact");

  it("is that of the 45 actions and of three IAM operations", () => {
    const actions = Object.values<AnyOperation>(coverageInput.tables["aliyun-ltl"] ?? {}).map(({ id }) => id);
    const iam = ["huawei-iam:auth-projects", "huawei-iam:projects", "huawei-iam:tokens"];
    expect(exact.map(({ id }) => id).sort()).toEqual([...actions, ...iam].sort());
  });

  it("rests on an official client against a real server", () => {
    const endToEnd = evidence.filter(({ test, client }) => test.startsWith("tests/slow/") && client !== undefined);
    for (const { id } of exact) {
      expect(
        endToEnd.some(({ operations }) => operations.includes(id)),
        id,
      ).toBe(true);
    }
  });
});

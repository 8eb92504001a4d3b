import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { runVerifyLedger, runVerifyReceipt } from "./commands.ts";
import { main } from "./main.ts";

let directory: string;
const channel = new FixtureChannel();
channel.addConfig();
channel.add([{ writes: [{ key: "k\u001b[2J", value: "v" }] }, { code: 11 }]);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "verifier-cli-"));
  channel.write(join(directory, "channels", "ltl-1"));
  const files: Record<string, unknown> = {
    "receipt.json": channel.receipt(1, 0),
    "refused.json": channel.receipt(1, 1),
    "forged.json": { ...channel.receipt(1, 0), leafIndex: 2 },
    "trust.json": channel.trustBundle(),
    "bad-trust.json": { format: "concordat-trust/1" },
  };
  for (const [name, json] of Object.entries(files)) writeFileSync(join(directory, name), JSON.stringify(json));
  writeFileSync(join(directory, "text.json"), "{");
  writeFileSync(join(directory, "since"), channel.blocks[0]?.checkpoint ?? "");
  writeFileSync(
    join(directory, "foreign-since"),
    new FixtureChannel(undefined, "concordat/ffffffffffffffff/x").addConfig().checkpoint,
  );
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function run(command: typeof runVerifyReceipt, ...args: readonly string[]) {
  let out = "";
  let error = "";
  const paths = args.map((arg) =>
    /^[a-z-]+(\.json)?$/.test(arg) && !arg.startsWith("-") ? join(directory, arg) : arg,
  );
  const code = await command(paths, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, out, error };
}

describe("verify-receipt", () => {
  it.each([
    [0, "VALID", ["receipt.json", "--trust", "trust.json"]],
    [1, "UNAUTHENTICATED", ["receipt.json"]],
    [1, "REFUSED", ["refused.json", "--trust", "trust.json"]],
    [1, "INVALID", ["forged.json", "--trust", "trust.json"]],
    [1, "INVALID", ["text.json", "--trust", "trust.json"]],
  ] as const)("exits %i and says %s for %j", async (code, word, args) => {
    const result = await run(runVerifyReceipt, ...args);
    expect(result).toMatchObject({ code, error: "" });
    expect(result.out.startsWith(word)).toBe(true);
  });

  it.each([
    [[]],
    [["receipt.json", "refused.json"]],
    [["missing.json"]],
    [["receipt.json", "--trust", "bad-trust.json"]],
    [["receipt.json", "--trust", "text.json"]],
    [["receipt.json", "--unknown"]],
  ])("exits 2 for %j", async (args) => {
    const result = await run(runVerifyReceipt, ...args);
    expect(result).toMatchObject({ code: 2, out: "" });
    expect(result.error).not.toBe("");
  });

  it("keeps control characters of a receipt from the terminal", async () => {
    const { out } = await run(runVerifyReceipt, "receipt.json", "--trust", "trust.json");
    expect(out).not.toContain("\u001b");
    expect(out).toContain("\\u001b[2J");
  });

  it("prints the verdict as JSON", async () => {
    const { code, out } = await run(runVerifyReceipt, "refused.json", "--trust", "trust.json", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ status: "refused", facts: { block: 1, index: 1, validationCode: 11 } });
  });
});

describe("verify", () => {
  it("exits 0 for a good ledger and prints the height", async () => {
    const { code, out } = await run(runVerifyLedger, "--data", directory, "--since", "since", "--trust", "trust.json");
    expect(code).toBe(0);
    expect(out).toContain("The ledger verifies.");
    expect(out).toMatch(/blocks +2\n/);
  });

  it("prints the report as JSON", async () => {
    const { out } = await run(runVerifyLedger, "--data", directory, "--json");
    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      channels: [{ origin: channel.origin, height: 2, faults: [] }],
    });
  });

  it("exits 1 for a fault, 2 for misuse", async () => {
    expect((await run(runVerifyLedger, "--data", directory, "--since", "foreign-since")).code).toBe(1);
    expect((await run(runVerifyLedger)).code).toBe(2);
    expect((await run(runVerifyLedger, "--data", join(directory, "nowhere"))).code).toBe(2);
    expect((await run(runVerifyLedger, "--data", directory, "--since", "text.json")).code).toBe(2);
  });
});

describe("concordat-verify", () => {
  it("runs as a program of its own", () => {
    const program = fileURLToPath(new URL("../../bin/concordat-verify.js", import.meta.url));
    const out = execFileSync(process.execPath, [program, "ledger", "--data", directory, "--json"], {
      encoding: "utf8",
    });
    expect(JSON.parse(out)).toMatchObject({ valid: true });
  });

  it("prints its usage for anything else", async () => {
    let error = "";
    expect(await main(["other"], { out: () => undefined, error: (text) => (error += text) })).toBe(2);
    expect(error).toContain("Usage");
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PlatformErrorCode } from "@concordat/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAIN_CODE, refuseWith } from "../testing/fake-platform.ts";
import { commonFields, createLtlHarness, exampleFields, signedGet } from "../testing/ltl-harness.ts";
import { platformErrors } from "./errors.ts";
import { routes } from "./routes/table.ts";

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const fields = { Key: `0001_${CHAIN_CODE}_0X58_errors`, ProductKey: CHAIN_CODE, Value: "v" };
const codes = Object.keys(platformErrors) as PlatformErrorCode[];

describe("every code of the platform", () => {
  it.each(codes)("%s comes out as the map says, in JSON and XML", async (code) => {
    const answer = platformErrors[code];
    const send = (format: string) => {
      harness.platform.fail(refuseWith(code, 'a "quoted" <text>'));
      return signedGet(harness.server, { ...commonFields("SetData"), ...fields, Format: format });
    };
    const json = await send("JSON");
    expect(json.statusCode).toBe(answer.kind === "gateway" ? answer.status : 200);
    expect(json.json()).toMatchObject({ Code: answer.code, Message: 'a "quoted" <text>' });
    const xml = await send("XML");
    const root = answer.kind === "gateway" ? "Error" : "SetDataResponse";
    expect(xml.body).toMatch(
      new RegExp(`^<\\?xml version="1.0" encoding="utf-8"\\?><${root}>.*<Code>${answer.code}</Code>.*</${root}>$`),
    );
    expect(xml.body).toContain('<Message>a "quoted" &lt;text&gt;</Message>');
  });

  const inFlight = ["GetData", "GetBlockChainInfo", "AttachData", "AttachDataWithSignature"] as const;
  it.each(inFlight)("%s meets a write in flight with -320", async (action) => {
    harness.platform.fail(refuseWith("EVIDENCE_IN_FLIGHT"));
    const response = await signedGet(harness.server, { ...commonFields(action), ...exampleFields(action) });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ Code: -320, Success: false });
  });

  it.each(Object.keys(routes) as (keyof typeof routes)[])("%s hands on what it documents", async (action) => {
    for (const code of routes[action].errors) {
      harness.platform.fail(refuseWith(code));
      const response = await signedGet(harness.server, { ...commonFields(action), ...exampleFields(action) });
      expect(response.json().Code, code).toBe(platformErrors[code].code);
    }
  });

  it("stands in the table of README.md with its number", () => {
    const readme = readFileSync(fileURLToPath(new URL("README.md", import.meta.url)), "utf8");
    for (const code of codes) {
      const answer = platformErrors[code];
      if (answer.kind === "business") expect(readme).toContain(`| ${answer.code} | \`${code}\` |`);
    }
    for (const [, number = "", code = ""] of readme.matchAll(/\| \d+ \| ([^ |]+)[^|]* \| `([A-Z_]+)` \|/g)) {
      expect([code, String(platformErrors[code as PlatformErrorCode].code)]).toEqual([code, number]);
    }
  });

  it("keeps the document's numbers apart", () => {
    const numbers = codes.flatMap((code) => {
      const answer = platformErrors[code];
      return answer.kind === "business" ? [answer.code] : [];
    });
    // A repeated business id is a repeated record key, and a refused device signature is a wrong parameter of it: one number for two codes.
    expect(new Set(numbers).size).toBe(numbers.length - 2);
  });
});

describe("an unexpected error", () => {
  it("answers InternalError, tells nothing and is logged", async () => {
    harness.platform.fail(new Error("the secret is testsecret"));
    const response = await signedGet(harness.server, { ...commonFields("SetData"), ...fields });
    expect(response.statusCode).toBe(500);
    expect(response.json().Code).toBe("InternalError");
    expect(response.body).not.toContain("testsecret");
    expect(harness.faults.at(-1)).toContain(response.json().RequestId);
  });
});

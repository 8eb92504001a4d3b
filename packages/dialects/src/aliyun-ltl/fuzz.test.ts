import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commonFields,
  createLtlHarness,
  encodeFields,
  exampleFields,
  type Fields,
  signFields,
} from "../testing/ltl-harness.ts";
import { routes } from "./routes/table.ts";

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const REQUESTS = 2_000;
const names = [
  ...Object.keys(commonFields("")),
  ...Object.values(routes).flatMap((row) => Object.values<{ name: string }>(row.wire).map(({ name }) => name)),
  "Format",
  "Signature",
  "TimeStamp",
  "SecurityToken",
  "__proto__",
  "constructor",
];
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "0", "-1", "XML", "\0", "<a>&", "]]>"),
);
const own = fc.dictionary(
  fc.constantFrom(...names),
  text.map((value) => value.toWellFormed()),
  { maxKeys: 6 },
);
const noise = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom("%", "%zz", "&&&", "=", "a=b=c", "%ff", "Key=1&Key=2", "?"),
);
const headers = fc.dictionary(
  fc.constantFrom(
    "authorization",
    "x-acs-action",
    "x-acs-version",
    "x-acs-date",
    "x-acs-content-sha256",
    "host",
    "content-type",
    "accept",
  ),
  fc.oneof(
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }).map((value) => value.replaceAll(/[^\x21-\x7e]/g, "")),
    fc.constantFrom(
      "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host,Signature=00",
      "ACS3-HMAC-SHA256 ",
      "application/x-www-form-urlencoded",
    ),
  ),
  { maxKeys: 4 },
);
const request = fc.record({
  method: fc.constantFrom("GET", "GET", "POST", "POST", "PUT", "HEAD"),
  action: fc.constantFrom(...(Object.keys(routes) as (keyof typeof routes)[]), "Nothing" as const),
  own: fc.option(own, { nil: {}, freq: 1 }),
  noise: fc.option(noise, { nil: "", freq: 3 }),
  headers: fc.option(headers, { nil: {}, freq: 3 }),
  signed: fc.boolean(),
  inBody: fc.boolean(),
  dropped: fc.subarray(Object.keys(commonFields(""))),
  dropping: fc.constantFrom(true, false, false),
});

describe("arbitrary requests", () => {
  it(`never end in a 5xx, in ${REQUESTS} requests`, async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(request, async (sketch) => {
        const base: Record<string, string> = {
          ...commonFields(sketch.action),
          ...(sketch.action === "Nothing" ? {} : exampleFields(sketch.action)),
          ...sketch.own,
        };
        if (sketch.dropping) for (const name of sketch.dropped) delete base[name];
        const fields: Fields = sketch.signed ? signFields(sketch.method, base) : base;
        const encoded = [encodeFields(fields), encodeURI(sketch.noise.toWellFormed())]
          .filter((part) => part !== "")
          .join("&");
        const inBody = sketch.inBody && sketch.method === "POST";
        const response = await harness.server.inject({
          method: sketch.method as "GET" | "POST" | "PUT" | "HEAD",
          url: inBody ? "/" : `/?${encoded}`,
          headers: { ...(inBody ? { "content-type": "application/x-www-form-urlencoded" } : {}), ...sketch.headers },
          ...(inBody ? { payload: encoded } : {}),
        });
        expect(response.statusCode).toBeLessThan(500);
        expect(response.headers["x-acs-request-id"]).toBeDefined();
        if (response.statusCode === 200) accepted += 1;
      }),
      { numRuns: REQUESTS },
    );
    expect(harness.faults).toEqual([]);
    expect(accepted).toBeGreaterThan(REQUESTS / 50);
  });
});

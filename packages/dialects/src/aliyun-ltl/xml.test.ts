import type { AnyOperation } from "@concordat/api-kit";
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commonFields,
  createLtlHarness,
  exampleFields,
  type Fields,
  signedGet,
  signedPost,
} from "../testing/ltl-harness.ts";
import { routes } from "./routes/table.ts";

const parser = new XMLParser({ parseTagValue: false, trimValues: false, ignoreDeclaration: true });
const read = (xml: string): unknown => parser.parse(xml);

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const actions = Object.entries<AnyOperation>(routes).map(([action]) => action as keyof typeof routes);
const reads = actions.filter((action) => !routes[action].mutating);
const ways = {
  GET: (fields: Fields) => signedGet(harness.server, fields),
  POST: (fields: Fields) => signedPost(harness.server, fields, () => false),
};

/** What the reads find. Every example's key is the same, and its business id is given there. */
beforeAll(async () => {
  for (const action of [
    "SetData",
    "AttachData",
    ...actions.filter((action) => /^(Batch)?Upload/.test(action)),
  ] as const) {
    await signedGet(harness.server, { ...commonFields(action), ...exampleFields(action as keyof typeof routes) });
  }
});

/** A JSON value as XML can say it: texts, a list as its repeated elements, one of them as itself, none as nothing. */
function asXml(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? asXml(value[0]) : value.map(asXml);
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value)
    .filter(([, member]) => !(Array.isArray(member) && member.length === 0))
    .map(([name, member]) => [name, asXml(member)]);
  return members.length === 0 ? "" : Object.fromEntries(members);
}

describe.each(["GET", "POST"] as const)("%s", (method) => {
  it.each(reads)("%s says the same in XML as in JSON", async (action) => {
    const fields = exampleFields(action);
    const json = (await ways[method]({ ...commonFields(action), ...fields })).json();
    const response = await ways[method]({ ...commonFields(action), ...fields, Format: "XML" });
    expect([json.Success, response.statusCode], JSON.stringify(json)).toEqual([true, 200]);
    const RequestId = response.headers["x-acs-request-id"];
    expect(read(response.body)).toEqual({ [`${action}Response`]: asXml({ ...json, RequestId }) });
  });

  it.each(actions.filter((action) => routes[action].mutating))("%s says in XML that it was done", async (action) => {
    const fields = { ...exampleFields(action), Format: "XML" };
    const response = await ways[method]({ ...commonFields(action), ...fields });
    const RequestId = response.headers["x-acs-request-id"];
    const Data = expect.stringMatching(/^([0-9]{16})?$/);
    const answer = { Message: "", RequestId, Data, Code: "200", Success: "true" };
    expect(read(response.body)).toEqual({ [`${action}Response`]: answer });
  });
});

it.each(actions)("%s: a refusal says the same in XML as in JSON", async (action) => {
  const fields = { ...commonFields(action), ApiVersion: "<2> & 3" };
  const json = (await signedGet(harness.server, fields)).json();
  const xml = await signedGet(harness.server, { ...commonFields(action), ApiVersion: "<2> & 3", Format: "XML" });
  const RequestId = xml.headers["x-acs-request-id"];
  expect(json.Code).toBe(-113);
  expect(read(xml.body)).toEqual({ [`${action}Response`]: asXml({ ...json, RequestId }) });
});

import PopCore from "@alicloud/pop-core";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { beforeAll, describe, expect, test } from "vitest";
import type { Parameters } from "../support/aliyun.ts";
import { ltlCalls } from "../support/ltl-calls.ts";
import { createLtlWorld, LtlSetup, type LtlWorld } from "../support/ltl-world.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/** All 45 actions by npm's official client, unmodified, against a server of its own process. */
let server: RunningServer;
let world: LtlWorld;
let setup: LtlSetup;
let client: PopCore;

beforeAll(async () => {
  server = await startServer(await newInstallation("actions"));
  setup = new LtlSetup(server);
  world = await createLtlWorld(server, setup);
  const { endpoint, accessKeyId, accessKeySecret } = server.bootstrap.aliyun;
  client = new PopCore({ endpoint, apiVersion: "2019-05-10", accessKeyId, accessKeySecret });
  return async () => {
    world.caller.close();
    await server.stop();
  };
});

const actions = Object.keys(ltlCalls);
const LISTS = ["PhaseDataList", "RelatedDataList", "AuthorizedPhaseList"];

async function parametersOf(action: string): Promise<Parameters> {
  const parameters = await ltlCalls[action]?.(world, world.administrator, setup);
  if (parameters === undefined) throw new Error(`There is no call of ${action}.`);
  return parameters;
}

/** Lists as arrays, which the client takes apart into numbered parameters. */
function withArrays(parameters: Parameters): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, LISTS.includes(name) ? JSON.parse(value) : value]),
  );
}

describe.each(["GET", "POST"] as const)("pop-core, %s", (method) => {
  const request = (action: string, parameters: object) =>
    client.request<Record<string, unknown>>(
      action,
      { ApiVersion: "1.0.0", ...parameters },
      { method, timeout: 60_000 },
    );

  test.each(actions)("%s", async (action) => {
    const answer = await request(action, await parametersOf(action));
    expect(answer).toMatchObject({
      Code: 200,
      Success: true,
      Message: "",
      RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/),
    });
  });

  // A batch's device signs the text that it sends; taken apart, that is another text.
  const signedLists = (action: string) => /^Batch.*ByDevice$/.test(action);
  const withLists = actions.filter((action) => /^(Batch)?Upload|^UpdateMPCoS/.test(action) && !signedLists(action));
  test.each(withLists)("%s with lists taken apart", async (action) => {
    const answer = await request(action, withArrays(await parametersOf(action)));
    expect(answer).toMatchObject({ Code: 200, Success: true });
  });
});

describe("XML", () => {
  const reading = /^(List|Get|Describe)/;
  const parser = new XMLParser({ parseTagValue: false, trimValues: false });

  test.each(actions.filter((action) => reading.test(action)))("%s says what the JSON says", async (action) => {
    const parameters = await parametersOf(action);
    const json = await world.caller.call(action, parameters);
    const xml = await world.caller.call(action, parameters, { overrides: { Format: "XML" } });
    expect(json.body["Code"], json.text).toBe(200);
    expect(XMLValidator.validate(xml.text)).toBe(true);
    const document = parser.parse(xml.text)[`${action}Response`];
    expect(document).toMatchObject({ Code: "200", Success: "true" });
    expect(document.Data ?? "").toEqual(asXml(json.body["Data"]));
  });

  test.each(actions.filter((action) => !reading.test(action)))("%s answers well-formed XML", async (action) => {
    const { text } = await world.caller.call(action, await parametersOf(action), {
      method: "POST",
      overrides: { Format: "XML" },
    });
    expect(XMLValidator.validate(text)).toBe(true);
    expect(parser.parse(text)[`${action}Response`]).toMatchObject({ Code: "200", Success: "true" });
  });
});

/** A JSON value as an XML reader without types sees it: an empty list is no element, a list of one is its item. */
function asXml(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? asXml(value[0]) : value.map(asXml);
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value)
    .filter(([, member]) => !(Array.isArray(member) && member.length === 0))
    .map(([name, member]) => [name, asXml(member)]);
  return members.length === 0 ? "" : Object.fromEntries(members);
}

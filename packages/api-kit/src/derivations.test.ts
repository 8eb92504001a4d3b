import { afterAll, describe, expect, it } from "vitest";
import { commandDescriptors, commandWords } from "./cli.ts";
import { createClient } from "./client.ts";
import { compileTable } from "./compile.ts";
import { coverageHtml, coverageReport } from "./coverage.ts";
import { openApiDocument } from "./openapi.ts";
import { type Handlers, operationFor } from "./operation.ts";
import { decimalInteger, trueOrFalse } from "./parameter-codec.ts";
import { type RequestFault, registerRest } from "./rest.ts";
import { createHttpServer } from "./server.ts";
import { Type } from "./typebox.ts";

const operation = operationFor<"CRATE_UNKNOWN" | "CRATE_FULL">();

const table = {
  getCrate: operation({
    id: "fruit:getCrate",
    summary: "Looks into a crate.",
    source: "Fruit reference, 1.1",
    methods: ["GET"],
    path: "/crates/{crate_id}",
    permission: "crate:get",
    mutating: false,
    input: Type.Object({
      crateId: Type.String({ pattern: "^[a-z]+$", description: "Crate." }),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 9, description: "How many." })),
      ripe: Type.Optional(Type.Boolean({ description: "Only ripe ones." })),
    }),
    wire: {
      crateId: { in: "path", name: "crate_id" },
      limit: { in: "query", name: "Limit", codec: decimalInteger },
      ripe: { in: "query", name: "ripe", codec: trueOrFalse },
    },
    output: Type.Object({ apples: Type.Integer() }),
    errors: ["CRATE_UNKNOWN"],
    example: { input: { crateId: "a", limit: 2 }, output: { apples: 3 } },
  }),
  fillCrate: operation({
    id: "fruit:fillCrate",
    summary: "Puts apples in.",
    source: "Fruit reference, 1.2",
    methods: ["POST"],
    status: 201,
    path: "/crates/{crate_id}/apples",
    permission: "crate:fill",
    mutating: true,
    input: Type.Object({ crateId: Type.String(), count: Type.Integer({ minimum: 1 }) }),
    wire: { crateId: { in: "path", name: "crate_id" }, count: { in: "body", name: "count" } },
    output: Type.Object({ apples: Type.Integer() }),
    errors: ["CRATE_FULL"],
    example: { input: { crateId: "a", count: 2 }, output: { apples: 5 } },
  }),
};

type Complete = Handlers<typeof table, { readonly bonus: number }>;
const handlers = {
  async getCrate({ limit = 9 }, { bonus }) {
    return { apples: Math.min(limit, 3) + bonus };
  },
  async fillCrate({ count }, { bonus }) {
    return { apples: count + bonus };
  },
} satisfies Complete;

// Type-level tests: an incomplete, misspelt or wrongly typed set of handlers is no `Handlers` of the table.
type Fits<Candidate> = Candidate extends Complete ? true : false;
const missingDoesNotFit: Fits<Pick<typeof handlers, "getCrate">> = false;
const misspeltDoesNotFit: Fits<{ getCrate: Complete["getCrate"]; fillCrates: Complete["fillCrate"] }> = false;
const wrongAnswerDoesNotFit: Fits<{ getCrate: Complete["getCrate"]; fillCrate: () => Promise<{ pears: 1 }> }> = false;
const completeFits: Fits<typeof handlers> = true;

class Refused extends Error {
  readonly statusCode = 400;
  constructor(fault: RequestFault) {
    super(`${fault.kind} ${fault.wireName}`);
  }
}

const server = createHttpServer();
registerRest(server, table, handlers, {
  context: async () => ({ bonus: 0 }),
  refuse: (fault) => new Refused(fault),
  around: (_call, work) => work(),
});
afterAll(() => server.close());

describe("handlers", () => {
  it("fit their table by type", () => {
    expect([missingDoesNotFit, misspeltDoesNotFit, wrongAnswerDoesNotFit, completeFits]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe("decodeInput", () => {
  const compiled = compileTable(table).get("getCrate") ?? expect.fail("the row is gone");
  const decode = (fields: Record<string, unknown>) => compiled.decodeInput(({ name }) => fields[name]);

  it("reads fields through their codecs", () => {
    expect(decode({ crate_id: "b", Limit: "7", ripe: "true" })).toEqual({
      ok: true,
      input: { crateId: "b", limit: 7, ripe: true },
    });
    expect(decode({ crate_id: "b" })).toEqual({ ok: true, input: { crateId: "b" } });
  });

  it("reports what is missing before what is malformed", () => {
    expect(decode({ Limit: "x" })).toMatchObject({ ok: false, fault: { kind: "missing", wireName: "crate_id" } });
  });

  it.each([
    [{ crate_id: "B" }, "crate_id"],
    [{ crate_id: "b", Limit: "0" }, "Limit"],
    [{ crate_id: "b", Limit: "10" }, "Limit"],
    [{ crate_id: "b", Limit: "1e1" }, "Limit"],
    [{ crate_id: "b", ripe: "TRUE" }, "ripe"],
    [{ crate_id: "b", ripe: true }, "ripe"],
  ])("%j is malformed in %s", (fields, wireName) => {
    expect(decode(fields)).toMatchObject({ ok: false, fault: { kind: "malformed", wireName } });
  });
});

describe("HTTP and client", () => {
  const client = createClient(table, async ({ operation: { operation: row }, fields }) => {
    const url = fields.reduce((path, { field, value }) => path.replace(`{${field.name}}`, String(value)), row.path);
    const query = fields
      .filter(({ field }) => field.in === "query")
      .map(({ field, value }) => `${field.name}=${value}`);
    const body = fields.filter(({ field }) => field.in === "body").map(({ field, value }) => [field.name, value]);
    const response = await server.inject({
      method: row.methods[0] ?? "GET",
      url: `${url}?${query.join("&")}`,
      ...(body.length > 0 ? { payload: Object.fromEntries(body) } : {}),
    });
    expect(response.statusCode, response.body).toBe(row.status);
    return { data: response.json() };
  });

  it("carry a call there and back", async () => {
    expect(await client.getCrate({ crateId: "a", limit: 2 })).toEqual({ apples: 2 });
    expect(await client.fillCrate({ crateId: "a", count: 4 })).toEqual({ apples: 4 });
  });

  it("refuse an answer that does not fit", async () => {
    const lying = createClient(table, async () => ({ data: { apples: "many" } }));
    await expect(lying.getCrate({ crateId: "a" })).rejects.toMatchObject({ code: "ANSWER_UNEXPECTED" });
  });

  it.each([
    ["GET", "/crates/a?colour=red", undefined, "unknown colour"],
    ["GET", "/crates/a?Limit=1&Limit=2", undefined, "repeated Limit"],
    ["GET", "/crates/A", undefined, "malformed crate_id"],
    ["POST", "/crates/a/apples", { count: 0 }, "malformed count"],
    ["POST", "/crates/a/apples", {}, "missing count"],
    ["POST", "/crates/a/apples", { count: 1, weight: 2 }, "unknown weight"],
  ] as const)("%s %s %j: %s", async (method, url, payload, message) => {
    const response = await server.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    expect([response.statusCode, response.json().message]).toEqual([400, message]);
  });
});

describe("documents", () => {
  it("OpenAPI says where each field travels", () => {
    const document = openApiDocument({
      title: "Fruit",
      version: "1",
      description: "",
      table,
      securitySchemes: { basic: { type: "http", scheme: "basic" } },
      errorBody: { mediaType: "application/json", schema: {} },
    });
    const text = JSON.parse(JSON.stringify(document));
    expect(text.paths["/crates/{crate_id}"].get).toMatchObject({
      operationId: "getCrate",
      parameters: [
        { name: "crate_id", in: "path", required: true },
        { name: "Limit", in: "query", required: false, schema: { maximum: 9 } },
        { name: "ripe", in: "query", required: false },
      ],
      responses: { 200: { content: { "application/json": { example: { apples: 3 } } } } },
    });
    const post = text.paths["/crates/{crate_id}/apples"].post;
    expect(post.requestBody.content["application/json"].schema).toMatchObject({ required: ["count"] });
    expect(post.responses).toHaveProperty("201");
  });

  it("commands take their options from the fields", () => {
    const [get] = commandDescriptors(table);
    expect(get).toMatchObject({
      group: "crate",
      verb: "get",
      mutating: false,
      options: [
        { field: "crateId", flags: "--crate-id <text>", description: "Crate.", required: true },
        { field: "limit", flags: "--limit <number>", required: false },
        { field: "ripe", flags: "--ripe [true|false]", required: false },
      ],
    });
    expect(get?.options[1]?.parse("7")).toBe(7);
    expect(get?.options[1]?.parse("seven")).toBeUndefined();
  });

  it.each([
    ["createChain", "/api/v1/chains", "chain create"],
    ["listChains", "/api/v1/chains", "chain list"],
    ["addChainMember", "/api/v1/chains/{id}/members", "chain add-member"],
    ["getChannelStateHash", "/api/v1/channels/{id}/state-hash", "channel get-state-hash"],
    ["getConsistencyProof", "/api/v1/channels/{id}/consistency", "consistency get-proof"],
    ["createEnterpriseProject", "/api/v1/enterprise-projects", "enterprise-project create"],
    ["listPolicies", "/api/v1/policies", "policy list"],
    ["createAccessKey", "/api/v1/users/{uid}/access-keys", "access-key create"],
    ["setAccessKeyActive", "/api/v1/access-keys/{id}", "access-key set-active"],
    ["createOAuthClient", "/api/v1/users/{uid}/oauth-clients", "oauth-client create"],
    ["createApiKey", "/api/v1/users/{uid}/api-keys", "api-key create"],
    ["getCurrentSession", "/api/v1/sessions/current", "session get-current"],
    ["forgetEarlierMasterKeys", "/api/v1/master-key/forget-earlier", "master-key forget-earlier"],
    ["createRamUser", "/api/v1/accounts/{uid}/users", "user create-ram"],
    ["ping", "/api/v1/health", "ping ping"],
  ])("%s at %s is the command %s", (operation, path, words) => {
    const { group, verb } = commandWords(operation, path);
    expect(`${group} ${verb}`).toBe(words);
  });

  it("a list of texts is separated by commas, any other list is JSON", () => {
    const { getCrate } = table;
    const sorts = Type.Array(Type.Union([Type.Literal("apple"), Type.Literal("pear")]));
    const input = Type.Object({ sorts, sizes: Type.Array(Type.Integer()) });
    const [first, second] = commandDescriptors({ getCrate: { ...getCrate, input } })[0]?.options ?? [];
    expect([first?.flags, first?.form, first?.parse("apple, pear")]).toEqual([
      "--sorts <list>",
      "list",
      ["apple", "pear"],
    ]);
    expect([second?.flags, second?.form, second?.parse("[1,2]")]).toEqual(["--sizes <json>", "json", [1, 2]]);
    for (const text of ["1,2", "{}", "null"]) expect(second?.parse(text)).toBeUndefined();
  });

  it("an option of several parts is JSON", () => {
    const { getCrate } = table;
    const size = Type.Object({ width: Type.Integer() }, { description: "Size." });
    const row = { ...getCrate, input: Type.Object({ size: Type.Optional(size) }) };
    const option = commandDescriptors({ getCrate: row })[0]?.options[0];
    expect(option).toMatchObject({ flags: "--size <json>", description: "Size.", required: false });
    expect(option?.parse('{"width":2}')).toEqual({ width: 2 });
    for (const text of ["{", "2", "[]", "null"]) expect(option?.parse(text)).toBeUndefined();
  });
});

describe("coverage", () => {
  const entry = (id: string) => ({ id, dialect: "fruit", section: "1", title: `<${id}>`, method: "GET", path: "/" });
  const report = coverageReport({
    inventory: [entry("fruit:getCrate"), entry("fruit:sellCrate"), entry("fruit:weighCrate")],
    tables: { fruit: table },
    evidence: [
      { test: "a.test.ts", operations: ["fruit:getCrate", "fruit:fillCrate"] },
      { test: "b.test.ts", client: "fruit-client", operations: ["fruit:getCrate"] },
    ],
    gapReasons: { "fruit:weighCrate": "needs a scale" },
  });

  it("derives each standing from rows and evidence", () => {
    expect(report.totals).toEqual({ exact: 1, behaves: 0, gap: 2 });
    expect(report.operations.map(({ standing, reason }) => [standing, reason])).toEqual([
      ["exact", undefined],
      ["gap", "not built yet"],
      ["gap", "needs a scale"],
    ]);
    expect(report.supplement).toMatchObject([{ id: "fruit:fillCrate", standing: "behaves", tests: ["a.test.ts"] }]);
  });

  it("does not believe in a row that no test shows", () => {
    const unproven = coverageReport({ inventory: [entry("fruit:getCrate")], tables: { fruit: table }, evidence: [] });
    expect(unproven.operations[0]).toMatchObject({ standing: "gap", reason: "built, but no test shows it" });
  });

  it("escapes what it prints", () => {
    expect(coverageHtml(report)).toContain("&lt;fruit:sellCrate&gt;");
  });
});

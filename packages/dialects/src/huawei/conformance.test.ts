import { type AnyOperation, compileTable, createClient, type WireRequest } from "@concordat/api-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iamErrors, iamPlatformErrors } from "./errors.ts";
import { gatewayErrors } from "./gateway-errors.ts";
import { iamOpenApi } from "./openapi.ts";
import { iamRoutes as routes } from "./routes/table.ts";
import { accessKey, tokenFor } from "./testing/ask-token.ts";
import { createIamWorld, type IamWorld, REGION } from "./testing/iam-world.ts";

let world: IamWorld;
beforeAll(async () => {
  world = await createIamWorld();
});
afterAll(() => world.dispose());

/** Sends a row's request by HTTP, signed as the Node client signs, one second after the one before. */
async function transport({ operation, fields }: WireRequest) {
  const query: Record<string, string> = {};
  const headers: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const { field, value } of fields) {
    if (field.in === "body") body[field.name] = value;
    else if (field.in === "header") headers[field.name] = String(value);
    else query[field.name] = String(value);
  }
  const { methods, path, status } = operation.operation;
  const [method = "GET"] = methods;
  const hasBody = Object.keys(body).length > 0;
  world.harness.clock.advance(1_000);
  const answer = await world.send(world.sign({ method, path, query, headers, ...(hasBody ? { body } : {}) }));
  expect(answer.status, answer.text).toBe(status);
  return { data: answer.body, headers: Object.fromEntries(answer.headers) };
}

it("answers every row in the form that the row describes", async () => {
  const client = createClient(routes, transport);
  const identity = accessKey(world);
  const { subjectToken } = await client.createToken({ auth: { identity, scope: { project: { name: REGION } } } });
  expect((await client.showToken({ subjectToken })).subjectToken).toBe(subjectToken);
  expect(await client.revokeToken({ subjectToken })).toEqual({});
  expect((await client.listProjects({ name: REGION, enabled: true })).projects).toHaveLength(1);
  expect((await client.listAuthProjects({})).projects).toHaveLength(2);
  expect((await client.createProject({ project: { name: "made" } })).project.name).toBe("made");
  expect((await client.listAuthDomains({})).domains).toHaveLength(1);
  expect((await client.listRegions({})).regions).toHaveLength(1);
});

describe.each(Object.entries<AnyOperation>(routes))("%s", (name, row) => {
  it("has an example that fits its schemas and travels there and back", () => {
    const compiled = compileTable(routes).get(name);
    const encoded = compiled?.encodeInput(row.example.input as Readonly<Record<string, unknown>>) ?? [];
    const decoded = compiled?.decodeInput((field) => encoded.find((pair) => pair.field === field)?.value);
    expect(decoded).toEqual({ ok: true, input: row.example.input });
    expect(compiled?.isOutput(row.example.output)).toBe(true);
    expect(row.answer.decode(row.answer.encode(row.example.output))).toEqual(row.example.output);
  });

  it("documents errors that have a place in the answer's form, and stands in the OpenAPI document", () => {
    for (const code of row.errors) expect(Object.keys(iamPlatformErrors)).toContain(code);
    const paths = iamOpenApi()["paths"] as Record<string, Record<string, { operationId: string }>>;
    for (const method of row.methods) expect(paths[row.path]?.[method.toLowerCase()]?.operationId).toBe(name);
  });
});

it("serves its OpenAPI document", async () => {
  const answer = await world.call({ method: "GET", path: "/openapi/huawei-iam.json" });
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 200,
    body: JSON.parse(JSON.stringify(iamOpenApi())),
  });
});

it("has codes and statuses of one form", () => {
  const all = [...Object.values(iamPlatformErrors), ...Object.values(iamErrors), ...Object.values(gatewayErrors)];
  for (const { status, code } of all) {
    expect(code).toMatch(/^(IAM|APIGW)\.\d{4}$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});

it("takes tokens and signatures alike for every operation that needs a caller", async () => {
  const token = await tokenFor(world, accessKey(world), { domain: { name: "shipper" } });
  for (const { methods, path } of Object.values<AnyOperation>(routes).filter(({ mutating }) => !mutating)) {
    const call = { method: methods[0] ?? "", path, headers: { "X-Subject-Token": token } };
    expect((await world.call(call, token)).status, path).toBe(200);
    expect((await world.send(world.sign(call))).status, path).toBe(200);
    expect((await world.call(call)).status, path).toBe(401);
  }
});

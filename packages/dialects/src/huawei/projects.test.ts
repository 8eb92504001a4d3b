import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accessKey, grantReading, outcome, password, tokenFor } from "./testing/ask-token.ts";
import { type Answer, createIamWorld, type IamWorld, REGION } from "./testing/iam-world.ts";

let world: IamWorld;
beforeEach(async () => {
  world = await createIamWorld();
});
afterEach(async () => {
  expect(world.faults).toEqual([]);
  await world.dispose();
});

const namesIn = ({ body }: Answer) => (body["projects"] as readonly { name: string }[]).map(({ name }) => name);

describe("projects, domains and regions", () => {
  it("are those of the caller's tenant, in order of creation", async () => {
    const token = await tokenFor(world, accessKey(world), { domain: { name: "shipper" } });
    const both = [REGION, `${REGION}_tests`];
    expect(namesIn(await world.list(token, "/v3/projects"))).toEqual(both);
    expect(namesIn(await world.list(token, "/v3/projects/"))).toEqual(both);
    expect(namesIn(await world.list(token, "/v3/auth/projects"))).toEqual(both);
    const { body } = await world.list(token, "/v3/auth/domains");
    expect(body["domains"]).toMatchObject([{ id: world.tenant.tenantId, name: "shipper", enabled: true }]);
    expect((await world.list(token, "/v3/regions")).body["regions"]).toMatchObject([{ id: REGION, type: "public" }]);
  });

  it("are found by name, domain, parent and state", async () => {
    const { caller } = world.account;
    const { projectId } = world.secondProject;
    await world.harness.platform.tenancy.projects.update(caller, { projectId, enabled: false });
    const token = await tokenFor(world, accessKey(world), { domain: { name: "shipper" } });
    const found = async (query: Record<string, string>) => namesIn(await world.list(token, "/v3/projects", query));
    const second = `${REGION}_tests`;
    expect(await found({ name: second })).toEqual([second]);
    expect(await found({ name: "nothing" })).toEqual([]);
    expect(await found({ enabled: "True" })).toEqual([REGION]);
    expect(await found({ enabled: "false" })).toEqual([second]);
    expect(await found({ domain_id: world.tenant.tenantId, parent_id: world.tenant.tenantId })).toHaveLength(2);
    expect(await found({ parent_id: projectId })).toEqual([]);
    expect(await found({ is_domain: "true" })).toEqual([]);
    expect(await found({ is_domain: "false", whatever: "1" })).toHaveLength(2);
    expect(namesIn(await world.list(token, "/v3/auth/projects"))).toEqual([REGION]);
    expect(outcome(await world.list(token, "/v3/projects", { domain_id: world.stranger.tenantId }))).toMatchObject({
      status: 403,
    });
  });

  it("come in pages that name each other", async () => {
    const token = await tokenFor(world, accessKey(world), { domain: { name: "shipper" } });
    const first = await world.list(token, "/v3/projects", { page: "1", per_page: "1" });
    expect(namesIn(first)).toEqual([REGION]);
    const url = (page: number) => `http://${world.host}/v3/projects?page=${page}&per_page=1`;
    expect(first.body["links"]).toEqual({ self: url(1), previous: null, next: url(2) });
    const second = await world.list(token, "/v3/projects", { page: "2", per_page: "1" });
    expect(namesIn(second)).toEqual([`${REGION}_tests`]);
    expect(second.body["links"]).toEqual({ self: url(2), previous: url(1), next: null });
    for (const query of [
      { page: "1" },
      { per_page: "1" },
      { page: "0", per_page: "1" },
      { page: "1", per_page: "5001" },
    ]) {
      expect(outcome(await world.list(token, "/v3/projects", query))).toEqual({ status: 400, code: "IAM.0007" });
    }
  });

  it("are seen by a user as far as its grants go", async () => {
    const token = await tokenFor(world, password(), { domain: { name: "shipper" } });
    expect(namesIn(await world.list(token, "/v3/projects"))).toEqual([]);
    await grantReading(world, world.secondProject.projectId);
    expect(namesIn(await world.list(token, "/v3/projects"))).toEqual([`${REGION}_tests`]);
    expect(namesIn(await world.list(token, "/v3/auth/projects"))).toEqual([`${REGION}_tests`]);
  });

  it("are made by who may, once", async () => {
    const make = (project: object, key = world.account.accessKey) => {
      world.harness.clock.advance(1_000);
      return world.send(world.sign({ method: "POST", path: "/v3/projects", body: { project } }, key));
    };
    const domain_id = world.tenant.tenantId;
    const made = await make({ name: "cn-south-1", domain_id, description: "in the south" });
    expect(made.status).toBe(201);
    expect(made.body["project"]).toMatchObject({
      name: "cn-south-1",
      domain_id,
      description: "in the south",
      enabled: true,
    });
    expect(outcome(await make({ name: "cn-south-1" }))).toEqual({ status: 409, code: "IAM.0005" });
    expect(outcome(await make({ name: "no spaces" }))).toEqual({ status: 400, code: "IAM.0007" });
    expect(outcome(await make({}))).toEqual({ status: 400, code: "IAM.0007" });
    expect(outcome(await make({ name: "x", parent_id: world.project.projectId, domain_id }))).toMatchObject({
      status: 400,
    });
    expect(outcome(await make({ name: "x", domain_id: world.stranger.tenantId }))).toMatchObject({ status: 403 });
    expect(outcome(await make({ name: "x" }, world.robot.accessKey))).toEqual({ status: 403, code: "IAM.0002" });
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TOKEN_LIFETIME_MS } from "./handlers/tokens.ts";
import { accessKey, askToken, grantReading, outcome, password, tokenFor } from "./testing/ask-token.ts";
import { createIamWorld, type IamWorld, REGION } from "./testing/iam-world.ts";

let world: IamWorld;
beforeEach(async () => {
  world = await createIamWorld();
});
afterEach(async () => {
  expect(world.faults).toEqual([]);
  await world.dispose();
});

describe("POST /v3/auth/tokens", () => {
  it("describes the token of a password, without a scope unless one is asked for", async () => {
    const answer = await askToken(world, password());
    const domain = { id: world.tenant.tenantId, name: "shipper" };
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-subject-token")).toMatch(/^[\w-]{43}$/);
    const nowMs = world.harness.clock.nowMs();
    expect(answer.body["token"]).toEqual({
      issued_at: new Date(nowMs).toISOString().replace("Z", "000Z"),
      expires_at: new Date(nowMs + TOKEN_LIFETIME_MS).toISOString().replace("Z", "000Z"),
      methods: ["password"],
      catalog: [
        {
          type: "iam",
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          name: "iam",
          endpoints: [
            {
              id: expect.stringMatching(/^[0-9a-f]{32}$/),
              interface: "public",
              region: REGION,
              region_id: REGION,
              url: `http://${world.host}/v3`,
            },
          ],
        },
      ],
      roles: [],
      user: { id: world.clerk.userId, name: "clerk", password_expires_at: "", domain },
    });
  });

  it.each([
    ["user id", () => ({ name: undefined, domain: undefined, id: world.clerk.userId })],
    ["domain id", () => ({ domain: { id: world.tenant.tenantId } })],
  ])("knows the user by %s too", async (_name, user) => {
    const { status, body } = await askToken(world, password(user()));
    expect({ status, body }).toMatchObject({ status: 201, body: { token: { user: { name: "clerk" } } } });
  });

  it("is for a project by id or name, for the domain, and for the project where both are named", async () => {
    const project = {
      id: world.project.projectId,
      name: REGION,
      domain: { id: world.tenant.tenantId, name: "shipper" },
    };
    for (const scope of [
      { project: { id: project.id } },
      { project: { name: REGION } },
      { project: { name: REGION, domain: { name: "shipper" } } },
      { project: { name: REGION }, domain: { name: "shipper" } },
    ]) {
      const { body } = await askToken(world, accessKey(world), scope);
      expect(body["token"]).toMatchObject({ project, methods: ["hw_ak_sk"], roles: [{ id: "0", name: "te_admin" }] });
      expect(body["token"]).not.toHaveProperty("domain");
    }
    for (const scope of [{ domain: { name: "shipper" } }, { domain: { id: world.tenant.tenantId } }]) {
      const { body } = await askToken(world, accessKey(world), scope);
      expect(body["token"]).toMatchObject({ domain: project.domain });
      expect(body["token"]).not.toHaveProperty("project");
    }
  });

  it("takes the scope beside auth too, where an example of the document has it", async () => {
    const body = { auth: { identity: accessKey(world) }, scope: { project: { name: REGION } } };
    const answer = await world.call({ method: "POST", path: "/v3/auth/tokens", body });
    expect(answer.body["token"]).toMatchObject({ project: { id: world.project.projectId } });
  });

  it("leaves the catalog out when asked", async () => {
    expect((await askToken(world, password(), undefined, { nocatalog: "true" })).body["token"]).not.toHaveProperty(
      "catalog",
    );
    expect((await askToken(world, password(), undefined, { nocatalog: "" })).body["token"]).toHaveProperty("catalog");
  });

  it("names the policies that the user holds where the token counts", async () => {
    await grantReading(world, world.project.projectId);
    const roles = async (scope?: object) => {
      const { token } = (await askToken(world, password(), scope)).body as { token: { roles: unknown } };
      return token.roles;
    };
    const reading = [{ id: "BCS Fabric ReadOnlyAccess", name: "BCS Fabric ReadOnlyAccess" }];
    expect(await roles({ project: { name: REGION } })).toEqual(reading);
    expect(await roles({ domain: { name: "shipper" } })).toEqual(reading);
    expect(await roles()).toEqual([]);
  });

  it("refuses wrong names and passwords alike", async () => {
    const expected = { status: 401, body: { error_code: "IAM.0001", error_msg: "The username or password is wrong." } };
    for (const user of [
      { password: "wrong" },
      { name: "nobody" },
      { domain: { name: "nowhere" } },
      { domain: { id: "0".repeat(32) } },
    ]) {
      expect(await askToken(world, password(user))).toMatchObject(expected);
    }
    const { methods } = accessKey(world);
    const wrong = { access: { key: world.account.accessKey.accessKeyId }, secret: { key: "wrong" } };
    expect(await askToken(world, { methods, hw_ak_sk: wrong })).toMatchObject(expected);
  });

  it("locks a name out after five wrong tries", async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) await askToken(world, password({ password: "wrong" }));
    expect(outcome(await askToken(world, password()))).toEqual({ status: 401, code: "IAM.0061" });
    world.harness.clock.advance(5 * 60_000);
    expect((await askToken(world, password())).status).toBe(201);
  });

  it("refuses a disabled user", async () => {
    await world.harness.platform.tenancy.users.setEnabled(world.account.caller, {
      uid: world.clerk.uid,
      enabled: false,
    });
    expect(outcome(await askToken(world, password()))).toEqual({ status: 401, code: "IAM.0001" });
  });

  it("is not given for projects and domains that the caller has no part in", async () => {
    const [foreign] = (
      await world.harness.platform.tenancy.projects.list(world.harness.callerOf(world.stranger.principal), {
        page: 1,
        pageSize: 1,
      })
    ).items;
    for (const scope of [
      { project: { id: foreign?.projectId } },
      { project: { name: "nothing" } },
      { project: { name: REGION, domain: { name: "stranger" } } },
      { domain: { id: world.stranger.tenantId } },
      { domain: { name: "nothing" } },
    ]) {
      expect(outcome(await askToken(world, accessKey(world), scope)), JSON.stringify(scope)).toEqual({
        status: 404,
        code: "IAM.0004",
      });
    }
    expect(outcome(await askToken(world, password(), { project: { name: REGION } }))).toEqual({
      status: 404,
      code: "IAM.0004",
    });
    await grantReading(world, world.project.projectId);
    expect((await askToken(world, password(), { project: { name: REGION } })).status).toBe(201);
  });

  it("refuses malformed bodies", async () => {
    const bodies: readonly (readonly [string, unknown, string])[] = [
      ["no JSON", "{", "IAM.0011"],
      ["a list", [], "IAM.0011"],
      ["no auth", {}, "IAM.0007"],
      ["no identity", { auth: {} }, "IAM.0007"],
      ["no method", { auth: { identity: { methods: [] } } }, "IAM.0007"],
      ["an unknown method", { auth: { identity: { methods: ["guess"] } } }, "IAM.0011"],
      ["a method without its part", { auth: { identity: { methods: ["password"] } } }, "IAM.0011"],
      ["a one-time password", { auth: { identity: { methods: ["password", "totp"] } } }, "IAM.0011"],
      ["an agency", { auth: { identity: { methods: ["assume_role"] } } }, "IAM.0011"],
      ["a number for a name", { auth: { identity: password({ name: 7 }) } }, "IAM.0007"],
      ["a user without a domain", { auth: { identity: password({ domain: undefined }) } }, "IAM.0011"],
      ["a project without a name", { auth: { identity: password(), scope: { project: {} } } }, "IAM.0011"],
    ];
    for (const [name, body, code] of bodies) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const request = {
        method: "POST",
        target: "/v3/auth/tokens",
        headers: [["Host", world.host]] as const,
        body: text,
      };
      expect(outcome(await world.send(request)), name).toEqual({ status: 400, code });
    }
  });

  it("exchanges a token for one that reaches and lasts no further", async () => {
    const exchange = (id: string, scope?: object) => askToken(world, { methods: ["token"], token: { id } }, scope);
    const unscoped = await tokenFor(world, accessKey(world));
    world.harness.clock.advance(60_000);
    const first = await exchange(unscoped, { project: { name: REGION } });
    const project = first.headers.get("x-subject-token") ?? "";
    expect(first.body["token"]).toMatchObject({
      methods: ["token", "hw_ak_sk"],
      expires_at: new Date(world.harness.clock.nowMs() - 60_000 + TOKEN_LIFETIME_MS).toISOString().replace("Z", "000Z"),
    });
    expect((await exchange(project, { project: { name: REGION } })).status).toBe(201);
    expect((await exchange(project)).status).toBe(201);
    for (const scope of [{ project: { name: world.secondProject.name } }, { domain: { name: "shipper" } }]) {
      expect(outcome(await exchange(project, scope))).toEqual({ status: 403, code: "IAM.0002" });
    }
    expect(outcome(await exchange("nonsense"))).toEqual({ status: 401, code: "IAM.0001" });
    const shown = { auth: { identity: { methods: ["token"] } } };
    expect((await world.call({ method: "POST", path: "/v3/auth/tokens", body: shown }, unscoped)).status).toBe(201);
  });
});

describe("a token", () => {
  it("is shown and ended by who holds it, and counts for 24 hours", async () => {
    const token = await tokenFor(world, password());
    const show = () =>
      world.call({ method: "GET", path: "/v3/auth/tokens", headers: { "X-Subject-Token": token } }, token);
    expect(await show()).toMatchObject({
      status: 200,
      body: { token: { user: { name: "clerk" }, methods: ["password"] } },
    });
    world.harness.clock.advance(TOKEN_LIFETIME_MS - 1);
    expect((await show()).status).toBe(200);
    const headers = { "X-Subject-Token": token };
    const ended = await world.call({ method: "DELETE", path: "/v3/auth/tokens", headers }, token);
    expect({ status: ended.status, text: ended.text }).toEqual({ status: 204, text: "" });
    expect(await world.harness.auditCount("iam:session:delete")).toBe(1);
    const refused = await show();
    expect(outcome(refused)).toEqual({ status: 401, code: "APIGW.0301" });
    expect(refused.body["error_msg"]).toBe("Incorrect IAM authentication information: decrypt token fail");

    const second = await tokenFor(world, password());
    world.harness.clock.advance(TOKEN_LIFETIME_MS);
    expect(outcome(await world.list(second, "/v3/auth/projects"))).toEqual({ status: 401, code: "APIGW.0301" });
  });

  it("is unknown to other tenants, and once it is gone", async () => {
    const token = await tokenFor(world, password());
    const { accessKey: strangersKey } = world.stranger;
    for (const [key, subject] of [
      [strangersKey, token],
      [world.account.accessKey, "nonsense"],
    ] as const) {
      for (const method of ["GET", "DELETE"]) {
        const call = { method, path: "/v3/auth/tokens", headers: { "X-Subject-Token": subject } };
        expect(outcome(await world.send(world.sign(call, key)))).toEqual({ status: 404, code: "IAM.0004" });
      }
    }
    const call = { method: "GET", path: "/v3/auth/tokens", headers: { "X-Subject-Token": token } };
    expect((await world.send(world.sign(call))).status).toBe(200);
    expect(outcome(await world.send(world.sign({ ...call, headers: {} })))).toEqual({ status: 400, code: "IAM.0007" });
  });

  it("stops counting when its user is disabled", async () => {
    const token = await tokenFor(world, password());
    await world.harness.platform.tenancy.users.setEnabled(world.account.caller, {
      uid: world.clerk.uid,
      enabled: false,
    });
    expect(outcome(await world.list(token, "/v3/auth/projects"))).toEqual({ status: 401, code: "APIGW.0301" });
  });

  it("reaches no other project or domain by naming it in a header", async () => {
    const token = await tokenFor(world, accessKey(world), { project: { name: REGION } });
    const status = async (headers: Record<string, string>) =>
      outcome(await world.call({ method: "GET", path: "/v3/regions", headers }, token));
    expect(await status({ "X-Project-Id": world.project.projectId })).toMatchObject({ status: 200 });
    expect(await status({ "X-Domain-Id": world.tenant.tenantId })).toMatchObject({ status: 200 });
    const refused = { status: 403, code: "APIGW.0302" };
    expect(await status({ "X-Project-Id": world.secondProject.projectId })).toEqual(refused);
    expect(await status({ "X-Domain-Id": world.stranger.tenantId })).toEqual(refused);
  });
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { basicClient, globalClient, type HuaweiAccess } from "../support/huawei.ts";
import { repositoryRoot } from "../support/repository.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const pythonClients = join(repositoryRoot, "tests/python-clients");

let server: RunningServer;
let access: HuaweiAccess;
let home: string;

beforeAll(async () => {
  await run("bash", [join(pythonClients, "setup.sh")]);
  home = await temporaryFolder("huawei-home");
  server = await startServer(await newInstallation("huawei-iam"));
  access = server.bootstrap.huawei;
});

describe("the official Node core, @huaweicloud/huaweicloud-sdk-core", () => {
  test("finds its project by its region and its domain by its key, and then calls with them", async () => {
    const regional = basicClient(access, { regionId: access.projectName });
    const { projects } = await regional.call({ method: "GET", url: "/v3/projects" });
    expect(regional.credentials.projectId).toBe(access.projectId);
    expect(projects).toMatchObject([{ id: access.projectId, name: access.projectName, domain_id: access.domainId }]);
    const global = globalClient(access, access.projectName);
    const { domains } = await global.call({ method: "GET", url: "/v3/auth/domains" });
    expect(global.credentials.domainId).toBe(access.domainId);
    expect(domains).toMatchObject([{ id: access.domainId, name: access.domainName }]);
  });

  test("makes the project of a region that has none", async () => {
    const client = basicClient(access, {});
    const named = { method: "GET", url: "/v3/projects", queryParams: { name: "链 & co" } } as const;
    expect(await client.call(named)).toMatchObject({ projects: [], httpStatusCode: 200 });
    expect(await client.call({ method: "GET", url: "/v3/regions" })).toMatchObject({
      regions: [{ id: access.projectName, type: "public" }],
    });
    // createProject
    const project = { name: "cn-south-1", domain_id: access.domainId };
    const made = await client.call({ method: "POST", url: "/v3/projects", data: { project } });
    expect(made).toMatchObject({ project: { ...project, enabled: true }, httpStatusCode: 201 });
    const found = basicClient(access, { regionId: "cn-south-1" });
    await found.call({ method: "GET", url: "/v3/auth/projects" });
    expect(found.credentials).toMatchObject({ projectId: Object(made["project"]).id });
  });

  test("asks for a token, is shown it, and revokes it", async () => {
    const { projectId, domainName, userName, password, projectName } = access;
    const client = basicClient(access, { projectId });
    const user = { name: userName, password, domain: { name: domainName } };
    const identity = { methods: ["password"], password: { user } };
    const data = { auth: { identity, scope: { project: { name: projectName } } } };
    const responseHeaders = ["X-Subject-Token"];
    const issued = await client.call({ method: "POST", url: "/v3/auth/tokens", data, responseHeaders });
    expect(issued).toMatchObject({ httpStatusCode: 201, token: { project: { id: projectId }, methods: ["password"] } });
    const text = String(issued["X-Subject-Token"]);
    const withToken = (path: string) => fetch(`${access.endpoint}${path}`, { headers: { "x-auth-token": text } });
    expect(await (await withToken("/v3/auth/projects")).json()).toMatchObject({ projects: [{ id: projectId }, {}] });

    const headers = { "X-Subject-Token": text };
    const { "X-Subject-Token": _text, httpStatusCode: _status, ...described } = issued;
    const shown = await client.call({ method: "GET", url: "/v3/auth/tokens", headers: { ...headers } }); // showToken
    expect(shown).toEqual({ ...described, httpStatusCode: 200 });
    const ended = await client.call({ method: "DELETE", url: "/v3/auth/tokens", headers: { ...headers } }); // revokeToken
    expect(ended).toMatchObject({ httpStatusCode: 204 });
    expect((await withToken("/v3/auth/projects")).status).toBe(401);
  });

  test("reads refusals of the gateway and of IAM", async () => {
    const refusal = (work: Promise<unknown>) => work.then(Object, (error: unknown) => ({ ...Object(error) }));
    const wrong = basicClient({ ...access, secretAccessKey: "wrong" }, {});
    const requestId = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(await refusal(wrong.call({ method: "GET", url: "/v3/projects" }))).toMatchObject({
      name: "ClientRequestException",
      httpStatusCode: 401,
      errorCode: "APIGW.0301",
      errorMsg: expect.stringContaining("verify aksk signature fail"),
      requestId,
    });
    const client = basicClient(access, {});
    const taken = { project: { name: access.projectName } };
    expect(await refusal(client.call({ method: "POST", url: "/v3/projects", data: taken }))).toMatchObject({
      httpStatusCode: 409,
      errorCode: "IAM.0005",
      requestId,
    });
    expect(await refusal(client.call({ method: "GET", url: "/v3/nothing" }))).toMatchObject({
      httpStatusCode: 404,
      errorCode: "APIGW.0101",
      requestId,
    });
  });
});

test("the official Python core, huaweicloudsdkcore, calls tokens, projects, auth-projects, createProject, listAuthDomains and listRegions", async () => {
  const { stdout: folder } = await run("bash", [join(pythonClients, "setup.sh"), "--path"]);
  const { endpoint: url, projectName: region, accessKeyId, secretAccessKey } = access;
  const words = ["-W", "ignore", "-B", join(pythonClients, "huawei_core.py")];
  // The client writes a file to the home folder.
  const env = { ...process.env, HOME: home };
  const running = run(join(folder.trim(), "bin/python"), words, { env });
  running.child.stdin?.end(JSON.stringify({ url, region, accessKeyId, secretAccessKey }));
  const seen = JSON.parse((await running).stdout);

  const { projectId, domainId, projectName } = access;
  const projects = [{ id: projectId, name: projectName, domain_id: domainId }];
  expect(seen.project).toMatchObject({ projectId, listed: { status: 200, body: { projects } } });
  expect(seen.domain).toMatchObject({ domainId, domains: { body: { domains: [{ id: domainId }] } } });
  for (const [algorithm, name] of [
    [seen.sha256, "python-hmac-sha256"],
    [seen.sm3, "python-hmac-sm3"],
  ]) {
    expect(algorithm).toMatchObject({
      projects: { status: 200, body: { projects } },
      authProjects: { status: 200, body: { projects: expect.arrayContaining([expect.objectContaining(projects[0])]) } },
      domains: { status: 200, body: { domains: [{ id: domainId }] } },
      regions: { status: 200, body: { regions: [{ id: region, type: "public" }] } },
      created: { status: 201, body: { project: { name, description: "café 链", domain_id: domainId } } },
      token: { status: 201, body: { token: { methods: ["hw_ak_sk"], project: { id: projectId } } } },
    });
  }
  const id = expect.stringMatching(/^[0-9a-f]{32}$/);
  expect(seen.wrongSecret).toMatchObject({ status: 401, code: "APIGW.0301", id });
  expect(seen.wrongSecret.message).toContain("verify aksk signature fail, canonicalRequest:GET|/v3/projects/|");
  expect(seen.unknownApi).toMatchObject({ status: 404, code: "APIGW.0101", id });
  expect(seen.nameTaken).toMatchObject({ status: 409, code: "IAM.0005", id });
  expect(seen.malformed).toMatchObject({ status: 400, code: "IAM.0007", id });
});

import { compileTable, createHttpServer, type FastifyInstance, limits } from "@concordat/api-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusalOf } from "../errors.ts";
import { leaveBodiesUnread } from "../request-body.ts";
import { iamRoutes } from "../routes/table.ts";
import { createIamWorld, type IamWorld } from "../testing/iam-world.ts";
import { type RawRequest, sendRaw } from "../testing/raw-http.ts";
import { signByNode } from "../testing/sign-by-node.ts";
import { huaweiAuthenticator } from "./authenticator.ts";
import { readHuaweiRequest } from "./huawei-request.ts";
import { requireProject } from "./narrowed.ts";

/** Routes as another API of this family has them: a project in the path, and one operation that takes a file. */
let world: IamWorld;
let server: FastifyInstance;
let port: number;

beforeAll(async () => {
  world = await createIamWorld();
  server = createHttpServer();
  const { platform, clock } = world.harness;
  const authenticate = huaweiAuthenticator({ platform, clock });
  // The schemes do not look at the operation.
  const [operation] = compileTable(iamRoutes).values();
  if (operation === undefined) throw new Error("There is no operation.");
  server.register(async (scope) => {
    leaveBodiesUnread(scope);
    scope.setErrorHandler((error, _request, reply) => {
      const { answer, message } = refusalOf(error);
      return reply.code(answer.status).send({ code: answer.code, message });
    });
    for (const [path, unsignedPayload] of [
      ["/v2/:project_id/files", true],
      ["/v2/:project_id/things", false],
    ] as const) {
      scope.post<{ Params: { project_id: string } }>(path, async (request) => {
        const origin = { sourceAddress: request.ip, requestId: "1" };
        const bodyBytesMax = limits.authenticatedBodyBytesMax;
        const call = readHuaweiRequest(request, { origin, bodyBytesMax, unsignedPayload });
        const known = await authenticate(call, operation);
        requireProject(known, request.params.project_id);
        await known.takeSignature();
        return { scope: known.caller.scope, bytes: (await call.body()).length };
      });
    }
  });
  port = Number(new URL(await server.listen({ port: 0, host: "127.0.0.1" })).port);
});
afterAll(async () => {
  await server.close();
  await world.dispose();
});

const PART = "--b\r\ncontent-disposition: form-data; name=file\r\n\r\nbytes\r\n--b--\r\n";

function sign(path: string, headers: Readonly<Record<string, string>>, body: object = {}) {
  world.harness.clock.advance(1_000);
  const at = { host: `127.0.0.1:${port}`, nowMs: world.harness.clock.nowMs(), accessKey: world.account.accessKey };
  return signByNode({ method: "POST", path, headers, body }, at);
}

async function send(request: RawRequest) {
  const { status, text } = await sendRaw(port, request);
  return { status, ...JSON.parse(text) };
}

const project = () => world.project.projectId;

describe("an operation with a project in its path", () => {
  it("is open to the project that X-Project-Id names, and to no other", async () => {
    const named = { "X-Project-Id": project() };
    const scope = { kind: "project", tenantId: world.tenant.tenantId, projectId: project() };
    expect(await send(sign(`/v2/${project()}/things`, named))).toEqual({ status: 200, scope, bytes: 2 });
    const other = world.secondProject.projectId;
    expect(await send(sign(`/v2/${other}/things`, named))).toMatchObject({ status: 403, code: "APIGW.0302" });
    expect(await send(sign(`/v2/${other}/things`, { "X-Project-Id": "no/id" }))).toMatchObject({ status: 403 });
  });

  it("is left to the permissions of a key that names no project", async () => {
    const scope = { kind: "tenant", tenantId: world.tenant.tenantId };
    expect(await send(sign(`/v2/${project()}/things`, {}))).toMatchObject({ status: 200, scope });
    const domain = { "X-Domain-Id": world.stranger.tenantId };
    expect(await send(sign(`/v2/${project()}/things`, domain))).toMatchObject({ status: 403, code: "APIGW.0302" });
  });
});

describe("a body that is not signed", () => {
  const unsigned = {
    "content-type": "multipart/form-data; boundary=b",
    "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD",
  };
  /** The Node signer leaves the content type of an upload out of its headers; the client adds it again. */
  const upload = (path: string): RawRequest => {
    const { headers, ...rest } = sign(path, unsigned);
    return { ...rest, headers: [...headers, ["Content-Type", unsigned["content-type"]]], body: PART };
  };

  it("is taken where the operation takes a file", async () => {
    expect(await send(upload(`/v2/${project()}/files`))).toMatchObject({ status: 200, bytes: PART.length });
  });

  it("is refused elsewhere, whatever its content type says", async () => {
    const refused = { status: 401, code: "APIGW.0301", message: expect.stringContaining("must cover the body") };
    expect(await send(upload(`/v2/${project()}/things`))).toMatchObject(refused);
    expect(await send({ ...sign(`/v2/${project()}/things`, unsigned), body: "{}" })).toMatchObject(refused);
  });
});

describe("a body of unknown length", () => {
  const chunked = ({ headers, ...rest }: RawRequest, body: string): RawRequest => ({
    ...rest,
    headers: [...headers, ["Transfer-Encoding", "chunked"]],
    body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  });

  it("is taken", async () => {
    expect(await send(chunked(sign(`/v2/${project()}/things`, {}), "{}"))).toMatchObject({ status: 200, bytes: 2 });
  });

  it("is cut off once it is too large, and answered", async () => {
    const large = "x".repeat(limits.authenticatedBodyBytesMax + 1);
    expect(await send(chunked(sign(`/v2/${project()}/files`, {}), large))).toMatchObject({
      status: 413,
      code: "APIGW.0201",
    });
  });
});

it("repeats no token that was signed along", async () => {
  const { headers, ...rest } = sign(`/v2/${project()}/things`, { "X-Security-Token": "canary-token" });
  const { message } = await send({ ...rest, headers, body: "[]" });
  expect(message).toContain("x-security-token:******");
  expect(message).not.toContain("canary");
});

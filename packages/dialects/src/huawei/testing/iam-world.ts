import { createHttpServer, type FastifyInstance } from "@concordat/api-kit";
import { type Clock, type Logger, systemRandom } from "@concordat/base";
import type { AccessKey, Caller, Principal, Project, Tenant } from "@concordat/platform";
import { Harness } from "@concordat/platform/testing";
import { huaweiIamDialect } from "../plugin.ts";
import { type RawAnswer, sendRaw } from "./raw-http.ts";
import { type SignedByNode, signByNode } from "./sign-by-node.ts";

export const CLERK_PASSWORD = "canary-Password-1!";
export const REGION = "cn-north-4";

/** An account with two users and two projects, on a server that listens; another account beside it. */
export interface IamWorld {
  readonly harness: Harness;
  readonly port: number;
  readonly host: string;
  readonly tenant: Tenant;
  readonly account: { readonly principal: Principal; readonly accessKey: AccessKey; readonly caller: Caller };
  /** Has an access key and no permission. */
  readonly robot: { readonly principal: Principal; readonly accessKey: AccessKey };
  /** Has a password and no permission. */
  readonly clerk: Principal;
  readonly project: Project;
  readonly secondProject: Project;
  readonly stranger: { readonly principal: Principal; readonly accessKey: AccessKey; readonly tenantId: string };
  /** What was logged as an error. */
  readonly faults: string[];
  /** Signs with the official Node signer at the world's time, the account's key by default. */
  sign(call: Call, accessKey?: AccessKey): SignedByNode;
  send(request: SignedByNode): Promise<Answer>;
  /** With a token, or with no credential. */
  call(call: Call, token?: string): Promise<Answer>;
  list(token: string, path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
  dispose(): Promise<void>;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface Answer extends RawAnswer {
  // Parsed JSON, looked into by tests.
  readonly body: Readonly<Record<string, unknown>>;
}

/** @param clock of the dialect, for clients that sign with the machine's own time; the platform keeps the harness's */
export async function createIamWorld(clock?: Clock): Promise<IamWorld> {
  const harness = await Harness.start();
  const { accessKey } = await harness.bootstrap();
  const { accounts, tenancy, provisioning } = harness.platform;
  const installer = harness.callerOf(accessKey.principal);
  const made = await accounts.createAccount(installer, { name: "shipper" });
  const other = await accounts.createAccount(installer, { name: "stranger" });
  const caller = harness.callerOf(made.principal);
  const robot = await accounts.createRamUser(caller, { accountUid: made.principal.uid, name: "robot" });
  const { uid } = await tenancy.users.create(caller, { name: "clerk", password: CLERK_PASSWORD });
  const clerk = provisioning.directory.principal(uid);
  // Lists are in order of creation.
  harness.clock.advance(1_000);
  const secondProject = await tenancy.projects.create(caller, { name: `${REGION}_tests` });
  const [project] = (await tenancy.projects.list(caller, { page: 1, pageSize: 10 })).items;
  if (clerk === undefined || project === undefined) throw new Error("The account is not complete.");
  const faults: string[] = [];
  const { server, port } = await listen(harness, clock ?? harness.clock, faults);
  const host = `127.0.0.1:${port}`;
  const send = async (request: SignedByNode) => withBody(await sendRaw(port, request));
  const sendCall = ({ method, path, query = {}, headers = {}, body }: Call, token?: string) => {
    const search = new URLSearchParams(query).toString();
    const lines = Object.entries({ host, ...headers, ...(token === undefined ? {} : { "x-auth-token": token }) });
    const target = search === "" ? path : `${path}?${search}`;
    return send({ method, target, headers: lines, body: body === undefined ? "" : JSON.stringify(body) });
  };
  return {
    harness,
    port,
    host,
    tenant: await tenancy.tenants.get(caller, caller.tenantId),
    account: { ...made, caller },
    robot,
    clerk,
    project,
    secondProject,
    stranger: { ...other, tenantId: provisioning.directory.tenantIdOf(other.principal) },
    faults,
    sign: (call, key = made.accessKey) => signByNode(call, { host, nowMs: harness.clock.nowMs(), accessKey: key }),
    send,
    call: sendCall,
    list: (token, path, query = {}) => sendCall({ method: "GET", path, query }, token),
    async dispose() {
      await server.close();
      await harness.dispose();
    },
  };
}

async function listen(
  harness: Harness,
  clock: Clock,
  faults: string[],
): Promise<{ server: FastifyInstance; port: number }> {
  const { platform } = harness;
  const logger: Logger = {
    info() {},
    warn() {},
    error: (message, fields) => faults.push(`${message} ${JSON.stringify(fields)}`),
  };
  const server = createHttpServer();
  server.register(huaweiIamDialect({ platform, region: REGION, clock, random: systemRandom, logger }));
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  return { server, port: Number(new URL(url).port) };
}

function withBody(answer: RawAnswer): Answer {
  return { ...answer, body: answer.text === "" ? {} : JSON.parse(answer.text) };
}

import { acs3Call } from "./acs3.ts";
import { sdkHmacCall } from "./sdk-hmac.ts";
import type { SecretServer } from "./secret-server.ts";
import { basic, type WireAnswer } from "./wire.ts";

/** A call that has to be answered so. */
async function expectStatus(work: Promise<WireAnswer>, ...statuses: readonly number[]): Promise<WireAnswer> {
  const answer = await work;
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`${answer.call.method} ${answer.call.path} answered ${answer.status}: ${answer.text}`);
}

/** One's own password: changed with the present one, and not without. */
export async function usePasswords(server: SecretServer, name: string): Promise<void> {
  const { world } = server;
  await server.done("createUser", { name });
  const uid = String(server.made["createUser"]?.["uid"]);
  const { password: first } = (await server.done("setPassword", { uid })).body;
  const own = world.canary("password of one's own");
  await server.done("setPassword", { uid, oldPassword: first, password: own }, basic(name, String(first)));
  const wrong = { uid, oldPassword: world.canary("wrong old password"), password: world.canary("never set") };
  await expectStatus(server.native("setPassword", wrong, basic(name, own)), 401);
  await expectStatus(server.native("setPassword", { uid, password: world.canary("long password").repeat(3) }), 422);
}

/** Sessions of the console, right and wrong, and their ends. */
export async function useConsole(server: SecretServer): Promise<void> {
  const { world } = server;
  const { cookie, answer } = await server.signIn("console");
  world.succeeded.add("createSession");
  const csrf = { "x-csrf-token": String(answer.body["csrfToken"]) };
  await server.done("getCurrentSession", {}, { cookie });
  await server.done("createProject", { name: "from-console" }, { cookie, ...csrf });
  for (const headers of [
    { cookie },
    { cookie, "x-csrf-token": world.canary("wrong CSRF token") },
    { cookie, ...csrf, origin: `https://${world.canary("origin")}.example` },
    { cookie: cookie.replace(/=.*/, `=${world.canary("wrong console cookie")}`), ...csrf },
  ]) {
    await expectStatus(server.native("createProject", { name: "never" }, headers), 401, 403);
  }
  await server.done("deleteCurrentSession", {}, { cookie, ...csrf });
  await server.signIn("iserver-token");
  const { sessions } = (await server.done("listSessions")).body;
  const [newest] = Array.isArray(sessions) ? sessions : [];
  await server.done("revokeSession", { id: newest.sessionId });
}

/** Rotations of every key that a job changes, and a job that is cancelled. */
export async function useJobs(server: SecretServer): Promise<void> {
  const { mspId } = Object(server.made["createAccount"]?.["principal"]);
  for (const [name, input] of [
    ["rotateMasterKey", {}],
    ["rotateOrganizationAuthority", { mspId }],
    ["rotateOrganizationAuthority", { mspId, purpose: "tls" }],
    ["rotateOrganizationCheckpointKey", { mspId }],
  ] as const) {
    const { jobId, status } = await server.endOfJob(await server.done(name, input));
    if (status !== "succeeded") throw new Error(`${name} ${status}.`);
    await server.done("deleteJob", { id: jobId });
    await server.learnMasterKeys();
  }
  await server.done("forgetEarlierMasterKeys");
  // A job may have ended before it can be cancelled.
  for (let tries = 0; tries < 20 && !server.world.succeeded.has("cancelJob"); tries++) {
    const started = await server.done("rotateOrganizationAuthority", { mspId });
    await server.native("cancelJob", { id: started.body["jobId"] });
    await server.endOfJob(started);
  }
}

/** Tokens and signatures of the IAM API, and the ACS3 signature of the native one. */
export async function useSignatures(server: SecretServer): Promise<void> {
  const { world, running } = server;
  const { huawei, aliyun, url } = running.bootstrap;
  const { host } = new URL(url);
  const { token } = await server.signIn("iam");
  const headers = { "x-auth-token": token, "x-subject-token": token };
  const path = "/v3/auth/tokens";
  const carried = () => [["token", token]] as const;
  await expectStatus(world.send("IAM showToken", { method: "GET", path, headers }, carried), 200);
  await server.done("listProjects", {}, { "x-auth-token": token });
  const secret = { key: huawei.secretAccessKey };
  const identity = { methods: ["hw_ak_sk"], hw_ak_sk: { access: { key: huawei.accessKeyId }, secret } };
  const byKey = { method: "POST", path, body: JSON.stringify({ auth: { identity } }) };
  const issued = ({ headers: { "x-subject-token": text } }: WireAnswer) => [["token", String(text)]] as const;
  await expectStatus(world.send("IAM token for an access key", byKey, issued), 201);
  const signed = sdkHmacCall(host, "GET", "/v3/projects", huawei);
  world.hunt.add("SDK-HMAC signature", signatureIn(signed.headers));
  await expectStatus(world.send("IAM signed", signed), 200);
  await expectStatus(world.send("IAM revokeToken", { method: "DELETE", path, headers }), 204);
  await expectStatus(world.send("IAM with a revoked token", { method: "GET", path, headers }), 401);
  const acs3 = acs3Call(host, "POST", "/api/v1/projects", { name: "signed" }, aliyun);
  world.hunt.add("ACS3 signature", signatureIn(acs3.headers));
  await expectStatus(world.send("ACS3", acs3), 201);
  await expectStatus(world.send("ACS3 replayed", acs3), 401);
  await server.done("listProjects", {}, basic(`${huawei.domainName}/${huawei.userName}`, huawei.password));
}

/** A session that outlives the browser's, and its end. */
export async function useIserver({ world, running }: SecretServer): Promise<void> {
  const { userName: username, password } = running.bootstrap.supermap;
  const pairs = ({ headers }: WireAnswer) => (headers["set-cookie"] ?? []).map((line) => line.split(";", 1)[0] ?? "");
  const call = {
    method: "POST",
    path: "/iserver/services/security/login.json",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password, rememberme: true }),
  };
  const answer = await world.send("iServer login that is remembered", call, (told) =>
    pairs(told).map((pair) => ["cookie", pair.replace(/^[^=]*=/, "")] as const),
  );
  if (pairs(answer).length !== 2) throw new Error(`iServer gave ${pairs(answer).length} cookies.`);
  const headers = { cookie: pairs(answer).join("; ") };
  const logout = { method: "GET", path: "/iserver/services/security/logout.json", headers };
  await expectStatus(world.send("iServer logout", logout), 200);
}

function signatureIn(headers: Readonly<Record<string, string>> = {}): string {
  return (headers["authorization"] ?? "").replace(/^.*Signature=/, "");
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller, Principal } from "../ports.ts";
import { codeOf, Harness } from "../testing/harness.ts";

const password = "correct horse battery";

let harness: Harness;
/** Administers the installation; owns a tenant; is a user of it; owns another tenant. */
let admin: Caller;
let account: Caller;
let user: Caller;
let colleague: Caller;
let stranger: Caller;

beforeEach(async () => {
  harness = await Harness.start();
  const of = (principal: Principal) => harness.callerOf(principal);
  admin = of((await harness.bootstrap()).accessKey.principal);
  const { accounts } = harness.platform;
  account = of((await accounts.createAccount(admin, { name: "Shipper" })).principal);
  const accountUid = account.principal.uid;
  user = of((await accounts.createRamUser(admin, { accountUid, name: "truck-7" })).principal);
  colleague = of((await accounts.createRamUser(admin, { accountUid, name: "truck-8" })).principal);
  stranger = of((await accounts.createAccount(admin, { name: "Stranger" })).principal);
});
afterEach(() => harness.dispose());

const credentials = () => harness.platform.credentials;
const uid = () => user.principal.uid;
const trail = async (action: string) =>
  (await harness.store.database.selectFrom("auditEntries").selectAll().where("action", "=", action).execute()).map(
    ({ detail, ...entry }) => ({ ...entry, detail: JSON.parse(detail) }),
  );
/** The whole control store as text. */
const everything = async () => {
  const { state } = await harness.store.load();
  const { database } = harness.store;
  const asked = await Promise.all([
    database.selectFrom("tokens").selectAll().execute(),
    database.selectFrom("idempotency").selectAll().execute(),
    database.selectFrom("auditEntries").selectAll().execute(),
  ]);
  return JSON.stringify([state, asked], (_key, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
};

/** Gives the colleague a policy that allows everything in the identity service. */
async function grantEverything(): Promise<void> {
  const { directory } = harness.platform.provisioning;
  const { tenantId } = colleague;
  const createdMs = 1;
  await directory.change(async () => ({
    changes: [
      {
        table: "policies",
        row: {
          policyId: "a".repeat(32),
          tenantId,
          name: "identity",
          description: "",
          document: { Version: "1.1", Statement: [{ Effect: "Allow", Action: ["iam:*:*"] }] },
          createdMs,
        },
      },
      {
        table: "grants",
        row: {
          grantId: "b".repeat(32),
          tenantId,
          policyId: "a".repeat(32),
          granteeKind: "user",
          granteeId: colleague.principal.uid,
          scopeKind: "tenant",
          scopeId: tenantId,
          createdMs,
        },
      },
    ],
    result: undefined,
  }));
}

/** What every kind of credential has: each is created for the user, and then handled. */
const kinds: Record<string, (caller: Caller) => Promise<{ readonly secret: string; readonly id: string }>> = {
  accessKey: async (caller) => {
    const { accessKey, secret } = await credentials().accessKeys.create(caller, { uid: uid() });
    return { secret, id: accessKey.accessKeyId };
  },
  apiKey: async (caller) => {
    const { apiKey, secret } = await credentials().apiKeys.create(caller, { uid: uid() });
    return { secret, id: apiKey.apiKey };
  },
  oauthClient: async (caller) => {
    const grantTypes = ["client_credentials"] as const;
    const made = await credentials().oauthClients.create(caller, { uid: uid(), name: "till", grantTypes, scopes: [] });
    return { secret: made.secret, id: made.client.clientId };
  },
};
const handling = {
  accessKey: {
    list: (caller: Caller) => credentials().accessKeys.list(caller, uid()),
    setActive: (caller: Caller, id: string, active: boolean) =>
      credentials().accessKeys.setActive(caller, { accessKeyId: id, active }),
    delete: (caller: Caller, id: string) => credentials().accessKeys.delete(caller, id),
    show: (id: string, secret: string) => harness.platform.authentication.byAccessKey(id, secret, user),
    unknown: "ACCESS_KEY_UNKNOWN",
    /** One came with the user. */
    others: 1,
  },
  apiKey: {
    list: (caller: Caller) => credentials().apiKeys.list(caller, uid()),
    setActive: (caller: Caller, id: string, active: boolean) =>
      credentials().apiKeys.setActive(caller, { apiKey: id, active }),
    delete: (caller: Caller, id: string) => credentials().apiKeys.delete(caller, id),
    show: (id: string, secret: string) => harness.platform.authentication.byApiKey(id, secret, user),
    unknown: "CREDENTIAL_UNKNOWN",
    others: 0,
  },
  oauthClient: {
    list: (caller: Caller) => credentials().oauthClients.list(caller, uid()),
    setActive: (caller: Caller, id: string, active: boolean) =>
      credentials().oauthClients.setActive(caller, { clientId: id, active }),
    delete: (caller: Caller, id: string) => credentials().oauthClients.delete(caller, id),
    show: (id: string, secret: string) => harness.platform.authentication.byOAuthClient(id, secret, user),
    unknown: "CREDENTIAL_UNKNOWN",
    others: 0,
  },
};

describe.each(Object.keys(handling) as (keyof typeof handling)[])("%s", (kind) => {
  const create = (caller: Caller) => kinds[kind]?.(caller) ?? Promise.reject(new Error("no such kind"));
  const of = handling[kind];

  it("serves, is disabled and enabled, survives a restart, and is deleted; each change leaves an entry", async () => {
    const { id, secret } = await create(account);
    expect(of.list(account)).toHaveLength(of.others + 1);
    expect(JSON.stringify(of.list(account))).not.toContain(secret);
    await harness.restart();
    expect(await codeOf(of.show(id, secret))).toHaveProperty("answered");
    await of.setActive(account, id, false);
    expect(await codeOf(of.show(id, secret))).toBe("CREDENTIALS_WRONG");
    await of.setActive(account, id, true);
    expect(await codeOf(of.show(id, secret))).toHaveProperty("answered");
    await of.delete(account, id);
    expect(await codeOf(of.show(id, secret))).toBe("CREDENTIALS_WRONG");
    expect(of.list(account)).toHaveLength(of.others);
    const actor = { uid: account.principal.uid, resourceId: id, resourceKind: kind };
    expect(await trail(`iam:${kind}:create`)).toMatchObject([{ ...actor, detail: { uid: uid() } }]);
    expect(await trail(`iam:${kind}:update`)).toMatchObject([
      { ...actor, detail: { active: false } },
      { ...actor, detail: { active: true } },
    ]);
    expect(await trail(`iam:${kind}:delete`)).toMatchObject([actor]);
    expect(await everything()).not.toContain(secret);
  });

  it("is no business of strangers and of users without a grant", async () => {
    const { id } = await create(admin);
    for (const other of [stranger, colleague]) {
      expect(await codeOf(create(other))).toBe("ACCESS_DENIED");
      expect(await codeOf((async () => of.list(other))())).toBe("ACCESS_DENIED");
      expect(await codeOf(of.setActive(other, id, false))).toBe("ACCESS_DENIED");
      expect(await codeOf(of.delete(other, id))).toBe("ACCESS_DENIED");
    }
    expect(await trail(`iam:${kind}:update`)).toEqual([]);
  });

  it("is handled by a user with a grant, though never of who is above", async () => {
    await grantEverything();
    const { id } = await create(colleague);
    await of.setActive(colleague, id, false);
    await of.delete(colleague, id);
    const above = account.principal.uid;
    const { accessKeys, apiKeys, oauthClients } = credentials();
    const upwards = {
      accessKey: () => accessKeys.create(colleague, { uid: above }),
      apiKey: () => apiKeys.create(colleague, { uid: above }),
      oauthClient: () =>
        oauthClients.create(colleague, { uid: above, name: "n", grantTypes: ["password"], scopes: [] }),
    };
    expect(await codeOf(upwards[kind]())).toBe("ACCESS_DENIED");
  });

  it("is unknown to administrators when it is not there", async () => {
    for (const caller of [admin, account]) {
      expect(await codeOf(of.setActive(caller, "nothing", true))).toBe(of.unknown);
      expect(await codeOf(of.delete(caller, "nothing"))).toBe(of.unknown);
    }
    expect(await codeOf(of.delete(colleague, "nothing"))).toBe("ACCESS_DENIED");
  });
});

describe("access keys and API keys", () => {
  it("are a user's own to handle, though not with a credential that reaches less", async () => {
    const { accessKey, secret } = await credentials().accessKeys.create(user, { uid: uid() });
    await credentials().accessKeys.delete(user, accessKey.accessKeyId);
    expect(secret).toMatch(/^[A-Za-z0-9]{30}$/);
    expect((await credentials().apiKeys.create(user, { uid: uid() })).apiKey.apiKey).toMatch(/^[A-Za-z0-9]{16}$/);
    const { tenantId } = user;
    for (const scope of [{ kind: "unscoped" }, { kind: "project", tenantId, projectId: "p" }] as const) {
      expect(await codeOf(credentials().accessKeys.create({ ...user, scope }, { uid: uid() }))).toBe("ACCESS_DENIED");
    }
  });

  it("are two of the former at most", async () => {
    await credentials().accessKeys.create(user, { uid: uid() });
    expect(await codeOf(credentials().accessKeys.create(user, { uid: uid() }))).toBe("KEY_LIMIT_REACHED");
  });

  it("stay two when two more are asked for at once", async () => {
    const asked = [1, 2, 3].map(() => codeOf(credentials().accessKeys.create(user, { uid: uid() })));
    expect((await Promise.all(asked)).filter((answer) => answer === "KEY_LIMIT_REACHED")).toHaveLength(2);
  });

  it("include the installation's first key, which is never deleted", async () => {
    const [first] = credentials().accessKeys.list(admin, admin.principal.uid);
    const accessKeyId = first?.accessKeyId ?? "";
    expect(await codeOf(credentials().accessKeys.delete(admin, accessKeyId))).toBe("RESOURCE_IN_USE");
  });

  it("of nobody are unknown", async () => {
    expect(await codeOf(credentials().accessKeys.create(admin, { uid: "nobody" }))).toBe("USER_UNKNOWN");
    expect(await codeOf(credentials().accessKeys.create(stranger, { uid: "nobody" }))).toBe("USER_UNKNOWN");
    expect(await codeOf(credentials().accessKeys.create(user, { uid: "nobody" }))).toBe("ACCESS_DENIED");
  });
});

describe("OAuth clients", () => {
  it.each([
    ["no name", { name: "" }],
    ["no grant type", { grantTypes: [] }],
    ["a scope with a space", { scopes: ["a b"] }],
    ["too many scopes", { scopes: Array.from({ length: 21 }, (_, index) => `s${index}`) }],
  ])("with %s are refused", async (_what, change) => {
    const input = { uid: uid(), name: "till", grantTypes: ["password"] as const, scopes: ["read"], ...change };
    expect(await codeOf(credentials().oauthClients.create(account, input))).toBe("CREDENTIAL_INVALID");
  });
});

describe("passwords", () => {
  const signIn = (text: string) =>
    harness.platform.authentication.byPassword({ userId: user.principal.userId }, text, user);
  const set = (caller: Caller, input: { password?: string; oldPassword?: string } = {}) =>
    credentials().passwords.set(caller, { uid: uid(), ...input });

  it("are set by an administrator, survive a restart, and are nowhere in the store", async () => {
    expect(await set(account, { password })).toEqual({});
    await harness.restart();
    expect(await codeOf(signIn(password))).toHaveProperty("answered");
    expect(await everything()).not.toContain(password);
    expect(await trail("iam:password:update")).toMatchObject([
      { uid: account.principal.uid, resourceId: uid(), detail: { isOwn: false, isRandom: false } },
    ]);
  });

  it("are made up when none is given, and answered once", async () => {
    const { password: made = "" } = await set(admin);
    expect(await codeOf(signIn(made))).toHaveProperty("answered");
    expect(await everything()).not.toContain(made);
  });

  it("are changed by their users with the old one only", async () => {
    await set(user, { password });
    expect(await codeOf(set(user, { password: "another password" }))).toBe("CREDENTIALS_WRONG");
    expect(await codeOf(set(user, { password: "another password", oldPassword: "no" }))).toBe("CREDENTIALS_WRONG");
    await set(user, { password: "another password", oldPassword: password });
    expect(await codeOf(signIn(password))).toBe("CREDENTIALS_WRONG");
    expect(await codeOf(signIn("another password"))).toHaveProperty("answered");
  });

  it("are not guessed through the change either", async () => {
    await set(admin, { password });
    for (let i = 0; i < 5; i++) await codeOf(set(user, { password, oldPassword: `guess ${i}` }));
    expect(await codeOf(set(user, { password, oldPassword: password }))).toBe("CREDENTIALS_SLOWED");
  });

  it("must follow the rules", async () => {
    expect(await codeOf(set(admin, { password: "truck-7 truck-7" }))).toBe("PASSWORD_INVALID");
  });

  it("of others need a grant, and never of who is above", async () => {
    expect(await codeOf(set(colleague, { password }))).toBe("ACCESS_DENIED");
    expect(await codeOf(set(stranger, { password }))).toBe("ACCESS_DENIED");
    await grantEverything();
    await set(colleague, { password });
    const above = { uid: account.principal.uid, password };
    expect(await codeOf(credentials().passwords.set(colleague, above))).toBe("ACCESS_DENIED");
  });

  it("end sessions when they change, but for the one that changed them", async () => {
    const issue = () =>
      harness.platform.tokens.issue({ kind: "console", principal: user.principal, scope: user.scope, lifetimeMs: 9e6 });
    const [mine, other] = [await issue(), await issue()];
    const byMine: Caller = { ...user, credential: { kind: "console-session", id: mine.token.tokenHash } };
    await set(byMine, { password });
    const find = ({ text }: { text: string }) => harness.platform.tokens.find("console", text);
    expect(await find(mine)).toBeDefined();
    expect(await find(other)).toBeUndefined();
    await set(admin);
    expect(await find(mine)).toBeUndefined();
  });
});

describe("sessions", () => {
  const open = (caller: Caller) =>
    harness.platform.tokens.issue({
      kind: "iam",
      principal: caller.principal,
      scope: caller.scope,
      lifetimeMs: 9e6,
      detail: { inner: "thing" },
    });

  it("are listed and ended by their user and by administrators", async () => {
    const { token, text } = await open(user);
    const { sessions } = credentials();
    expect(await sessions.list(user, uid())).toEqual([
      {
        sessionId: token.tokenHash,
        kind: "iam",
        uid: uid(),
        scope: user.scope,
        issuedMs: token.issuedMs,
        expiresMs: token.expiresMs,
      },
    ]);
    expect(await sessions.list(account, uid())).toHaveLength(1);
    await sessions.revoke(account, token.tokenHash);
    expect(await harness.platform.tokens.find("iam", text)).toBeUndefined();
    expect(await codeOf(sessions.revoke(account, token.tokenHash))).toBe("CREDENTIAL_UNKNOWN");
    expect(await trail("iam:session:delete")).toMatchObject([
      { uid: account.principal.uid, resourceId: token.tokenHash },
    ]);
  });

  it("are no business of others", async () => {
    const { token } = await open(user);
    for (const other of [colleague, stranger]) {
      expect(await codeOf(credentials().sessions.list(other, uid()))).toBe("ACCESS_DENIED");
      expect(await codeOf(credentials().sessions.revoke(other, token.tokenHash))).toBe("ACCESS_DENIED");
    }
  });
});

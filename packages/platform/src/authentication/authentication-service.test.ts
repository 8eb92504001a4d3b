import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccessKey, Caller, Principal } from "../ports.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import type { CallOrigin } from "./ports.ts";

const password = "correct horse battery";
const here: CallOrigin = { sourceAddress: "192.0.2.1", requestId: "r1" };
const elsewhere: CallOrigin = { sourceAddress: "198.51.100.7", requestId: "r2" };

let harness: Harness;
let admin: Caller;
let user: Principal;
let key: AccessKey;
let apiKey: { readonly id: string; readonly secret: string };
let client: { readonly id: string; readonly secret: string };

beforeEach(async () => {
  harness = await Harness.start();
  admin = harness.callerOf((await harness.bootstrap()).accessKey.principal);
  const { accounts, credentials } = harness.platform;
  const { principal: account } = await accounts.createAccount(admin, { name: "Shipper" });
  const made = await accounts.createRamUser(admin, { accountUid: account.uid, name: "truck-7" });
  user = made.principal;
  key = made.accessKey;
  const { uid } = user;
  await credentials.passwords.set(admin, { uid, password });
  const madeKey = await credentials.apiKeys.create(admin, { uid });
  apiKey = { id: madeKey.apiKey.apiKey, secret: madeKey.secret };
  const grantTypes = ["client_credentials"] as const;
  const madeClient = await credentials.oauthClients.create(admin, { uid, name: "till", grantTypes, scopes: ["read"] });
  client = { id: madeClient.client.clientId, secret: madeClient.secret };
});
afterEach(() => harness.dispose());

const authentication = () => harness.platform.authentication;
const name = { tenantName: "Shipper", userName: "truck-7" };
const sign = ({ secret }: AccessKey, text: string) => createHmac("sha256", secret).update(text).digest("hex");

/** Each way of showing a secret, right or wrong. */
type Way = readonly [what: string, kind: string, show: (isRight: boolean, origin: CallOrigin) => Promise<Caller>];
const ways: readonly Way[] = [
  ["a password", "password", (ok, origin) => authentication().byPassword(name, ok ? password : "no", origin)],
  [
    "an access key",
    "access-key",
    (ok, origin) => authentication().byAccessKey(key.accessKeyId, ok ? key.secret : "no", origin),
  ],
  ["an API key", "api-key", (ok, origin) => authentication().byApiKey(apiKey.id, ok ? apiKey.secret : "no", origin)],
  [
    "an OAuth client",
    "oauth-client",
    async (ok, origin) => (await authentication().byOAuthClient(client.id, ok ? client.secret : "no", origin)).caller,
  ],
  [
    "a signature",
    "access-key",
    (ok, origin) => {
      const signature = ok ? sign(key, "text") : "no";
      return authentication().bySignature(key.accessKeyId, (found) => sign(found, "text") === signature, origin);
    },
  ],
];

describe.each(ways)("%s", (_what, kind, show) => {
  it("tells who calls, reaching the whole tenant", async () => {
    const caller = await show(true, here);
    expect(caller).toMatchObject({ principal: { uid: user.uid }, credential: { kind }, ...here });
    expect(caller.scope).toEqual({ kind: "tenant", tenantId: caller.tenantId });
  });

  it("is slowed after five failures from one address, not from another", async () => {
    for (let i = 0; i < 5; i++) expect(await codeOf(show(false, here))).toBe("CREDENTIALS_WRONG");
    await expect(show(true, here)).rejects.toMatchObject({
      code: "CREDENTIALS_SLOWED",
      facts: { retryAfterMs: 1_000 },
    });
    expect(await codeOf(show(true, elsewhere))).toHaveProperty("answered");
    harness.clock.advance(1_000);
    expect(await codeOf(show(false, here))).toBe("CREDENTIALS_WRONG");
    await expect(show(true, here)).rejects.toMatchObject({ facts: { retryAfterMs: 2_000 } });
    harness.clock.advance(2_000);
    expect(await codeOf(show(true, here))).toHaveProperty("answered");
    expect(await codeOf(show(false, here))).toBe("CREDENTIALS_WRONG");
  });

  it("is refused for a disabled user only when it is right", async () => {
    await disable("principals", user.uid);
    expect(await codeOf(show(true, here))).toBe("PRINCIPAL_DISABLED");
    expect(await codeOf(show(false, here))).toBe("CREDENTIALS_WRONG");
  });

  it("is refused for a user of a disabled account", async () => {
    await disable("principals", user.accountUid);
    expect(await codeOf(show(true, here))).toBe("PRINCIPAL_DISABLED");
  });

  it("is refused in a disabled tenant", async () => {
    await disable("tenants", harness.platform.provisioning.directory.tenantIdOf(user));
    expect(await codeOf(show(true, here))).toBe("PRINCIPAL_DISABLED");
  });
});

async function disable(table: "principals" | "tenants", id: string): Promise<void> {
  const { directory } = harness.platform.provisioning;
  const enabled = false;
  await directory.change(async () => {
    const principal = directory.row("principals", id);
    const tenant = directory.row("tenants", id);
    const changes =
      table === "principals" && principal !== undefined
        ? [{ table: "principals" as const, row: { ...principal, enabled } }]
        : tenant !== undefined
          ? [{ table: "tenants" as const, row: { ...tenant, enabled } }]
          : [];
    expect(changes).toHaveLength(1);
    return { changes, result: undefined };
  });
}

it("judges passwords that were tried at once by what the first of them have shown", async () => {
  const tries = Array.from({ length: 10 }, (_, index) =>
    codeOf(authentication().byPassword(name, `guess ${index}`, here)),
  );
  const looked = (await Promise.all(tries)).filter((code) => code === "CREDENTIALS_WRONG");
  // Five free tries, and one that was being hashed beside the fifth.
  expect(looked.length).toBeGreaterThanOrEqual(5);
  expect(looked.length).toBeLessThanOrEqual(6);
});

describe("names of users", () => {
  it.each([
    ["by tenant and name", () => name],
    ["by user id", () => ({ userId: user.userId })],
  ])("%s", async (_what, nameOf) => {
    expect((await authentication().byPassword(nameOf(), password, here)).principal.uid).toBe(user.uid);
  });

  it.each([
    ["of another tenant", { tenantName: "administrator", userName: "truck-7" }],
    ["without its tenant", { userName: "truck-7" }],
    ["of no tenant", { tenantName: "nobody", userName: "truck-7" }],
    ["of nobody", { userId: "0".repeat(32) }],
  ])("%s", async (_what, user) => {
    expect(await codeOf(authentication().byPassword(user, password, here))).toBe("CREDENTIALS_WRONG");
  });

  it("alone mean the first tenant's users, its account too", async () => {
    await harness.platform.credentials.passwords.set(
      { ...admin, sourceAddress: "127.0.0.1" },
      { uid: admin.principal.uid, password: "another password" },
    );
    const caller = await authentication().byPassword({ userName: admin.principal.name }, "another password", here);
    expect(caller.principal.uid).toBe(admin.principal.uid);
  });

  it("slow a user down by whichever name it is called", async () => {
    for (let i = 0; i < 5; i++) await codeOf(authentication().byPassword(name, "no", here));
    expect(await codeOf(authentication().byPassword({ userId: user.userId }, password, here))).toBe(
      "CREDENTIALS_SLOWED",
    );
  });
});

describe("what is not there", () => {
  const strangers: readonly (readonly [string, (origin: CallOrigin) => Promise<unknown>])[] = [
    ["user", (origin) => authentication().byPassword({ userName: "nobody" }, password, origin)],
    ["access key", (origin) => authentication().byAccessKey("LTAInobody", "", origin)],
    ["API key", (origin) => authentication().byApiKey("nobody", "", origin)],
    ["client", (origin) => authentication().byOAuthClient("nobody", "", origin)],
    ["key of a signature", (origin) => authentication().bySignature("LTAInobody", () => true, origin)],
  ];
  it.each(strangers)("is refused and slowed like what is: %s", async (_what, show) => {
    for (let i = 0; i < 5; i++) expect(await codeOf(show(here))).toBe("CREDENTIALS_WRONG");
    expect(await codeOf(show(here))).toBe("CREDENTIALS_SLOWED");
    expect(await codeOf(show(elsewhere))).toBe("CREDENTIALS_WRONG");
  });

  it("gives a signature check a key to work with", async () => {
    const keys: AccessKey[] = [];
    await codeOf(authentication().bySignature("LTAInobody", (found) => keys.push(found) > 0, here));
    expect(keys).toHaveLength(1);
  });
});

it("says that a credential is disabled to who has its secret, and to nobody else", async () => {
  const { credentials } = harness.platform;
  await credentials.accessKeys.setActive(admin, { accessKeyId: key.accessKeyId, active: false });
  const right = authentication().byAccessKey(key.accessKeyId, key.secret, here);
  await expect(right).rejects.toMatchObject({ code: "CREDENTIALS_WRONG", facts: { inactive: true } });
  const wrong = authentication().byAccessKey(key.accessKeyId, "no", here);
  await expect(wrong).rejects.toMatchObject({ code: "CREDENTIALS_WRONG", facts: {} });
});

it("takes tokens of the right kind, with the scope that they were given for", async () => {
  const scope = { kind: "project", tenantId: "t", projectId: "p" } as const;
  const { text, token } = await harness.platform.tokens.issue({
    kind: "iam",
    principal: user,
    scope,
    lifetimeMs: 1_000,
  });
  const { caller } = await authentication().byToken("iam", text, here);
  expect(caller).toMatchObject({ scope, credential: { kind: "iam-token", id: token.tokenHash }, ...here });
  expect(await codeOf(authentication().byToken("console", text, here))).toBe("CREDENTIALS_WRONG");
  expect(await codeOf(authentication().byToken("iam", `${text}x`, here))).toBe("CREDENTIALS_WRONG");
});

describe("the trail of refusals", () => {
  const refused = async () =>
    (
      await harness.store.database.selectFrom("auditEntries").selectAll().where("outcome", "=", "refused").execute()
    ).map(({ detail, ...entry }) => ({ ...entry, detail: JSON.parse(detail) }));
  const minute = async () => {
    harness.clock.advance(60_000);
    await harness.platform.authentication.flushRefusals();
  };

  it("counts strangers by the minute, and holds nothing that they sent", async () => {
    for (const userName of ["canary-1", "canary-2", "canary-2"]) {
      await codeOf(authentication().byPassword({ userName }, "canary-password", here));
    }
    await codeOf(authentication().byPassword({ userName: "canary-2" }, "canary-password", elsewhere));
    await codeOf(authentication().byAccessKey("canary-3", "canary-secret", here));
    expect(await refused()).toEqual([]);
    await minute();
    const entries = await refused();
    expect(entries).toHaveLength(2);
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          uid: null,
          action: "iam:session:create",
          resourceId: "password",
          occurrences: 4,
          detail: expect.objectContaining({ code: "CREDENTIALS_WRONG", names: 2, addresses: 2 }),
        }),
        expect.objectContaining({ resourceId: "access-key", occurrences: 1 }),
      ]),
    );
    expect(JSON.stringify(entries)).not.toContain("canary");
    await minute();
    expect(await refused()).toHaveLength(2);
  });

  it("is written when the platform closes", async () => {
    await codeOf(authentication().byAccessKey("stranger", "", here));
    await harness.restart();
    expect(await refused()).toMatchObject([{ resourceId: "access-key", occurrences: 1 }]);
  });

  it("names recognised callers at once, and counts their repeats", async () => {
    await disable("principals", user.uid);
    for (let i = 0; i < 4; i++) await codeOf(authentication().byAccessKey(key.accessKeyId, key.secret, here));
    await minute();
    expect(await refused()).toMatchObject([
      {
        uid: user.uid,
        credentialId: key.accessKeyId,
        sourceAddress: here.sourceAddress,
        occurrences: 1,
        detail: { code: "PRINCIPAL_DISABLED" },
      },
      { uid: user.uid, occurrences: 3 },
    ]);
  });

  it("waits for a store that does not answer, and loses nothing", async () => {
    const { directory } = harness.platform.provisioning;
    const change = directory.change.bind(directory);
    directory.change = () => Promise.reject(new Error("away"));
    await codeOf(authentication().byAccessKey("stranger", "", here));
    await minute();
    directory.change = change;
    expect(await refused()).toEqual([]);
    await minute();
    expect(await refused()).toMatchObject([{ occurrences: 1 }]);
  });
});

import { afterEach, beforeEach, expect, it } from "vitest";
import type { NewToken } from "../authentication/ports.ts";
import type { Principal } from "../ports.ts";
import { Harness } from "../testing/harness.ts";
import { tokenHashOf } from "./tokens-service.ts";

let harness: Harness;
let principal: Principal;
beforeEach(async () => {
  harness = await Harness.start();
  principal = (await harness.bootstrap()).accessKey.principal;
});
afterEach(() => harness.dispose());

const issue = (more: Partial<NewToken> = {}) =>
  harness.platform.tokens.issue({
    kind: "console",
    principal,
    scope: { kind: "unscoped" },
    lifetimeMs: 60_000,
    ...more,
  });
const find = (text: string) => harness.platform.tokens.find("console", text);
const rows = () => harness.store.database.selectFrom("tokens").selectAll().execute();
const auditOf = (action: string) =>
  harness.store.database.selectFrom("auditEntries").selectAll().where("action", "=", action).execute();

it("answers 256 bits of chance, keeps only their hash, and finds them again after a restart", async () => {
  const scope = { kind: "project", tenantId: "t", projectId: "p" } as const;
  const { text, token } = await issue({ scope, binding: { host: "a" }, detail: { methods: ["password"] } });
  expect(Buffer.from(text, "base64url")).toHaveLength(32);
  expect(token).toMatchObject({ tokenHash: tokenHashOf(text), scope, binding: { host: "a" } });
  expect(JSON.stringify(await rows())).not.toContain(text);
  expect(JSON.stringify(await auditOf("iam:session:create"))).not.toContain(text);
  await harness.restart();
  expect(await find(text)).toEqual(token);
});

it("takes a text that the dialect made", async () => {
  const { text } = await issue({ text: "header.payload.signature" });
  expect(text).toBe("header.payload.signature");
  expect(await find(text)).toBeDefined();
});

it("never takes one kind for another", async () => {
  const { text } = await issue();
  for (const kind of ["iam", "bif", "oauth", "iserver-session", "iserver-token"] as const) {
    expect(await harness.platform.tokens.find(kind, text)).toBeUndefined();
  }
});

it("ends with its lifetime, and its row with a later sign-in", async () => {
  const { text } = await issue();
  harness.clock.advance(59_999);
  expect(await find(text)).toBeDefined();
  harness.clock.advance(1);
  expect(await find(text)).toBeUndefined();
  harness.clock.advance(600_000);
  await issue();
  expect(await rows()).toHaveLength(1);
});

it("is refused at once where it was revoked", async () => {
  const [first, second] = [await issue(), await issue()];
  expect(await find(first.text)).toBeDefined();
  expect(await harness.platform.tokens.revoke(first.token.tokenHash)).toBe(true);
  expect(await harness.platform.tokens.revoke(first.token.tokenHash)).toBe(false);
  expect(await find(first.text)).toBeUndefined();
  expect(await harness.platform.tokens.revokeAllOf(principal.uid)).toBe(1);
  expect(await find(second.text)).toBeUndefined();
});

it("is refused within a second after another server revoked it", async () => {
  const { text, token } = await issue();
  expect(await find(text)).toBeDefined();
  await harness.store.database.deleteFrom("tokens").where("tokenHash", "=", token.tokenHash).execute();
  harness.clock.advance(999);
  expect(await find(text)).toBeDefined();
  harness.clock.advance(1);
  expect(await find(text)).toBeUndefined();
});

it("does not bring back what was revoked while it was being read", async () => {
  const { text, token } = await issue();
  const reading = find(text);
  await harness.platform.tokens.revoke(token.tokenHash);
  await reading;
  expect(await find(text)).toBeUndefined();
});

it.each(["principals", "tenants"] as const)("is refused while its row in %s is disabled", async (table) => {
  const { text } = await issue();
  const setEnabled = (enabled: boolean) => {
    const { directory } = harness.platform.provisioning;
    return directory.change(async () => ({
      changes:
        table === "tenants"
          ? directory
              .table("tenants")
              .all()
              .map((row) => ({ table, row: { ...row, enabled } }))
          : directory
              .table("principals")
              .all()
              .map((row) => ({ table, row: { ...row, enabled } })),
      result: undefined,
    }));
  };
  expect(await find(text)).toBeDefined();
  await setEnabled(false);
  expect(await find(text)).toBeUndefined();
  await setEnabled(true);
  expect(await find(text)).toBeDefined();
});

it("audits the sign-in and its end", async () => {
  const { token } = await issue({ origin: { sourceAddress: "192.0.2.1", requestId: "r1" } });
  expect(await auditOf("iam:session:create")).toMatchObject([
    {
      uid: principal.uid,
      credentialKind: "console-session",
      resourceId: token.tokenHash,
      sourceAddress: "192.0.2.1",
      requestId: "r1",
      outcome: "done",
    },
  ]);
  await harness.platform.tokens.revoke(token.tokenHash, harness.callerOf(principal));
  expect(await auditOf("iam:session:delete")).toMatchObject([{ uid: principal.uid, resourceId: token.tokenHash }]);
});

import { readFile } from "node:fs/promises";
import { parseClientCertificate } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Principal } from "../ports.ts";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const accounts = () => harness.platform.accounts;
const as = (principal: Principal) => harness.callerOf(principal);

it("makes an account with an organization, a certificate and an access key of its own", async () => {
  const { principal, accessKey } = await accounts().createAccount(as(cast.administrator), { name: "新公司" });
  expect(principal).toMatchObject({
    uid: expect.stringMatching(/^[1-9][0-9]{15}$/),
    accountUid: principal.uid,
    kind: "account",
    mspId: `Org${principal.uid}MSP`,
    ledgerServiceOpened: true,
    installationAdministrator: false,
  });
  expect(accessKey).toMatchObject({
    accessKeyId: expect.stringMatching(/^LTAI[A-Za-z0-9]{20}$/),
    secret: expect.stringMatching(/^[A-Za-z0-9]{30}$/),
    active: true,
  });
  const creator = harness.platform.provisioning.directory.creator(principal.uid);
  expect(parseClientCertificate(creator.certificatePem).attributes).toEqual({
    tenant: principal.uid,
    principal: principal.uid,
  });
});

it("makes a RAM user under its account's organization, for the account itself or an administrator", async () => {
  const input = { accountUid: cast.stranger.uid, name: "user" };
  const { principal } = await accounts().createRamUser(as(cast.stranger), input);
  expect(principal).toMatchObject({ kind: "ram-user", accountUid: cast.stranger.uid, mspId: cast.stranger.mspId });
  expect(await codeOf(accounts().createRamUser(as(cast.administrator), input))).toBe("NAME_EXISTS");
  expect(await codeOf(accounts().createRamUser(as(cast.memberAccount), input))).toBe("ACCESS_DENIED");
  expect(await codeOf(accounts().createRamUser(as(principal), { ...input, name: "second" }))).toBe("ACCESS_DENIED");
  const own = { accountUid: cast.memberAccount.uid, name: "user" };
  expect((await accounts().createRamUser(as(cast.memberAccount), own)).principal.name).toBe("user");
  const unopened = await accounts().createRamUser(as(cast.administrator), {
    accountUid: cast.unopened.uid,
    name: "user",
  });
  expect(unopened.principal.ledgerServiceOpened).toBe(false);
});

it("refuses an account with the reason", async () => {
  const cases = [
    ["ACCESS_DENIED", cast.stranger, "valid-name"],
    ["NAME_INVALID", cast.administrator, "x"],
    ["NAME_EXISTS", cast.administrator, "stranger"],
  ] as const;
  for (const [code, caller, name] of cases) {
    expect(await codeOf(accounts().createAccount(as(caller), { name }))).toBe(code);
  }
});

it("refuses a RAM user of no account", async () => {
  const create = (accountUid: string) =>
    codeOf(accounts().createRamUser(as(cast.administrator), { accountUid, name: "user" }));
  expect(await create("0")).toBe("ACCOUNT_UNKNOWN");
  expect(await create(cast.memberPrincipal.uid)).toBe("ACCOUNT_UNKNOWN");
});

it("gives names to one of several at the same time", async () => {
  const codes = await Promise.all(
    [1, 2, 3].map(() => codeOf(accounts().createAccount(as(cast.administrator), { name: "same" }))),
  );
  expect(codes.filter((code) => code === "NAME_EXISTS")).toHaveLength(2);
});

it("stores no secret in the clear", async () => {
  const { accessKey } = await accounts().createAccount(as(cast.administrator), { name: "sealed" });
  const files = await Promise.all(
    ["control.sqlite", "control.sqlite-wal"].map((name) => readFile(`${harness.directory}/${name}`)),
  );
  const stored = Buffer.concat(files);
  expect(stored.includes(accessKey.accessKeyId)).toBe(true);
  expect(stored.includes(accessKey.secret)).toBe(false);
  const { state } = await harness.store.load();
  const row = state.organizations.find(({ mspId }) => mspId === accessKey.principal.mspId);
  // A PKCS#8 key begins with a DER sequence; a sealed one with the envelope's version.
  for (const sealed of [row?.caKeySealed, row?.tlsCaKeySealed, row?.adminKeySealed, row?.checkpointKeySealed]) {
    expect(sealed?.[0]).toBe(1);
  }
});

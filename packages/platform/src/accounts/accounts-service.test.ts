import { readFile } from "node:fs/promises";
import { parseClientCertificate } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const accounts = () => harness.platform.accounts;

it("makes an account with an organization, a certificate and an access key of its own", async () => {
  const { principal, accessKey } = await accounts().createAccount(cast.administrator, { name: "新公司" });
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
  const { principal } = await accounts().createRamUser(cast.stranger, input);
  expect(principal).toMatchObject({ kind: "ram-user", accountUid: cast.stranger.uid, mspId: cast.stranger.mspId });
  expect(await codeOf(accounts().createRamUser(cast.administrator, input))).toBe("NAME_EXISTS");
  expect(await codeOf(accounts().createRamUser(cast.memberAccount, input))).toBe("ACCESS_DENIED");
  expect(await codeOf(accounts().createRamUser(principal, { ...input, name: "second" }))).toBe("ACCESS_DENIED");
  const own = { accountUid: cast.memberAccount.uid, name: "user" };
  expect((await accounts().createRamUser(cast.memberAccount, own)).principal.name).toBe("user");
  const unopened = await accounts().createRamUser(cast.administrator, { accountUid: cast.unopened.uid, name: "user" });
  expect(unopened.principal.ledgerServiceOpened).toBe(false);
});

it("refuses an account with the reason", async () => {
  const cases = [
    ["ACCESS_DENIED", cast.stranger, "valid-name"],
    ["NAME_INVALID", cast.administrator, "x"],
    ["NAME_EXISTS", cast.administrator, "stranger"],
  ] as const;
  for (const [code, caller, name] of cases) {
    expect(await codeOf(accounts().createAccount(caller, { name }))).toBe(code);
  }
});

it("refuses a RAM user of no account", async () => {
  const create = (accountUid: string) =>
    codeOf(accounts().createRamUser(cast.administrator, { accountUid, name: "user" }));
  expect(await create("0")).toBe("ACCOUNT_UNKNOWN");
  expect(await create(cast.memberPrincipal.uid)).toBe("ACCOUNT_UNKNOWN");
});

it("gives names to one of several at the same time", async () => {
  const codes = await Promise.all(
    [1, 2, 3].map(() => codeOf(accounts().createAccount(cast.administrator, { name: "same" }))),
  );
  expect(codes.filter((code) => code === "NAME_EXISTS")).toHaveLength(2);
});

it("switches access keys off and on, over a restart", async () => {
  const { accessKey } = await accounts().createAccount(cast.administrator, { name: "keyed" });
  const { accessKeyId, secret } = accessKey;
  const find = () => harness.platform.findAccessKey(accessKeyId);
  expect(find()).toMatchObject({ secret, active: true });
  await accounts().setAccessKeyActive(accessKey.principal, { accessKeyId, active: false });
  expect(find()?.active).toBe(false);
  await harness.restart();
  expect(find()).toMatchObject({ secret, active: false });
  await accounts().setAccessKeyActive(cast.administrator, { accessKeyId, active: true });
  expect(find()?.active).toBe(true);
  expect(await codeOf(accounts().setAccessKeyActive(cast.stranger, { accessKeyId, active: false }))).toBe(
    "ACCESS_DENIED",
  );
  expect(await codeOf(accounts().setAccessKeyActive(cast.stranger, { accessKeyId: "LTAI0", active: false }))).toBe(
    "ACCESS_DENIED",
  );
  expect(await codeOf(accounts().setAccessKeyActive(cast.administrator, { accessKeyId: "LTAI0", active: false }))).toBe(
    "ACCESS_KEY_UNKNOWN",
  );
});

it("stores no secret in the clear", async () => {
  const { accessKey } = await accounts().createAccount(cast.administrator, { name: "sealed" });
  const files = await Promise.all(
    ["control.sqlite", "control.sqlite-wal"].map((name) => readFile(`${harness.directory}/${name}`)),
  );
  const stored = Buffer.concat(files);
  expect(stored.includes(accessKey.accessKeyId)).toBe(true);
  expect(stored.includes(accessKey.secret)).toBe(false);
  const rows = await harness.store.load();
  const row = rows.organizations.find(({ mspId }) => mspId === accessKey.principal.mspId);
  // A PKCS#8 key begins with a DER sequence; a sealed one with the envelope's version.
  for (const sealed of [row?.caKeySealed, row?.tlsCaKeySealed, row?.adminKeySealed, row?.checkpointKeySealed]) {
    expect(sealed?.[0]).toBe(1);
  }
});

import { beforeEach, describe, expect, it } from "vitest";
import { alice, bob, carol, notary, openTokens, root, stranger, type TokenChannel } from "../testing/token-channel.ts";

let channel: TokenChannel;
const newAccount = (user: typeof root, dailyLimits?: object) =>
  channel.text(
    root,
    "createAccount",
    { ...user, tokenType: "fungible", ...(dailyLimits && { dailyLimits }) },
    "account_id",
  );

beforeEach(async () => {
  channel = await openTokens();
});

describe("createAccount", () => {
  it("makes accounts without token, as many as one wants", async () => {
    const ids = [await newAccount(stranger), await newAccount(stranger)];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^oaccount~[0-9a-f]{64}$/);
    const accounts = (await channel.read(stranger, "getAccountsByUser", stranger)) as readonly object[];
    expect(accounts).toMatchObject([...ids].sort().map((account_id) => ({ account_id, token_id: "", balance: 0 })));
    expect(accounts[0]).not.toHaveProperty("max_daily_amount");
    expect(await channel.read(root, "getUserByAccountId", { accountId: ids[0] })).toEqual({
      token_id: "",
      user_id: "stranger",
      org_id: "TwoMSP",
    });
  });

  it("is for fungible tokens, with limits in their form", async () => {
    const refusal = (change: object) =>
      channel.refusal(root, "createAccount", { ...stranger, tokenType: "fungible", ...change });
    expect(await refusal({ tokenType: "nonfungible" })).toBe("ARGUMENT_INVALID");
    for (const limit of [-1, 1.5, "3", 1e10, null]) {
      expect(await refusal({ dailyLimits: { max_daily_transactions: limit } })).toBe("ARGUMENT_INVALID");
    }
    for (const limit of ["-1", 10, "1e3", ""]) {
      expect(await refusal({ dailyLimits: { max_daily_amount: limit } })).toBe("ARGUMENT_INVALID");
    }
    expect(await refusal({ dailyLimits: { max_daily_amount: "0.123456789" } })).toBe("TOO_MANY_DECIMALS");
    expect(await refusal({ dailyLimits: { max_daily_amount: "1000000000000000" } })).toBe("AMOUNT_TOO_LARGE");
    expect(await refusal({ userId: "a~b" })).toBe("ARGUMENT_INVALID");
  });
});

describe("associateTokenToAccount", () => {
  const associate = (accountId: string, tokenId = "USD") => ({ accountId, tokenId });

  it("gives an account its token, one account for each user and token", async () => {
    const accountId = await newAccount(stranger, { max_daily_amount: "10.50", max_daily_transactions: 3 });
    expect(await channel.submit(root, "associateTokenToAccount", associate(accountId))).toMatchObject({
      bapAccountVersion: 1,
      token_id: "USD",
      token_name: "stablecoin",
      max_daily_amount: 10.5,
      max_daily_transactions: 3,
      current_date: "2026-03-01T00:00:00.000Z",
    });
    expect(await channel.read(stranger, "getAccount", { ...stranger, tokenId: "USD" })).toMatchObject({
      status: "active",
    });
    expect(await channel.refusal(root, "associateTokenToAccount", associate(accountId))).toBe("ACCOUNT_ASSOCIATED");
    const second = await newAccount(stranger);
    expect(await channel.refusal(root, "associateTokenToAccount", associate(second))).toBe("ACCOUNT_EXISTS");
    await channel.submit(root, "initializeStablecoinToken", { tokenAsset: { token_id: "EUR" } });
    await channel.submit(root, "associateTokenToAccount", associate(second, "EUR"));
    expect(await channel.amounts(stranger, "EUR")).toEqual([0, 0, 0]);
    expect(await channel.amounts(stranger)).toEqual([0, 0, 0]);
  });

  it("refuses unknown accounts and tokens, and limits that the token cannot have", async () => {
    const accountId = await newAccount(stranger, { max_daily_amount: "0.001" });
    const refusal = (args: object, user = root) => channel.refusal(user, "associateTokenToAccount", args);
    expect(await refusal(associate(accountId))).toBe("TOO_MANY_DECIMALS");
    expect(await refusal(associate(accountId, "EUR"))).toBe("TOKEN_UNKNOWN");
    expect(await refusal(associate("oaccount~0"))).toBe("ACCOUNT_UNKNOWN");
    expect(await refusal(associate("oaccount~0"), stranger)).toBe("NOT_AUTHORIZED");
    await channel.submit(root, "addOrgAdmin", alice);
    expect(await refusal(associate(accountId), alice)).toBe("NOT_AUTHORIZED");
  });
});

it("tells no account from one without this token", async () => {
  const args = { ...stranger, tokenId: "USD" };
  for (const fn of ["getAccount", "getAccountBalance", "getAccountStatus", "getOnHoldIds"]) {
    expect(await channel.refusal(root, fn, args)).toBe("ACCOUNT_UNKNOWN");
  }
  await newAccount(stranger);
  for (const fn of ["getAccount", "suspendAccount", "deleteAccount", "getMaxDailyAmount"]) {
    expect(await channel.refusal(root, fn, args)).toBe("ACCOUNT_NOT_ASSOCIATED");
  }
  expect(await channel.refusal(root, "getAccount", { ...args, tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
});

it("lists accounts by organization and all of them, with what is on hold to be burned", async () => {
  const ids = async (user: typeof root, fn: string, args = {}) =>
    ((await channel.read(user, fn, args)) as readonly { readonly key: string; readonly valueJson: object }[]).map(
      ({ key, valueJson }) => {
        expect(valueJson).toMatchObject({ account_id: key, onhold_burn_balance: 0 });
        return key;
      },
    );
  const idOf = async (user: typeof root) =>
    String(Object(await channel.read(user, "getAccount", { ...user, tokenId: "USD" }))["account_id"]);
  expect(await ids(root, "getAllOrgAccounts", { orgId: "TwoMSP" })).toEqual(
    [await idOf(bob), await idOf(carol)].sort(),
  );
  const all = await ids(root, "getAllAccounts");
  expect(all).toHaveLength(6);
  expect(all).toEqual([...all].sort());
  expect(all).toContain(await idOf(notary));
  expect(await channel.refusal(root, "getUserByAccountId", { accountId: "oaccount~1" })).toBe("ACCOUNT_UNKNOWN");
});

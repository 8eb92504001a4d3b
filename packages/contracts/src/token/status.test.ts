import { beforeEach, expect, it } from "vitest";
import { alice, bob, byNotary, notary, openTokens, root, type TokenChannel, toBob } from "../testing/token-channel.ts";

let channel: TokenChannel;
const bobUsd = { ...bob, tokenId: "USD" };
const set = (fn: string, args: object = bobUsd) => channel.submit(root, fn, args);
const status = async (args: object = bobUsd) => Object(await channel.read(root, "getAccountStatus", args))["status"];
const transfer = { tokenId: "USD", quantity: "1" };

beforeEach(async () => {
  channel = await openTokens();
});

it("suspends and activates, and setting the same again changes nothing", async () => {
  expect(await status()).toBe("active");
  expect(await set("suspendAccount")).toMatchObject({ assetType: "oaccountStatus", status: "suspended" });
  const before = channel.channel.dump();
  expect(await set("suspendAccount")).toMatchObject({ status: "suspended" });
  expect(channel.channel.dump()).toEqual(before);
  expect(await status()).toBe("suspended");
  expect(await channel.read(bob, "getAccount", bobUsd)).toMatchObject({ status: "suspended" });
  expect(await set("activateAccount")).toMatchObject({ status: "active" });
});

it("a suspended account neither pays nor is paid", async () => {
  await channel.submit(alice, "transferTokens", { ...transfer, ...toBob });
  await set("suspendAccount");
  const toAlice = { toOrgId: alice.orgId, toUserId: alice.userId };
  expect(await channel.refusal(bob, "transferTokens", { ...transfer, ...toAlice })).toBe("ACCOUNT_SUSPENDED");
  expect(await channel.refusal(alice, "transferTokens", { ...transfer, ...toBob })).toBe("ACCOUNT_SUSPENDED");
  const flow = [{ to_org_id: bob.orgId, to_user_id: bob.userId, quantity: "1" }];
  expect(await channel.refusal(alice, "bulkTransferTokens", { tokenId: "USD", flow })).toBe("ACCOUNT_SUSPENDED");
  const hold = { ...transfer, ...toBob, ...byNotary, operationId: "h", timeToExpiration: "0" };
  expect(await channel.refusal(alice, "holdTokens", hold)).toBe("ACCOUNT_SUSPENDED");
  await set("suspendAccount", { ...alice, tokenId: "USD" });
  const request = { tokenId: "USD", quantity: "1", ...byNotary, operationId: "m", timeToExpiration: "0" };
  for (const fn of ["requestMint", "requestBurn"]) {
    expect(await channel.refusal(alice, fn, request)).toBe("ACCOUNT_SUSPENDED");
  }
});

it("what is on hold comes back to a suspended account, and goes nowhere from it", async () => {
  const operation = { tokenId: "USD", operationId: "h" };
  await channel.submit(alice, "holdTokens", {
    ...operation,
    ...toBob,
    ...byNotary,
    quantity: "5",
    timeToExpiration: "0",
  });
  const burn = { ...operation, ...byNotary, operationId: "b", quantity: "2", timeToExpiration: "0" };
  await channel.submit(alice, "requestBurn", burn);
  await set("suspendAccount", { ...alice, tokenId: "USD" });
  const execute = { ...operation, quantity: "5" };
  expect(await channel.refusal(notary, "executeHoldTokens", execute)).toBe("ACCOUNT_SUSPENDED");
  expect(await channel.refusal(notary, "approveBurn", { ...operation, operationId: "b" })).toBe("ACCOUNT_SUSPENDED");
  await channel.submit(notary, "releaseHoldTokens", operation);
  await channel.submit(notary, "rejectBurn", { ...operation, operationId: "b" });
  expect(await channel.amounts(alice)).toEqual([1000, 0, 0]);
});

it("deletes an empty account for good", async () => {
  expect(await set("deleteAccount")).toMatchObject({ status: "deleted" });
  expect(await status()).toBe("deleted");
  expect(await channel.amounts(bob)).toEqual([0, 0, 0]);
  for (const fn of ["activateAccount", "suspendAccount", "deleteAccount"]) {
    expect(await channel.refusal(root, fn, bobUsd)).toBe("ACCOUNT_DELETED");
  }
  expect(await channel.refusal(root, "addRole", { ...bobUsd, role: "minter" })).toBe("ACCOUNT_DELETED");
  expect(await channel.refusal(root, "setMaxDailyAmount", { ...bobUsd, maxDailyAmount: "1" })).toBe("ACCOUNT_DELETED");
  expect(await channel.refusal(alice, "transferTokens", { ...transfer, ...toBob })).toBe("ACCOUNT_DELETED");
  const accountId = await channel.text(root, "createAccount", { ...bob, tokenType: "fungible" }, "account_id");
  expect(await channel.refusal(root, "associateTokenToAccount", { accountId, tokenId: "USD" })).toBe("ACCOUNT_EXISTS");
});

it("deletes no account that has tokens, on hold or not, or asks to mint", async () => {
  const remove = () => channel.refusal(root, "deleteAccount", bobUsd);
  await channel.submit(alice, "transferTokens", { ...transfer, ...toBob });
  expect(await remove()).toBe("ACCOUNT_NOT_EMPTY");
  const operation = { tokenId: "USD", operationId: "h" };
  const request = { ...operation, ...byNotary, quantity: "1", timeToExpiration: "0" };
  const toAlice = { toOrgId: alice.orgId, toUserId: alice.userId };
  await channel.submit(bob, "holdTokens", { ...request, ...toAlice });
  expect(await channel.amounts(bob)).toEqual([0, 1, 0]);
  expect(await remove()).toBe("ACCOUNT_NOT_EMPTY");
  await channel.submit(notary, "executeHoldTokens", { ...operation, quantity: "1" });
  await channel.addRole(bob, "minter");
  await channel.submit(bob, "requestMint", { ...request, operationId: "m" });
  expect(await channel.amounts(bob)).toEqual([0, 0, 0]);
  expect(await remove()).toBe("ACCOUNT_NOT_EMPTY");
  await channel.submit(notary, "rejectMint", { ...operation, operationId: "m" });
  expect(await remove()).toBe("done");
});

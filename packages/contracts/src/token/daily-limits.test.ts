import { beforeEach, expect, it } from "vitest";
import { alice, bob, byNotary, notary, openTokens, root, type TokenChannel, toBob } from "../testing/token-channel.ts";

const DAY_MS = 86_400_000;
let channel: TokenChannel;
const aliceUsd = { ...alice, tokenId: "USD" };
const transfer = (quantity: string) => channel.refusal(alice, "transferTokens", { tokenId: "USD", ...toBob, quantity });
const limit = async (amount: string, count: number) => {
  await channel.submit(root, "setMaxDailyAmount", { ...aliceUsd, maxDailyAmount: amount });
  await channel.submit(root, "setMaxDailyTransactionCount", { ...aliceUsd, maxDailyTransactions: count });
};
const account = () => channel.read(alice, "getAccount", aliceUsd);

beforeEach(async () => {
  channel = await openTokens();
});

it("reads what is set, 0 when there is no limit", async () => {
  const read = async () => [
    await channel.read(root, "getMaxDailyAmount", aliceUsd),
    await channel.read(root, "getMaxDailyTransactionCount", aliceUsd),
  ];
  expect(await read()).toEqual([{ max_daily_amount: 0 }, { max_daily_transactions: 0 }]);
  await limit("10.50", 7);
  expect(await read()).toEqual([{ max_daily_amount: 10.5 }, { max_daily_transactions: 7 }]);
  expect(await account()).toMatchObject({ max_daily_amount: 10.5, max_daily_transactions: 7 });
  await limit("0", 0);
  expect(await account()).not.toHaveProperty("max_daily_amount");
  expect(await account()).not.toHaveProperty("max_daily_transactions");
});

it("refuses limits that are none", async () => {
  const amount = (maxDailyAmount: unknown) =>
    channel.refusal(root, "setMaxDailyAmount", { ...aliceUsd, maxDailyAmount });
  const count = (maxDailyTransactions: unknown) =>
    channel.refusal(root, "setMaxDailyTransactionCount", { ...aliceUsd, maxDailyTransactions });
  for (const wrong of ["-1", 5, "", "NaN", null, "1e400"]) expect(await amount(wrong)).toBe("ARGUMENT_INVALID");
  expect(await amount("1.001")).toBe("TOO_MANY_DECIMALS");
  expect(await amount("10000000000000")).toBe("AMOUNT_TOO_LARGE");
  for (const wrong of [-1, "5", 1.5, 1e10, null]) expect(await count(wrong)).toBe("ARGUMENT_INVALID");
});

it("holds the amount to the last cent, and the count", async () => {
  await limit("10", 3);
  expect(await transfer("9.99")).toBe("done");
  expect(await transfer("0.02")).toBe("DAILY_AMOUNT_EXCEEDED");
  expect(await transfer("0.01")).toBe("done");
  expect(await account()).toMatchObject({ daily_amount: 10, daily_transactions: 2 });
  await limit("0", 3);
  expect(await transfer("100")).toBe("done");
  expect(await transfer("0.01")).toBe("DAILY_COUNT_EXCEEDED");
  expect(await account()).toMatchObject({ daily_amount: 110, daily_transactions: 3 });
});

it("begins again at midnight UTC, and not a millisecond before", async () => {
  await limit("10", 0);
  const midnight = Math.floor(channel.timeMs / DAY_MS) * DAY_MS + DAY_MS;
  expect(await transfer("10")).toBe("done");
  channel.timeMs = midnight - 1;
  expect(await transfer("0.01")).toBe("DAILY_AMOUNT_EXCEEDED");
  channel.timeMs = midnight;
  expect(await transfer("10")).toBe("done");
  expect(await account()).toMatchObject({
    daily_amount: 10,
    daily_transactions: 1,
    current_date: new Date(midnight).toISOString(),
  });
  expect(await transfer("0.01")).toBe("DAILY_AMOUNT_EXCEEDED");
});

it("does not begin again when the clock goes back over midnight", async () => {
  await limit("10", 0);
  const midnight = Math.floor(channel.timeMs / DAY_MS) * DAY_MS + DAY_MS;
  channel.timeMs = midnight;
  expect(await transfer("10")).toBe("done");
  channel.timeMs = midnight - 1;
  expect(await transfer("0.01")).toBe("DAILY_AMOUNT_EXCEEDED");
  channel.timeMs = midnight;
  expect(await transfer("0.01")).toBe("DAILY_AMOUNT_EXCEEDED");
  expect(await account()).toMatchObject({ daily_amount: 10, current_date: new Date(midnight).toISOString() });
});

it("counts holds when they are made and each part of a bulk transfer; incoming tokens are free", async () => {
  await limit("100", 4);
  const operation = { tokenId: "USD", operationId: "h" };
  await channel.submit(alice, "holdTokens", {
    ...operation,
    ...toBob,
    ...byNotary,
    quantity: "30",
    timeToExpiration: "0",
  });
  await channel.submit(notary, "releaseHoldTokens", operation);
  expect(await account()).toMatchObject({ daily_amount: 30, daily_transactions: 1, balance: 1000 });
  const part = { to_org_id: bob.orgId, to_user_id: bob.userId, quantity: "10" };
  const bulk = (parts: number) =>
    channel.refusal(alice, "bulkTransferTokens", { tokenId: "USD", flow: new Array(parts).fill(part) });
  expect(await bulk(4)).toBe("DAILY_COUNT_EXCEEDED");
  expect(await bulk(3)).toBe("done");
  expect(await account()).toMatchObject({ daily_amount: 60, daily_transactions: 4 });
  const toAlice = { toOrgId: alice.orgId, toUserId: alice.userId };
  await channel.submit(bob, "transferTokens", { tokenId: "USD", ...toAlice, quantity: "30" });
  expect(await account()).toMatchObject({ daily_amount: 60, daily_transactions: 4, balance: 1000 });
});

it("says what is left for today", async () => {
  const message = () => channel.text(alice, "transferTokens", { tokenId: "USD", ...toBob, quantity: "10" }, "msg");
  expect(await message()).toMatch(/ \(Org-Id: TwoMSP, User-Id: bob@two\.example\)\.$/);
  await limit("2010", 1001);
  expect(await message()).toMatch(
    /\. Only 999 number of transactions and 1990 amount transfer left for today: 03\/01\/2026$/,
  );
  await limit("0", 1001);
  expect(await message()).toMatch(/\. Only 998 number of transactions left for today: 03\/01\/2026$/);
  await limit("100.50", 0);
  expect(await message()).toMatch(/\. Only 60\.5 amount transfer left for today: 03\/01\/2026$/);
});

import { beforeEach, expect, it } from "vitest";
import { openTokens, root, stranger, type TokenChannel } from "../testing/token-channel.ts";

let channel: TokenChannel;
const make = (asset: object) => channel.submit(root, "initializeStablecoinToken", { tokenAsset: asset });
const refusal = (fn: string, tokenAsset: object) => channel.refusal(root, fn, { tokenAsset });

beforeEach(async () => {
  channel = await openTokens();
});

it("makes a token with its behaviours, and reads it back", async () => {
  const asset = { token_id: "t1", token_name: "Coin", token_desc: "x", decimal: 3, max_mint_quantity: "1000.5" };
  expect(await make({ ...asset, currencyName: "Dollar", conversionRate: 999 })).toMatchObject({
    token_id: "t1",
    token_name: "Coin",
    mintable: { max_mint_quantity: 1000.5, mint_approval_required: true },
    divisible: { decimal: 3 },
    currency_name: "Dollar",
    token_to_currency_ratio: 999,
  });
  expect(await channel.read(root, "getTokenById", { tokenId: "t1" })).toMatchObject({
    token_desc: "x",
    token_standard: "ttf+",
    behaviors: ["divisible", "mintable", "transferable", "burnable", "holdable", "roles"],
    currencyName: "Dollar",
    conversionRate: 999,
  });
  const all = (await channel.read(root, "getAllTokens")) as readonly { readonly key: string }[];
  expect(all.map(({ key }) => key)).toEqual(["USD", "t1"]);
});

it("has two decimals and no limits unless they are given", async () => {
  expect(await channel.read(root, "getTokenById", { tokenId: "USD" })).toMatchObject({
    token_name: "stablecoin",
    token_desc: "",
    divisible: { decimal: 2 },
    mintable: { max_mint_quantity: 0 },
    currencyName: "Dollar",
    conversionRate: 1,
  });
});

it("changes what is given, and keeps the versions", async () => {
  const { txId: first } = channel;
  await make({ token_id: "t1", token_desc: "one", currencyName: "Dollar" });
  const made = channel.txId;
  channel.timeMs += 1_500;
  await channel.submit(root, "updateStablecoinToken", { tokenAsset: { token_id: "t1", token_desc: "two" } });
  await channel.submit(root, "updateStablecoinToken", { tokenAsset: { token_id: "t1", conversionRate: "0.50" } });
  const versions = (await channel.read(root, "getTokenHistory", { tokenId: "t1" })) as readonly object[];
  expect(versions).toMatchObject([
    { trxId: channel.txId, value: { token_desc: "two", currencyName: "Dollar", conversionRate: 0.5 } },
    { timeStamp: "2026-03-01T12:00:01.500Z", value: { token_desc: "two", conversionRate: 1 } },
    { trxId: made, timeStamp: "2026-03-01T12:00:00.000Z", value: { token_desc: "one" } },
  ]);
  expect(first).not.toBe(made);
});

it("refuses what there is, what there is not, and what is not in its form", async () => {
  expect(await refusal("initializeStablecoinToken", { token_id: "USD" })).toBe("TOKEN_EXISTS");
  expect(await refusal("updateStablecoinToken", { token_id: "EUR" })).toBe("TOKEN_UNKNOWN");
  for (const fn of ["getTokenById", "getTokenHistory", "getNetTokens"]) {
    expect(await channel.refusal(root, fn, { tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
    expect(await channel.refusal(stranger, fn, { tokenId: "EUR" })).toBe("NOT_AUTHORIZED");
  }
  const wrong: readonly object[] = [
    { token_id: "12345678901234567" },
    { token_id: "_a" },
    { token_id: "a.b" },
    { token_id: "t", decimal: 9 },
    { token_id: "t", decimal: 1.5 },
    { token_id: "t", decimal: "2" },
    { token_id: "t", max_mint_quantity: "-1" },
    { token_id: "t", max_mint_quantity: 5 },
    { token_id: "t", token_name: "a~b" },
    { token_id: "t", conversionRate: 0 },
    { token_id: "t", conversionRate: -1 },
    { token_id: "t", conversionRate: "1e3" },
    { token_id: "t", token_desc: "x".repeat(501) },
    { token_id: "t", token_desc: "\ud800" },
    { token_id: "t", unknown: 1 },
  ];
  for (const asset of wrong) expect(await refusal("initializeStablecoinToken", asset)).toBe("ARGUMENT_INVALID");
  expect(await refusal("updateStablecoinToken", { token_id: "USD", decimal: 3 })).toBe("ARGUMENT_INVALID");
  expect(await refusal("initializeStablecoinToken", { token_id: "t", max_mint_quantity: "1.001" })).toBe(
    "TOO_MANY_DECIMALS",
  );
});

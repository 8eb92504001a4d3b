import { beforeEach, describe, expect, it } from "vitest";
import { alice, bob, carol, openTokens, root, stranger, type TokenChannel, toBob } from "../testing/token-channel.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const to = ({ orgId, userId }: typeof root) => ({ toOrgId: orgId, toUserId: userId });
const part = ({ orgId, userId }: typeof root, quantity: string) => ({ to_org_id: orgId, to_user_id: userId, quantity });
const bulk = (...flow: readonly object[]) => channel.submit(alice, "bulkTransferTokens", { ...usd, flow });
const accountId = async (user: typeof root) =>
  String(Object(await channel.read(user, "getAccount", { ...user, ...usd }))["account_id"]);

beforeEach(async () => {
  channel = await openTokens();
});

describe("transferTokens", () => {
  it("moves what it says", async () => {
    expect(await channel.submit(alice, "transferTokens", { ...usd, ...toBob, quantity: "0.10" })).toEqual({
      msg:
        `Successfully transferred 0.1 tokens from account id: ${await accountId(alice)} (Org-Id: OneMSP, User-Id: alice) ` +
        `to account id: ${await accountId(bob)} (Org-Id: TwoMSP, User-Id: bob@two.example).`,
    });
    expect(await channel.amounts(alice)).toEqual([999.9, 0, 0]);
    expect(await channel.amounts(bob)).toEqual([0.1, 0, 0]);
  });

  it("refuses in a fixed order", async () => {
    const refusal = (change: object, user = alice) =>
      channel.refusal(user, "transferTokens", { ...usd, ...toBob, quantity: "1", ...change });
    expect(await refusal({ quantity: "x", tokenId: "EUR" })).toBe("ARGUMENT_INVALID");
    expect(await refusal({ quantity: "0", tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
    expect(await refusal({ quantity: "0" }, stranger)).toBe("ACCOUNT_UNKNOWN");
    expect(await refusal({ quantity: "0", ...to(stranger) })).toBe("ACCOUNT_UNKNOWN");
    expect(await refusal({ quantity: "0", ...to(alice) })).toBe("SAME_ACCOUNT");
    expect(await refusal({ quantity: "0" })).toBe("QUANTITY_NOT_POSITIVE");
    expect(await refusal({ quantity: "-5000" })).toBe("QUANTITY_NOT_POSITIVE");
    expect(await refusal({ quantity: "5000.001" })).toBe("TOO_MANY_DECIMALS");
    expect(await refusal({ quantity: "1.100" })).toBe("TOO_MANY_DECIMALS");
    expect(await refusal({ quantity: "99999999999999" })).toBe("AMOUNT_TOO_LARGE");
    expect(await refusal({ quantity: "1000.01" })).toBe("BALANCE_TOO_LOW");
    expect(await refusal({ quantity: "1000.00" })).toBe("done");
    expect(await channel.amounts(alice)).toEqual([0, 0, 0]);
  });

  it("keeps the tokens of one user apart", async () => {
    await channel.submit(root, "initializeStablecoinToken", { tokenAsset: { token_id: "EUR", decimal: 0 } });
    for (const user of [alice, bob]) await channel.createAccount(user, "EUR");
    const eur = { tokenId: "EUR", ...toBob };
    expect(await channel.refusal(alice, "transferTokens", { ...eur, quantity: "1" })).toBe("BALANCE_TOO_LOW");
    expect(await channel.refusal(alice, "transferTokens", { ...eur, quantity: "1.5" })).toBe("TOO_MANY_DECIMALS");
    expect(await channel.refusal(carol, "transferTokens", { ...eur, quantity: "1" })).toBe("ACCOUNT_NOT_ASSOCIATED");
    await channel.submit(alice, "transferTokens", { ...eur, tokenId: "USD", quantity: "1.5" });
    expect([await channel.amounts(bob), await channel.amounts(bob, "EUR")]).toEqual([
      [1.5, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe("bulkTransferTokens", () => {
  it("pays each of the flow, one receiver twice", async () => {
    expect(await bulk(part(bob, "5"), part(carol, "0.25"), part(bob, "7.50"))).toEqual({
      msg: `Successfully transferred 12.75 tokens from Account Id '${await accountId(alice)}' (Org-Id: OneMSP, User-Id: alice).`,
      from_account_id: await accountId(alice),
      sub_transactions: [
        { to_account_id: await accountId(bob), amount: 5 },
        { to_account_id: await accountId(carol), amount: 0.25 },
        { to_account_id: await accountId(bob), amount: 7.5 },
      ],
    });
    expect(await channel.amounts(alice)).toEqual([987.25, 0, 0]);
    expect(await channel.amounts(bob)).toEqual([12.5, 0, 0]);
    expect(await channel.amounts(carol)).toEqual([0.25, 0, 0]);
    const history = (await channel.read(bob, "getAccountTransactionHistory", { ...bob, ...usd })) as readonly object[];
    const id = `otransaction~${channel.txId}`;
    expect(history).toMatchObject([
      { transaction_id: `${id}~eccbc87e4b5ce2fe28308fd9f2a7baf3`, transacted_amount: 7.5, balance: 12.5 },
      { transaction_id: `${id}~c4ca4238a0b923820dcc509a6f75849b`, transacted_amount: 5, balance: 5 },
    ]);
    expect(await channel.read(bob, "getAccount", { ...bob, ...usd })).toMatchObject({ bapAccountVersion: 2 });
  });

  it("pays all or none", async () => {
    const refusal = (...flow: readonly object[]) => channel.refusal(alice, "bulkTransferTokens", { ...usd, flow });
    expect(await refusal(part(bob, "600"), part(carol, "400.01"))).toBe("BALANCE_TOO_LOW");
    expect(await refusal(part(bob, "600"), part(carol, "0"))).toBe("QUANTITY_NOT_POSITIVE");
    expect(await refusal(part(bob, "600"), part(carol, "0.001"))).toBe("TOO_MANY_DECIMALS");
    const large = part(bob, "9999999999999");
    expect(await refusal(...new Array(100).fill(large))).toBe("AMOUNT_TOO_LARGE");
    expect(await refusal(part(bob, "1"), part(alice, "1"))).toBe("SAME_ACCOUNT");
    expect(await refusal(part(bob, "1"), part(stranger, "1"))).toBe("ACCOUNT_UNKNOWN");
    expect(await refusal(part(bob, "600"), part(carol, "400"))).toBe("done");
  });

  it("takes 1 to 100 parts in their form", async () => {
    const refused = (flow: unknown) => channel.refused(alice, "bulkTransferTokens", { ...usd, flow });
    const many = new Array(101).fill(part(bob, "1"));
    for (const flow of [[], many, "[]", {}, [1], [{}]]) expect((await refused(flow)).code).toBe("ARGUMENT_INVALID");
    expect((await refused([part(bob, "1"), { ...part(bob, "1"), more: 1 }])).message).toContain('"flow[1].more"');
    expect((await refused([{ ...part(bob, "1"), quantity: 1 }])).message).toContain('"flow[0].quantity"');
  });
});

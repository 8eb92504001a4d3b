import { createHash } from "node:crypto";
import type { AccountJson, TokenRefusalCode } from "@concordat/contracts";
import { expect, test } from "vitest";
import { type Kept, PRINCIPAL_UID } from "./contract-homes.ts";
import type { Trial } from "./contract-suite.ts";
import type { Caller } from "./fabric-messages.ts";

/** The organizations that the suite needs. */
export const tokenOrganizations = ["Foods", "Teas"] as const;

const usd = { tokenId: "USD" };
const owner = { orgId: "FoodsMSP", userId: "owner" };
const payee = { orgId: "TeasMSP", userId: "payee" };
const notary = { orgId: "TeasMSP", userId: "notary" };
const toPayee = { toOrgId: payee.orgId, toUserId: payee.userId };
const byNotary = { notaryOrgId: notary.orgId, notaryUserId: notary.userId };
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** The token contract from outside, in any home, called by members of two organizations. */
export function tokenSuite(trial: () => Trial): void {
  const accountIds = new Map<object, string>();

  const as = ({ orgId, userId }: { readonly orgId: string; readonly userId: string }): Promise<Caller> => {
    const organization = trial().world.organizations.find(({ mspId }) => mspId === orgId);
    if (organization === undefined) throw new Error(`There is no organization ${orgId}.`);
    return organization.client(userId);
  };
  const run = async (who: typeof owner | "admin", fn: string, args: object): Promise<Kept> => {
    trial().clock.advance(1_000);
    const caller = who === "admin" ? trial().world.principal : await as(who);
    const outcome = await trial().submit(fn, [JSON.stringify(args)], caller);
    if (!("txId" in outcome)) throw new Error(`${fn} answered ${JSON.stringify(outcome)}`);
    expect(outcome.timeMs).toBe(trial().clock.nowMs());
    return outcome;
  };
  const refused = async (code: TokenRefusalCode, who: typeof owner | "admin", fn: string, args: object) => {
    const caller = who === "admin" ? trial().world.principal : await as(who);
    const outcome = await trial().submit(fn, [JSON.stringify(args)], caller);
    expect(outcome).toEqual({ refusal: code, message: expect.any(String) });
  };
  const read = (fn: string, args: object = {}) => trial().read(fn, JSON.stringify(args));
  const messageOf = ({ answer }: Kept): string => JSON.parse(answer).msg;
  const balances = async (person: typeof owner) => {
    const account = { ...usd, ...person };
    const { balance, onhold_balance } = (await read("getAccount", account)) as AccountJson;
    const burning = (await read("getAccountOnHoldBurnBalance", account)) as { readonly onhold_burn_balance: number };
    return [balance, onhold_balance, burning.onhold_burn_balance];
  };

  test("the first call names the token admins, one of whom makes a token", async () => {
    const adminList = [{ org_id: "FoodsMSP", user_id: PRINCIPAL_UID }];
    const tokenAsset = { token_id: "USD", token_desc: "现金 \u{1f4b5}", currencyName: "US dollar", conversionRate: 1 };
    await refused("NOT_AUTHORIZED", "admin", "initializeStablecoinToken", { tokenAsset });
    expect((await run(owner, "init", { adminList })).answer).toBe('""');
    await refused("ALREADY_INITIALIZED", owner, "init", { adminList });
    await run("admin", "initializeStablecoinToken", { tokenAsset });
    await run("admin", "updateStablecoinToken", { tokenAsset: { ...tokenAsset, token_desc: "money" } });
    expect(await read("getTokenHistory", usd)).toMatchObject([
      { value: { token_desc: "money" } },
      { value: { token_desc: tokenAsset.token_desc } },
    ]);
    const nobody = await trial().submit("getAllTokens", ["{}"], trial().world.nobody);
    expect(nobody).toEqual({ refusal: "NOT_AUTHORIZED", message: expect.any(String) });
  });

  test("an organization's admin is one for its own members", async () => {
    const chief = { orgId: "TeasMSP", userId: "chief" };
    await run("admin", "addOrgAdmin", chief);
    await refused("NOT_AUTHORIZED", chief, "createAccount", { ...owner, tokenType: "fungible" });
    for (const [admin, person] of [
      [chief, payee],
      [chief, notary],
      ["admin", owner],
    ] as const) {
      const made = await run(admin, "createAccount", { ...person, tokenType: "fungible" });
      const accountId: string = JSON.parse(made.answer).account_id;
      expect(accountId).toMatch(/^oaccount~[0-9a-f]{64}$/);
      accountIds.set(person, accountId);
      await run(admin, "associateTokenToAccount", { ...usd, accountId });
    }
    await run(chief, "addRole", { ...usd, ...notary, role: "notary" });
    for (const role of ["minter", "burner"]) await run("admin", "addRole", { ...usd, ...owner, role });
    await run("admin", "setMaxDailyAmount", { ...usd, ...owner, maxDailyAmount: "500.75" });
    expect(await read("getOrgAccountsByRole", { ...usd, role: "notary", orgId: "TeasMSP" })).toEqual({
      accounts: [accountIds.get(notary)],
    });
    expect(await read("getAllOrgAccounts", { orgId: "TeasMSP" })).toHaveLength(2);
  });

  test("tokens are made when the notary of another organization approves", async () => {
    const ask = { ...usd, ...byNotary, operationId: "m1", quantity: "1000", timeToExpiration: "0" };
    await run(owner, "requestMint", ask);
    await refused("NOT_THE_NOTARY", owner, "approveMint", { ...usd, operationId: "m1" });
    expect(messageOf(await run(notary, "approveMint", { ...usd, operationId: "m1" }))).toContain("minted 1000 tokens");
    await refused("OPERATION_NOT_PENDING", notary, "approveMint", { ...usd, operationId: "m1" });
    expect(await read("getNetTokens", usd)).toMatchObject({ quantity: 1000 });
  });

  test("transfers, and the same receiver twice in one", async () => {
    await run(owner, "transferTokens", { ...usd, ...toPayee, quantity: "0.75" });
    const flow = ["1.5", "2.25"].map((quantity) => ({ to_org_id: payee.orgId, to_user_id: payee.userId, quantity }));
    const bulk = await run(owner, "bulkTransferTokens", { ...usd, flow });
    expect(await balances(owner)).toEqual([995.5, 0, 0]);
    expect(await balances(payee)).toEqual([4.5, 0, 0]);
    const transactionId = `otransaction~${bulk.txId}`;
    const [newest] = (await read("getAccountTransactionHistory", { ...usd, ...payee })) as readonly object[];
    expect(newest).toMatchObject({ transacted_amount: 2.25, balance: 4.5, transaction_type: "CREDIT" });
    const history = (await read("getAccountTransactionHistory", { ...usd, ...owner })) as readonly object[];
    expect(history[0]).toMatchObject({
      transaction_id: transactionId,
      transaction_type: "BULKTRANSFER",
      balance: 995.5,
    });
    expect(JSON.stringify(await read("getTransactionById", { transactionId }))).toContain(
      `${transactionId}~${md5("2")}`,
    );
    await refused("DAILY_AMOUNT_EXCEEDED", owner, "transferTokens", { ...usd, ...toPayee, quantity: "496.26" });
    await refused("TOO_MANY_DECIMALS", owner, "transferTokens", { ...usd, ...toPayee, quantity: "1.001" });
    await refused("SAME_ACCOUNT", payee, "transferTokens", { ...usd, ...toPayee, quantity: "1" });
    await refused("BALANCE_TOO_LOW", payee, "transferTokens", {
      ...usd,
      toOrgId: owner.orgId,
      toUserId: owner.userId,
      quantity: "4.51",
    });
  });

  test("a hold needs its approvals; what is not executed goes back", async () => {
    const approverDetails = [{ approverOrgId: "TeasMSP", approverUserId: "payee", approvalSequence: 1 }];
    const limits = { transactionLowerLimit: "10", transactionUpperLimit: "100", numberOfApprovalsRequired: 1 };
    await run("admin", "createApprovalPolicyCheck", { asset: { ...limits, approverDetails } });
    const hold = { ...usd, ...toPayee, ...byNotary, operationId: "h1", quantity: "50", timeToExpiration: "0" };
    await run(owner, "holdTokens", hold);
    await refused("OPERATION_EXISTS", owner, "holdTokens", hold);
    expect(await balances(owner)).toEqual([945.5, 50, 0]);
    const execute = { ...usd, operationId: "h1", quantity: "20" };
    await refused("APPROVAL_MISSING", notary, "executeHoldTokens", execute);
    const approval = await run(payee, "approveTransaction", { ...usd, operationId: "h1" });
    expect(JSON.parse(approval.answer)).toMatchObject({
      approvalTransactionId: `h1~${accountIds.get(payee)}`,
      totalApprovals: 1,
      timestamp: new Date(approval.timeMs).toISOString(),
    });
    await run(notary, "executeHoldTokens", execute);
    expect(await balances(owner)).toEqual([975.5, 0, 0]);
    expect(await balances(payee)).toEqual([24.5, 0, 0]);
  });

  test("after its time a hold is the payer's to release", async () => {
    const timeToExpiration = new Date(trial().clock.nowMs() + 60_000).toISOString();
    const hold = { ...usd, ...toPayee, ...byNotary, operationId: "h2", quantity: "5", timeToExpiration };
    await run(owner, "holdTokens", hold);
    expect(await read("getOnHoldIds", { ...usd, ...owner })).toMatchObject({
      holding_ids: ["ohold~stablecoin~USD~h2"],
    });
    await refused("NOT_THE_NOTARY", owner, "releaseHoldTokens", { ...usd, operationId: "h2" });
    trial().clock.advance(60_000);
    await refused("OPERATION_EXPIRED", notary, "executeHoldTokens", { ...usd, operationId: "h2", quantity: "5" });
    await run(owner, "releaseHoldTokens", { ...usd, operationId: "h2" });
    expect(await balances(owner)).toEqual([975.5, 0, 0]);
  });

  test("tokens are destroyed when the notary approves, and given back when it does not", async () => {
    const ask = { ...usd, ...byNotary, quantity: "75.5", timeToExpiration: "0" };
    await run(owner, "requestBurn", { ...ask, operationId: "b1" });
    await run(owner, "requestBurn", { ...ask, operationId: "b2" });
    expect(await balances(owner)).toEqual([824.5, 0, 151]);
    await run(notary, "approveBurn", { ...usd, operationId: "b1" });
    await run(notary, "rejectBurn", { ...usd, operationId: "b2" });
    expect(await balances(owner)).toEqual([900, 0, 0]);
    expect(await read("getTotalMintedTokens", usd)).toMatchObject({ quantity: 1000 });
    expect(await read("getNetTokens", usd)).toMatchObject({ quantity: 924.5 });
  });

  test("status, and what a suspended account may not", async () => {
    await run("admin", "suspendAccount", { ...usd, ...payee });
    await refused("ACCOUNT_SUSPENDED", owner, "transferTokens", { ...usd, ...toPayee, quantity: "1" });
    expect(await read("getAccountStatus", { ...usd, ...payee })).toMatchObject({ status: "suspended" });
    await run("admin", "activateAccount", { ...usd, ...payee });
    await refused("ACCOUNT_NOT_EMPTY", "admin", "deleteAccount", { ...usd, ...payee });
    const page = { ...usd, ...owner, filters: { pageSize: 2, bookmark: "1" } };
    const all = (await read("getAccountTransactionHistory", { ...usd, ...owner })) as readonly object[];
    expect(await read("getAccountTransactionHistoryWithFilters", page)).toEqual(all.slice(1, 3));
    for (const fn of ["getAllAccounts", "getAllTokens", "getAllTokenAdmins", "getOrgAdmins"]) await read(fn);
  });
}

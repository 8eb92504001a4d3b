import { beforeAll, describe, expect, it } from "vitest";
import {
  alice,
  band,
  bob,
  byNotary,
  carol,
  creator,
  manager,
  notary,
  openTokens,
  policyOf,
  root,
  TokenChannel,
  toBob,
} from "../testing/token-channel.ts";
import { tokenContract } from "./contract.ts";
import { printedPaths } from "./printed.fixture.ts";

const infoDetails = { category: "category value", description: "description value" };
const limits = { max_daily_amount: "10000", max_daily_transactions: 100 };
const usd = { tokenId: "USD" };
const aliceUsd = { ...usd, ...alice };
const answers = new Map<string, unknown>();

/** Runs the function, and keeps the first answer of each. */
async function run(channel: TokenChannel, user: typeof root, fn: string, args: object = {}): Promise<unknown> {
  const answer = await channel.submit(user, fn, args);
  if (!answers.has(fn)) answers.set(fn, answer);
  return answer;
}

async function administer(channel: TokenChannel): Promise<void> {
  const asset = { token_id: "EUR", token_desc: "Euros", Currency_Name: "Euro", token_to_currency_ratio: 999 };
  await run(channel, root, "initializeStablecoinToken", { tokenAsset: asset });
  await run(channel, root, "updateStablecoinToken", { tokenAsset: { token_id: "EUR", conversionRate: "1.25" } });
  for (const fn of ["addTokenAdmin", "addTokenAuditor", "addOrgAdmin", "addOrgAuditor"]) {
    await run(channel, root, fn, carol);
  }
  for (const fn of ["getAllTokenAdmins", "getTokenAuditors", "getOrgAdmins", "getOrgAuditors", "getAllTokens"]) {
    await run(channel, root, fn);
  }
  await run(channel, root, "isTokenAdmin", bob);
  for (const fn of ["removeTokenAdmin", "removeTokenAuditor", "removeOrgAdmin", "removeOrgAuditor"]) {
    await run(channel, root, fn, carol);
  }
  for (const fn of ["getTokenById", "getTokenHistory"]) await run(channel, root, fn, usd);
}

async function account(channel: TokenChannel): Promise<void> {
  const made = await run(channel, root, "createAccount", { ...bob, tokenType: "fungible", dailyLimits: limits });
  const accountId = Object(made)["account_id"];
  await run(channel, root, "associateTokenToAccount", { accountId, tokenId: "EUR" });
  await channel.submit(root, "setMaxDailyTransactionCount", { ...aliceUsd, maxDailyTransactions: 100 });
  await run(channel, root, "setMaxDailyAmount", { ...aliceUsd, maxDailyAmount: "10000" });
  await run(channel, root, "setMaxDailyTransactionCount", { ...aliceUsd, maxDailyTransactions: 1000 });
  const bobEur = { ...bob, tokenId: "EUR" };
  for (const fn of ["suspendAccount", "activateAccount", "deleteAccount"]) await run(channel, root, fn, bobEur);
  await run(channel, root, "addRole", { ...aliceUsd, role: "notary" });
  await run(channel, root, "removeRole", { ...aliceUsd, role: "notary" });
  await run(channel, root, "isInRole", { ...aliceUsd, role: "minter" });
  for (const fn of ["getAccountsByRole", "getUsersByRole"]) await run(channel, root, fn, { ...usd, role: "minter" });
  for (const fn of ["getOrgAccountsByRole", "getOrgUsersByRole"]) {
    await run(channel, root, fn, { ...usd, role: "minter", orgId: alice.orgId });
  }
  await run(channel, root, "createAccountPolicyCheck", policyOf(carol));
  await run(channel, root, "updateAccountPolicyCheck", policyOf(carol));
  const id = "APID~TwoMSP~carol";
  for (const fn of ["getAccountPolicyCheckById", "deleteAccountPolicyCheck"]) await run(channel, root, fn, { id });
}

async function move(channel: TokenChannel): Promise<void> {
  const request = { ...usd, ...byNotary, quantity: "5", timeToExpiration: "0", infoDetails };
  for (const kind of ["Mint", "Burn"]) {
    for (const end of ["approve", "reject"]) {
      const operationId = `${end}-${kind}`;
      await run(channel, alice, `request${kind}`, { ...request, operationId });
      await run(channel, notary, `${end}${kind}`, { ...usd, operationId });
    }
  }
  await run(channel, alice, "transferTokens", { ...usd, ...toBob, quantity: "10", infoDetails });
  const flow = [{ to_org_id: bob.orgId, to_user_id: bob.userId, quantity: "1" }];
  await run(channel, alice, "bulkTransferTokens", { ...usd, flow });
}

async function hold(channel: TokenChannel): Promise<void> {
  await run(channel, root, "createApprovalPolicyCheck", band("500", "1000", manager, creator));
  await run(channel, root, "updateApprovalPolicyCheck", band("500", "1000", manager));
  await run(channel, root, "getApproverDetailsByTransferAmount", { Amount: "600" });
  const request = { ...usd, ...byNotary, ...toBob, timeToExpiration: "0", infoDetails };
  await run(channel, alice, "holdTokens", { ...request, operationId: "hold2", quantity: "600" });
  const { txId } = channel;
  await run(channel, root, "getTransactionById", { transactionId: `otransaction~${txId}` });
  const approval = await run(channel, manager, "approveTransaction", { ...usd, operationId: "hold2" });
  await run(channel, root, "getApprovalTransactionsById", { id: Object(approval)["approvalTransactionId"] });
  for (const fn of ["getOnHoldBalanceWithOperationId", "getOnHoldDetailsWithOperationId"]) {
    await run(channel, root, fn, { ...usd, operationId: "hold2" });
  }
  await run(channel, alice, "getOnHoldIds", aliceUsd);
  await run(channel, notary, "executeHoldTokens", { ...usd, operationId: "hold2", quantity: "600" });
  await run(channel, alice, "holdTokens", { ...request, operationId: "hold3", quantity: "1" });
  await run(channel, notary, "releaseHoldTokens", { ...usd, operationId: "hold3" });
  for (const fn of ["getApprovalPolicyCheckById", "deleteApprovalPolicyCheck"]) {
    await run(channel, root, fn, { id: "GPID~500~1000" });
  }
}

async function read(channel: TokenChannel): Promise<void> {
  const request = { ...usd, ...byNotary, quantity: "5", timeToExpiration: "0", infoDetails };
  await run(channel, alice, "requestMint", { ...request, operationId: "last" });
  for (const user of [notary, manager, creator, bob, carol]) {
    await run(channel, root, "setMaxDailyAmount", { ...user, ...usd, maxDailyAmount: "10000" });
    await run(channel, root, "setMaxDailyTransactionCount", { ...user, ...usd, maxDailyTransactions: 100 });
  }
  for (const fn of Object.keys(tokenContract.functions).filter((name) => !answers.has(name))) {
    const found = { ...usd, accountId: Object(await channel.read(alice, "getAccount", aliceUsd))["account_id"] };
    const args = {
      getAccountsByUser: alice,
      getAllAccounts: {},
      getAllOrgAccounts: { orgId: alice.orgId },
      getUserByAccountId: { accountId: found.accountId },
      getTotalMintedTokens: usd,
      getNetTokens: usd,
    };
    await run(channel, root, fn, new Map<string, object>(Object.entries(args)).get(fn) ?? aliceUsd);
  }
}

/** The paths of a JSON value's members with their types; of a list those of its first item. */
function pathsOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}[]`] : pathsOf(value[0], `${path}[]`);
  if (typeof value !== "object" || value === null) return [`${path}:${typeof value}`];
  return Object.entries(value).flatMap(([name, item]) => pathsOf(item, path === "" ? name : `${path}.${name}`));
}

beforeAll(async () => {
  await run(new TokenChannel(), root, "init", { adminList: [{ org_id: root.orgId, user_id: root.userId }] });
  const channel = await openTokens();
  for (const part of [administer, account, move, hold, read]) await part(channel);
});

describe("answers", () => {
  /** The document prints a policy that has no approvers; ours has one. */
  const approver = ["approvalSequence:number", "approverOrgId:string", "approverUserId:string"];

  it.for(Object.keys(tokenContract.functions))("%s has the members that the document prints", (fn) => {
    const printed = (printedPaths[fn] ?? "").trim().split(/\s+/);
    const expected = printed.flatMap((path) =>
      path === "approverDetails[]" ? approver.map((name) => `${path}.${name}`) : path,
    );
    expect(answers.has(fn)).toBe(true);
    expect([...pathsOf(answers.get(fn))].sort()).toEqual([...expected].sort());
  });

  it("prints a payload for each function", () => {
    expect(Object.keys(printedPaths).sort()).toEqual(Object.keys(tokenContract.functions).sort());
  });
});

import { ContractRefusal } from "@concordat/ledger/contract-api";
import { describe, expect, it } from "vitest";
import { band, policyOf, root, TokenChannel } from "../testing/token-channel.ts";
import { tokenContract } from "./contract.ts";

const user = { orgId: "OneMSP", userId: "alice" };
const account = { tokenId: "USD", ...user };
const role = { tokenId: "USD", role: "minter" };
const operation = { tokenId: "USD", operationId: "op" };
const to = { toOrgId: "TwoMSP", toUserId: "bob" };
const request = { ...operation, notaryOrgId: "HubMSP", notaryUserId: "n", quantity: "1", timeToExpiration: "0" };
const asset = { token_id: "t1", token_desc: "d", currencyName: "c", conversionRate: "1" };

/** An argument in its form for each function that takes one. */
const examples: Readonly<Record<string, object>> = {
  init: { adminList: [{ org_id: "A", user_id: "a" }] },
  initializeStablecoinToken: { tokenAsset: { ...asset, token_name: "n", decimal: 2, max_mint_quantity: "0" } },
  updateStablecoinToken: { tokenAsset: asset },
  getTokenById: { tokenId: "USD" },
  getTokenHistory: { tokenId: "USD" },
  ...Object.fromEntries(
    [
      ...["addTokenAdmin", "removeTokenAdmin", "isTokenAdmin", "addTokenAuditor", "removeTokenAuditor"],
      ...["addOrgAdmin", "removeOrgAdmin", "addOrgAuditor", "removeOrgAuditor", "getAccountsByUser"],
    ].map((fn) => [fn, user]),
  ),
  createAccount: {
    ...user,
    tokenType: "fungible",
    dailyLimits: { max_daily_amount: "1", max_daily_transactions: 1 },
  },
  associateTokenToAccount: { accountId: "a", tokenId: "USD" },
  ...Object.fromEntries(
    [
      ...["getAccount", "getAccountBalance", "getAccountOnHoldBalance", "getAccountOnHoldBurnBalance"],
      ...["getAccountStatus", "activateAccount", "suspendAccount", "deleteAccount", "getMaxDailyAmount"],
      ...["getMaxDailyTransactionCount", "getOnHoldIds", "getAccountTransactionHistory"],
    ].map((fn) => [fn, account]),
  ),
  getAllOrgAccounts: { orgId: "OneMSP" },
  getUserByAccountId: { accountId: "a" },
  setMaxDailyAmount: { ...account, maxDailyAmount: "1" },
  setMaxDailyTransactionCount: { ...account, maxDailyTransactions: 1 },
  ...Object.fromEntries(["addRole", "removeRole", "isInRole"].map((fn) => [fn, { ...role, ...user }])),
  ...Object.fromEntries(["getAccountsByRole", "getUsersByRole"].map((fn) => [fn, role])),
  ...Object.fromEntries(["getOrgAccountsByRole", "getOrgUsersByRole"].map((fn) => [fn, { ...role, orgId: "A" }])),
  requestMint: { ...request, infoDetails: { category: "c", description: "d" } },
  requestBurn: { ...request, infoDetails: { category: "c", description: "d" } },
  holdTokens: { ...request, ...to, infoDetails: { category: "c", description: "d" } },
  ...Object.fromEntries(
    [
      ...["approveMint", "rejectMint", "approveBurn", "rejectBurn", "releaseHoldTokens"],
      ...["getOnHoldBalanceWithOperationId", "getOnHoldDetailsWithOperationId"],
    ].map((fn) => [fn, operation]),
  ),
  executeHoldTokens: { ...operation, quantity: "1" },
  getTotalMintedTokens: { tokenId: "USD" },
  getNetTokens: { tokenId: "USD" },
  transferTokens: { tokenId: "USD", ...to, quantity: "1", infoDetails: { category: "c", description: "d" } },
  bulkTransferTokens: { tokenId: "USD", flow: [{ to_org_id: "A", to_user_id: "a", quantity: "1" }] },
  getTransactionById: { transactionId: "otransaction~1" },
  getAccountTransactionHistoryWithFilters: {
    ...account,
    filters: { pageSize: 1, bookmark: "1", startTime: "2026-01-01T00:00:00Z", endTime: "2026-01-01T00:00:00Z" },
  },
  createAccountPolicyCheck: policyOf(root),
  updateAccountPolicyCheck: policyOf(root),
  deleteAccountPolicyCheck: { id: "APID~A~a" },
  getAccountPolicyCheckById: { id: "APID~A~a" },
  createApprovalPolicyCheck: band("0", "1", root),
  updateApprovalPolicyCheck: band("0", "1", root),
  deleteApprovalPolicyCheck: { id: "GPID~0~1" },
  getApprovalPolicyCheckById: { id: "GPID~0~1" },
  getApproverDetailsByTransferAmount: { amount: "1" },
  approveTransaction: { tokenId: "USD", operationId: "op" },
  getApprovalTransactionsById: { id: "x" },
};

const optional = new Set([
  ...["token_desc", "currencyName", "conversionRate", "token_name", "decimal", "max_mint_quantity", "dailyLimits"],
  ...["max_daily_amount", "max_daily_transactions", "infoDetails", "category", "description", "filters", "pageSize"],
  ...["bookmark", "startTime", "endTime"],
]);
/** Members that take any text that is not too long. */
const free = new Set(["token_desc", "currencyName", "category", "description"]);
/** Wrong for all members: no type, too long, no numbers, and characters that look like others or hide. */
const wrongs = ['"\\ud800"', "null", "[]", "{}", "1e400", "-1", "1.5", `"${"9".repeat(1_000)}"`];
const wrongTexts = [
  '"NaN"',
  '"1e400"',
  '"\\u0000"',
  '"１"',
  '"a\\u202eb"',
  '"аlice"',
  '" 1"',
  '"1\\n"',
  '"0x10~"',
  '""',
];
/** Wrong texts that are right for some members: names can spell NaN, what is only looked up is any visible ASCII, rates have decimals. */
const rights: readonly { readonly members: RegExp; readonly texts: readonly string[] }[] = [
  {
    members: /^(orgId|userId|.*(OrgId|UserId)|(to_)?(org_id|user_id)|tokenId|token_id|token_name|operationId)$/,
    texts: ['"NaN"', '"1e400"'],
  },
  { members: /^(accountId|role|transactionId|id)$/, texts: ['"NaN"', '"1e400"', '"0x10~"'] },
  { members: /^bookmark$/, texts: ['""'] },
  { members: /^conversionRate$/, texts: ["1.5"] },
];

/** The paths of the members that are no objects. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, name]));
}

const MARK = "the member under test";

/** The JSON of the argument with this one member as the raw text says; undefined leaves it out. */
function withMember(args: object, path: readonly string[], raw: string | undefined): string {
  const set = (value: unknown, [name = "", ...rest]: readonly string[]): unknown => {
    const copy = Array.isArray(value) ? [...value] : { ...Object(value) };
    if (rest.length > 0) copy[name] = set(copy[name], rest);
    else if (raw === undefined) delete copy[name];
    else copy[name] = MARK;
    return copy;
  };
  return JSON.stringify(set(args, path)).replace(JSON.stringify(MARK), () => raw ?? "");
}

const call = { txId: "t", timeMs: 0, attributes: { "hf.EnrollmentID": "x" }, mspId: "X" };

async function refusedFor(channel: TokenChannel, fn: string, json: string): Promise<string> {
  try {
    return `no refusal: ${await channel.channel.submit(fn, [json], call)}`;
  } catch (error) {
    if (!(error instanceof ContractRefusal)) throw error;
    return error.code === "ARGUMENT_INVALID" ? error.message : error.code;
  }
}

function wrongsOf(fn: string, name: string): readonly (string | undefined)[] {
  const right = new Set(rights.filter(({ members }) => members.test(name)).flatMap(({ texts }) => texts));
  const all = [...wrongs, ...(free.has(name) ? [] : wrongTexts)].filter((raw) => !right.has(raw));
  const mayLack = optional.has(name) || (fn === "approveTransaction" && name === "tokenId");
  return mayLack ? all : [undefined, ...all];
}

describe("bad input", () => {
  const functions = Object.keys(examples);

  it("is tried on each function that takes arguments", () => {
    const none = [
      "getAllTokens",
      "getAllTokenAdmins",
      "getTokenAuditors",
      "getOrgAdmins",
      "getOrgAuditors",
      "getAllAccounts",
    ];
    expect([...functions, ...none].sort()).toEqual(Object.keys(tokenContract.functions).sort());
  });

  it.for(functions)("%s refuses each member that is not in its form, and names it", async (fn) => {
    const channel = new TokenChannel();
    const args = examples[fn] ?? {};
    expect(await refusedFor(channel, fn, JSON.stringify({ ...args, more: 1 }))).toBe('The member "more" is unknown.');
    for (const path of leavesOf(args)) {
      const name = path.at(-1) ?? "";
      for (const raw of wrongsOf(fn, name)) {
        const json = withMember(args, path, raw);
        expect(await refusedFor(channel, fn, json), json.slice(0, 300)).toMatch(new RegExp(`"([^"]*\\.)?${name}"`));
      }
    }
    expect(channel.channel.dump()).toEqual([]);
  });

  it("is no JSON object, too long, or more than one argument", async () => {
    const channel = new TokenChannel();
    for (const json of ["x", "[]", "1", "null", '"{}"', "{", `{"x":"${"x".repeat(100_000)}"}`, '{"__proto__":{}}']) {
      expect(await refusedFor(channel, "getAllTokens", json)).not.toMatch(/^no refusal|^[A-Z_]+$/);
    }
    await expect(channel.channel.submit("getAllTokens", ["", ""], call)).rejects.toMatchObject({
      code: "ARGUMENT_INVALID",
    });
    expect(await refusedFor(channel, "getAllTokens", "")).toBe("NOT_AUTHORIZED");
  });
});

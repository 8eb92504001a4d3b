import {
  type Arguments,
  accountPolicy,
  band,
  type CallerWorld,
  callers,
  persons,
  request,
  tokenAsset,
  toPayee,
} from "./caller-world.fixture.ts";

type Make = (world: CallerWorld) => Arguments;

const usd = { tokenId: "USD" };
const account = { ...usd, ...callers.owner };
const always =
  (args: Arguments): Make =>
  () =>
    args;
const operation = (operationId: string, more: Arguments = {}) => always({ ...usd, operationId, ...more });

/** Arguments that are in order for each row of the matrix. */
export const callsOfMatrix: Readonly<Record<string, Make>> = {
  init: always({ adminList: [{ org_id: "HubMSP", user_id: "root" }] }),
  initializeStablecoinToken: always({ tokenAsset: { ...tokenAsset, token_id: "EUR" } }),
  updateStablecoinToken: always({ tokenAsset: { ...tokenAsset, token_id: "USD", token_desc: "Money" } }),
  getTokenById: always(usd),
  getAllTokens: always({}),
  getTokenHistory: always(usd),

  addTokenAdmin: always(persons.newcomer),
  removeTokenAdmin: always(persons.leaving),
  isTokenAdmin: always(callers.owner),
  getAllTokenAdmins: always({}),
  addTokenAuditor: always(persons.newcomer),
  removeTokenAuditor: always(persons.leaving),
  getTokenAuditors: always({}),
  addOrgAdmin: always(persons.newcomer),
  removeOrgAdmin: always(persons.deputy),
  getOrgAdmins: always({}),
  addOrgAuditor: always(persons.newcomer),
  removeOrgAuditor: always(persons.deputy),
  getOrgAuditors: always({}),

  createAccount: always({ ...persons.newcomer, tokenType: "fungible", dailyLimits: { max_daily_amount: "10" } }),
  associateTokenToAccount: ({ ids }) => ({ ...usd, accountId: ids.idle }),
  getAccount: always(account),
  getAccountsByUser: always(callers.owner),
  getAllAccounts: always({}),
  getAllOrgAccounts: always({ orgId: "HomeMSP" }),
  getUserByAccountId: ({ ids }) => ({ accountId: ids.owner }),
  getAccountBalance: always(account),
  getAccountOnHoldBalance: always(account),
  getAccountOnHoldBurnBalance: always(account),
  getAccountStatus: always(account),
  activateAccount: always(account),
  suspendAccount: always(account),
  deleteAccount: always({ ...usd, ...persons.empty }),
  setMaxDailyAmount: always({ ...account, maxDailyAmount: "100" }),
  setMaxDailyTransactionCount: always({ ...account, maxDailyTransactions: 10 }),
  getMaxDailyAmount: always(account),
  getMaxDailyTransactionCount: always(account),

  addRole: always({ ...account, role: "notary" }),
  removeRole: always({ ...account, role: "minter" }),
  isInRole: always({ ...account, role: "minter" }),
  getAccountsByRole: always({ ...usd, role: "minter" }),
  getUsersByRole: always({ ...usd, role: "minter" }),
  getOrgAccountsByRole: always({ ...usd, role: "minter", orgId: "HomeMSP" }),
  getOrgUsersByRole: always({ ...usd, role: "minter", orgId: "HomeMSP" }),

  requestMint: operation("new", request("1", persons.secondNotary)),
  approveMint: operation("mint"),
  rejectMint: operation("mint"),
  "rejectMint (not expired)": operation("mint-expiring"),
  "rejectMint (expired)": operation("mint-expiring"),
  requestBurn: operation("new", request("1", persons.secondNotary)),
  approveBurn: operation("burn"),
  rejectBurn: operation("burn"),
  "rejectBurn (not expired)": operation("burn-expiring"),
  "rejectBurn (expired)": operation("burn-expiring"),
  getTotalMintedTokens: always(usd),
  getNetTokens: always(usd),

  transferTokens: always({ ...usd, ...toPayee, quantity: "1" }),
  bulkTransferTokens: always({ ...usd, flow: [{ to_org_id: "HubMSP", to_user_id: "payee", quantity: "1" }] }),
  holdTokens: operation("new", { ...request("1", persons.secondNotary), ...toPayee }),
  executeHoldTokens: operation("hold", { quantity: "9" }),
  releaseHoldTokens: operation("hold"),
  "releaseHoldTokens (not expired)": operation("hold-expiring"),
  "releaseHoldTokens (expired)": operation("hold-expiring"),
  getOnHoldIds: always(account),
  getOnHoldBalanceWithOperationId: operation("hold"),
  getOnHoldDetailsWithOperationId: operation("hold"),
  getTransactionById: ({ ids }) => ({ transactionId: ids.transaction }),
  getAccountTransactionHistory: always(account),
  getAccountTransactionHistoryWithFilters: always({ ...account, filters: { pageSize: 5, bookmark: "" } }),

  createAccountPolicyCheck: always({ asset: { ...accountPolicy, ...persons.empty } }),
  updateAccountPolicyCheck: always({ asset: { ...accountPolicy, ...callers.owner, riskScore: 20 } }),
  deleteAccountPolicyCheck: always({ id: "APID~HomeMSP~owner" }),
  getAccountPolicyCheckById: always({ id: "APID~HomeMSP~owner" }),
  createApprovalPolicyCheck: always({ asset: band("1000", "2000", [callers.approver]) }),
  updateApprovalPolicyCheck: always({ asset: band("500", "1000", [callers.approver]) }),
  deleteApprovalPolicyCheck: always({ id: "GPID~500~1000" }),
  getApprovalPolicyCheckById: always({ id: "GPID~100~500" }),
  getApproverDetailsByTransferAmount: always({ amount: "200" }),
  approveTransaction: operation("waiting"),
  getApprovalTransactionsById: ({ ids }) => ({ id: ids.approval }),
};

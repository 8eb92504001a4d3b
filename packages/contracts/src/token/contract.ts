import type { Contract } from "@concordat/ledger/contract-api";
import {
  getAccount,
  getAccountsByUser,
  getAllAccounts,
  getAllOrgAccounts,
  getUserByAccountId,
} from "./account-lists.ts";
import {
  createAccountPolicyCheck,
  deleteAccountPolicyCheck,
  getAccountPolicyCheckById,
  updateAccountPolicyCheck,
} from "./account-policies.ts";
import { associateTokenToAccount, createAccount } from "./accounts.ts";
import { getAllTokenAdmins, getOrgAdmins, getOrgAuditors, getTokenAuditors } from "./admin-lists.ts";
import {
  addOrgAdmin,
  addOrgAuditor,
  addTokenAdmin,
  addTokenAuditor,
  init,
  isTokenAdmin,
  removeOrgAdmin,
  removeOrgAuditor,
  removeTokenAdmin,
  removeTokenAuditor,
} from "./admins.ts";
import {
  createApprovalPolicyCheck,
  deleteApprovalPolicyCheck,
  getApprovalPolicyCheckById,
  getApproverDetailsByTransferAmount,
  updateApprovalPolicyCheck,
} from "./approval-policies.ts";
import { approveTransaction, getApprovalTransactionsById } from "./approvals.ts";
import { getAccountBalance, getAccountOnHoldBalance, getAccountOnHoldBurnBalance } from "./balances.ts";
import { bulkTransferTokens } from "./bulk.ts";
import { approveBurn, rejectBurn, requestBurn } from "./burn.ts";
import {
  getMaxDailyAmount,
  getMaxDailyTransactionCount,
  setMaxDailyAmount,
  setMaxDailyTransactionCount,
} from "./daily-limits.ts";
import { getAccountTransactionHistory, getAccountTransactionHistoryWithFilters } from "./history.ts";
import { getOnHoldBalanceWithOperationId, getOnHoldDetailsWithOperationId, getOnHoldIds } from "./hold-reads.ts";
import { executeHoldTokens, holdTokens, releaseHoldTokens } from "./holds.ts";
import { approveMint, rejectMint, requestMint } from "./mint.ts";
import { getAccountsByRole, getOrgAccountsByRole, getOrgUsersByRole, getUsersByRole } from "./role-lists.ts";
import { addRole, isInRole, removeRole } from "./roles.ts";
import { activateAccount, deleteAccount, getAccountStatus, suspendAccount } from "./status.ts";
import { getNetTokens, getTotalMintedTokens } from "./supply.ts";
import {
  getAllTokens,
  getTokenById,
  getTokenHistory,
  initializeStablecoinToken,
  updateStablecoinToken,
} from "./tokens.ts";
import { getTransactionById } from "./transactions.ts";
import { transferTokens } from "./transfers.ts";

/**
 * Fungible tokens: accounts, roles, minting and burning by request, transfers, holds with approvals, and the policies for them.
 *
 * A function takes one JSON object, with the members that the document's HTTP API has and amounts as text, and answers the payload
 * that the document prints; the functions' names are the document's original ones. "" stands for no argument. The caller is the
 * organization of its certificate and the enrolment id there, else the principal.
 * @source Oracle's stablecoin document
 */
export const tokenContract: Contract = {
  name: "token",
  version: "1",
  functions: {
    init,
    addTokenAdmin,
    removeTokenAdmin,
    isTokenAdmin,
    getAllTokenAdmins,
    addTokenAuditor,
    removeTokenAuditor,
    getTokenAuditors,
    addOrgAdmin,
    removeOrgAdmin,
    getOrgAdmins,
    addOrgAuditor,
    removeOrgAuditor,
    getOrgAuditors,
    initializeStablecoinToken,
    updateStablecoinToken,
    getTokenById,
    getAllTokens,
    getTokenHistory,
    createAccount,
    associateTokenToAccount,
    getAccount,
    getAccountsByUser,
    getAllAccounts,
    getAllOrgAccounts,
    getUserByAccountId,
    getAccountBalance,
    getAccountOnHoldBalance,
    getAccountOnHoldBurnBalance,
    getAccountStatus,
    activateAccount,
    suspendAccount,
    deleteAccount,
    setMaxDailyAmount,
    setMaxDailyTransactionCount,
    getMaxDailyAmount,
    getMaxDailyTransactionCount,
    addRole,
    removeRole,
    isInRole,
    getAccountsByRole,
    getUsersByRole,
    getOrgAccountsByRole,
    getOrgUsersByRole,
    requestMint,
    approveMint,
    rejectMint,
    requestBurn,
    approveBurn,
    rejectBurn,
    getTotalMintedTokens,
    getNetTokens,
    transferTokens,
    bulkTransferTokens,
    holdTokens,
    executeHoldTokens,
    releaseHoldTokens,
    getOnHoldIds,
    getOnHoldBalanceWithOperationId,
    getOnHoldDetailsWithOperationId,
    getTransactionById,
    getAccountTransactionHistory,
    getAccountTransactionHistoryWithFilters,
    createAccountPolicyCheck,
    updateAccountPolicyCheck,
    deleteAccountPolicyCheck,
    getAccountPolicyCheckById,
    createApprovalPolicyCheck,
    updateApprovalPolicyCheck,
    deleteApprovalPolicyCheck,
    getApprovalPolicyCheckById,
    getApproverDetailsByTransferAmount,
    approveTransaction,
    getApprovalTransactionsById,
  },
};

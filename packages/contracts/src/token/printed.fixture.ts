/**
 * The payload that the document prints for each function: the paths of its members and the types of their values. Of a list it is the
 * first item; a stray apostrophe in a name is left out.
 * @source Oracle's stablecoin document, the printed answers
 */
export const printedPaths: Readonly<Record<string, string>> = {
  activateAccount: "account_id:string assetType:string status:string status_id:string",
  addOrgAdmin: "msg:string",
  addOrgAuditor: "msg:string",
  addRole: "msg:string",
  addTokenAdmin: "msg:string",
  addTokenAuditor: "msg:string",
  approveBurn: "msg:string",
  approveMint: "msg:string",
  approveTransaction: `
    approvalOperationId:string approvalTransactionId:string approverAccountId:string assetType:string
    fromAccountId:string timestamp:string toAccountId:string totalApprovals:number
  `,
  associateTokenToAccount: `
    account_id:string assetType:string balance:number bapAccountVersion:number current_date:string
    daily_amount:number daily_transactions:number max_daily_amount:number max_daily_transactions:number
    onhold_balance:number org_id:string token_id:string token_name:string token_type:string user_id:string
  `,
  bulkTransferTokens:
    "from_account_id:string msg:string sub_transactions[].amount:number sub_transactions[].to_account_id:string",
  createAccount: `
    account_id:string assetType:string balance:number bapAccountVersion:number current_date:string
    daily_amount:number daily_transactions:number max_daily_amount:number max_daily_transactions:number
    onhold_balance:number org_id:string token_id:string token_name:string token_type:string user_id:string
  `,
  createAccountPolicyCheck: `
    accountPolicyId:string amlCompliance:string assetType:string kycCompliance:string orgId:string
    restrictionFlag:string riskScore:number userId:string
  `,
  createApprovalPolicyCheck: `
    approvalPolicyId:string approverDetails[].approvalSequence:number approverDetails[].approverOrgId:string
    approverDetails[].approverUserId:string assetType:string numberOfApprovalsRequired:number status:string
    transactionLowerLimit:string transactionUpperLimit:string
  `,
  deleteAccount: "account_id:string assetType:string status:string status_id:string",
  deleteAccountPolicyCheck: "isValid:boolean message:string",
  deleteApprovalPolicyCheck: "isValid:boolean message:string",
  executeHoldTokens: "msg:string",
  getAccount: `
    account_id:string assetType:string balance:number bapAccountVersion:number current_date:string
    daily_amount:number daily_transactions:number max_daily_amount:number max_daily_transactions:number
    onhold_balance:number org_id:string status:string token_id:string token_name:string token_type:string
    user_id:string
  `,
  getAccountBalance: "msg:string user_balance:number",
  getAccountOnHoldBalance: "holding_balance:number msg:string",
  getAccountOnHoldBurnBalance: "msg:string onhold_burn_balance:number",
  getAccountPolicyCheckById: `
    accountPolicyId:string amlCompliance:string assetType:string kycCompliance:string orgId:string
    restrictionFlag:string riskScore:number userId:string
  `,
  getAccountStatus: "account_id:string assetType:string status:string status_id:string",
  getAccountTransactionHistory: `
    [].balance:number [].category:string [].description:string [].onhold_balance:number [].timestamp:string
    [].token_id:string [].transacted_account:string [].transacted_amount:number [].transacted_org_id:string
    [].transacted_user_id:string [].transaction_id:string [].transaction_type:string
  `,
  getAccountTransactionHistoryWithFilters: `
    [].balance:number [].category:string [].description:string [].onhold_balance:number [].timestamp:string
    [].token_id:string [].transacted_account:string [].transacted_amount:number [].transacted_org_id:string
    [].transacted_user_id:string [].transaction_id:string [].transaction_type:string
  `,
  getAccountsByRole: "accounts[]:string",
  getAccountsByUser: `
    [].account_id:string [].assetType:string [].balance:number [].bapAccountVersion:number
    [].current_date:string [].daily_amount:number [].daily_transactions:number [].max_daily_amount:number
    [].max_daily_transactions:number [].onhold_balance:number [].org_id:string [].token_id:string
    [].token_name:string [].token_type:string [].user_id:string
  `,
  getAllAccounts: `
    [].key:string [].valueJson.account_id:string [].valueJson.assetType:string [].valueJson.balance:number
    [].valueJson.bapAccountVersion:number [].valueJson.current_date:string [].valueJson.daily_amount:number
    [].valueJson.daily_transactions:number [].valueJson.max_daily_amount:number
    [].valueJson.max_daily_transactions:number [].valueJson.onhold_balance:number
    [].valueJson.onhold_burn_balance:number [].valueJson.org_id:string [].valueJson.token_id:string
    [].valueJson.token_name:string [].valueJson.token_type:string [].valueJson.user_id:string
  `,
  getAllOrgAccounts: `
    [].key:string [].valueJson.account_id:string [].valueJson.assetType:string [].valueJson.balance:number
    [].valueJson.bapAccountVersion:number [].valueJson.current_date:string [].valueJson.daily_amount:number
    [].valueJson.daily_transactions:number [].valueJson.max_daily_amount:number
    [].valueJson.max_daily_transactions:number [].valueJson.onhold_balance:number
    [].valueJson.onhold_burn_balance:number [].valueJson.org_id:string [].valueJson.token_id:string
    [].valueJson.token_name:string [].valueJson.token_type:string [].valueJson.user_id:string
  `,
  getAllTokenAdmins: "admins[].org_id:string admins[].user_id:string",
  getAllTokens: `
    [].key:string [].valueJson.assetType:string [].valueJson.behaviors[]:string
    [].valueJson.burnable.burn_approval_required:boolean [].valueJson.conversionRate:number
    [].valueJson.currencyName:string [].valueJson.divisible.decimal:number [].valueJson.events:boolean
    [].valueJson.mintable.max_mint_quantity:number [].valueJson.mintable.mint_approval_required:boolean
    [].valueJson.roles.burn_approver_role_name:string [].valueJson.roles.burner_role_name:string
    [].valueJson.roles.mint_approver_role_name:string [].valueJson.roles.minter_role_name:string
    [].valueJson.roles.notary_role_name:string [].valueJson.token_desc:string [].valueJson.token_id:string
    [].valueJson.token_name:string [].valueJson.token_standard:string [].valueJson.token_type:string
    [].valueJson.token_unit:string
  `,
  getApprovalPolicyCheckById: `
    approvalPolicyId:string approverDetails[] assetType:string numberOfApprovalsRequired:number
    transactionLowerLimit:string transactionUpperLimit:string
  `,
  getApprovalTransactionsById: `
    approvalOperationId:string approvalTransactionId:string approverAccountId:string assetType:string
    fromAccountId:string timestamp:string toAccountId:string totalApprovals:number
  `,
  getApproverDetailsByTransferAmount: `
    approverDetails[].approvalSequence:number approverDetails[].approverOrgId:string
    approverDetails[].approverUserId:string
  `,
  getMaxDailyAmount: "max_daily_amount:number",
  getMaxDailyTransactionCount: "max_daily_transactions:number",
  getNetTokens: "msg:string quantity:number",
  getOnHoldBalanceWithOperationId: "holding_balance:number msg:string",
  getOnHoldDetailsWithOperationId: `
    assetType:string bapHoldVersion:number category:string description:string from_account_id:string
    holding_id:string notary_account_id:string operation_id:string operation_type:string quantity:number
    status:string time_to_expiration:string to_account_id:string token_id:string token_name:string
  `,
  getOnHoldIds: "holding_ids[]:string msg:string",
  getOrgAccountsByRole: "accounts[]:string",
  getOrgAdmins: "admins[].org_id:string admins[].user_id:string",
  getOrgAuditors: "admins[].org_id:string admins[].user_id:string",
  getOrgUsersByRole: "users[].org_id:string users[].token_id:string users[].user_id:string",
  getTokenAuditors: "auditors[].org_id:string auditors[].user_id:string",
  getTokenById: `
    assetType:string behaviors[]:string burnable.burn_approval_required:boolean conversionRate:number
    currencyName:string divisible.decimal:number events:boolean mintable.max_mint_quantity:number
    mintable.mint_approval_required:boolean roles.burn_approver_role_name:string roles.burner_role_name:string
    roles.mint_approver_role_name:string roles.minter_role_name:string roles.notary_role_name:string
    token_desc:string token_id:string token_name:string token_standard:string token_type:string
    token_unit:string
  `,
  getTokenHistory: `
    [].timeStamp:string [].trxId:string [].value.assetType:string [].value.behaviors[]:string
    [].value.burnable.burn_approval_required:boolean [].value.conversionRate:number [].value.currencyName:string
    [].value.divisible.decimal:number [].value.events:boolean [].value.mintable.max_mint_quantity:number
    [].value.mintable.mint_approval_required:boolean [].value.roles.burn_approver_role_name:string
    [].value.roles.burner_role_name:string [].value.roles.mint_approver_role_name:string
    [].value.roles.minter_role_name:string [].value.roles.notary_role_name:string [].value.token_desc:string
    [].value.token_id:string [].value.token_name:string [].value.token_standard:string
    [].value.token_type:string [].value.token_unit:string
  `,
  getTotalMintedTokens: "msg:string quantity:number",
  getTransactionById: `
    history[].timeStamp:string history[].trxId:string history[].value.amount:number
    history[].value.assetType:string history[].value.category:string history[].value.description:string
    history[].value.from_account_id:string history[].value.from_account_onhold_burn_balance:number
    history[].value.holding_id:string history[].value.number_of_sub_transactions:number
    history[].value.sub_transaction:string history[].value.timestamp:string history[].value.to_account_id:string
    history[].value.to_account_onhold_burn_balance:number history[].value.token_id:string
    history[].value.transaction_id:string history[].value.transaction_type:string sub_transactions[]
    transaction_id:string
  `,
  getUserByAccountId: "org_id:string token_id:string user_id:string",
  getUsersByRole: "users[].org_id:string users[].token_id:string users[].user_id:string",
  holdTokens: "msg:string",
  init: ":string",
  initializeStablecoinToken: `
    assetType:string behaviors[]:string burnable.burn_approval_required:boolean currency_name:string
    divisible.decimal:number events:boolean mintable.max_mint_quantity:number
    mintable.mint_approval_required:boolean roles.burn_approver_role_name:string roles.burner_role_name:string
    roles.mint_approver_role_name:string roles.minter_role_name:string roles.notary_role_name:string
    token_desc:string token_id:string token_name:string token_standard:string token_to_currency_ratio:number
    token_type:string token_unit:string
  `,
  isInRole: "result:string",
  isTokenAdmin: "result:boolean",
  rejectBurn: "msg:string",
  rejectMint: "msg:string",
  releaseHoldTokens: "msg:string",
  removeOrgAdmin: "msg:string",
  removeOrgAuditor: "msg:string",
  removeRole: "msg:string",
  removeTokenAdmin: "msg:string",
  removeTokenAuditor: "msg:string",
  requestBurn: "msg:string",
  requestMint: "msg:string",
  setMaxDailyAmount: `
    account_id:string assetType:string balance:number bapAccountVersion:number current_date:string
    daily_amount:number daily_transactions:number max_daily_amount:number max_daily_transactions:number
    onhold_balance:number org_id:string token_id:string token_name:string token_type:string user_id:string
  `,
  setMaxDailyTransactionCount: `
    account_id:string assetType:string balance:number bapAccountVersion:number current_date:string
    daily_amount:number daily_transactions:number max_daily_amount:number max_daily_transactions:number
    onhold_balance:number org_id:string token_id:string token_name:string token_type:string user_id:string
  `,
  suspendAccount: "account_id:string assetType:string status:string status_id:string",
  transferTokens: "msg:string",
  updateAccountPolicyCheck: `
    accountPolicyId:string amlCompliance:string assetType:string kycCompliance:string orgId:string
    restrictionFlag:string riskScore:number userId:string
  `,
  updateApprovalPolicyCheck: `
    approvalPolicyId:string approverDetails[].approvalSequence:number approverDetails[].approverOrgId:string
    approverDetails[].approverUserId:string assetType:string numberOfApprovalsRequired:number status:string
    transactionLowerLimit:string transactionUpperLimit:string
  `,
  updateStablecoinToken: `
    assetType:string behaviors[]:string burnable.burn_approval_required:boolean currency_name:string
    divisible.decimal:number events:boolean mintable.max_mint_quantity:number
    mintable.mint_approval_required:boolean roles.burn_approver_role_name:string roles.burner_role_name:string
    roles.mint_approver_role_name:string roles.minter_role_name:string roles.notary_role_name:string
    token_desc:string token_id:string token_name:string token_standard:string token_to_currency_ratio:number
    token_type:string token_unit:string
  `,
};

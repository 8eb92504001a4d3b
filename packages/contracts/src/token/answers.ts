/**
 * What the functions of the token contract answer: the payloads that the document prints, field for field. Amounts are JSON numbers
 * in token units; times are RFC 3339 in UTC with milliseconds.
 * @source Oracle's stablecoin document, the printed answers
 */
import type { AccountStatus, OperationStatus, OperationType } from "./rows.ts";

export interface MessageJson {
  readonly msg: string;
}

export interface UserJson {
  readonly org_id: string;
  readonly user_id: string;
}

export interface TokenUserJson extends UserJson {
  readonly token_id: string;
}

export interface TokenBaseJson {
  readonly assetType: "otoken";
  readonly events: false;
  readonly token_id: string;
  readonly token_name: string;
  readonly token_desc: string;
  readonly token_standard: "ttf+";
  readonly token_type: "fungible";
  readonly token_unit: "fractional";
  readonly behaviors: readonly string[];
  readonly roles: Readonly<Record<string, string>>;
  readonly mintable: { readonly max_mint_quantity: number; readonly mint_approval_required: true };
  readonly burnable: { readonly burn_approval_required: true };
  readonly divisible: { readonly decimal: number };
}

/** As a token is read. */
export interface TokenJson extends TokenBaseJson {
  readonly currencyName: string;
  readonly conversionRate: number;
}

/** As initializing and updating a token answer it: the document prints two of its names otherwise there. */
export interface WrittenTokenJson extends TokenBaseJson {
  readonly currency_name: string;
  readonly token_to_currency_ratio: number;
}

export interface KeyedJson<Value> {
  readonly key: string;
  readonly valueJson: Value;
}

export interface TokenVersionJson {
  readonly trxId: string;
  readonly timeStamp: string;
  readonly value: TokenJson;
}

/** The daily limits are there when they are set. */
export interface AccountJson extends TokenUserJson {
  readonly bapAccountVersion: number;
  readonly assetType: "oaccount";
  readonly account_id: string;
  readonly token_type: "fungible";
  readonly token_name: string;
  readonly balance: number;
  readonly onhold_balance: number;
  readonly max_daily_amount?: number;
  readonly daily_amount: number;
  readonly max_daily_transactions?: number;
  readonly daily_transactions: number;
  readonly current_date: string;
}

/** As getAccount answers it. */
export interface AccountWithStatusJson extends AccountJson {
  readonly status: AccountStatus;
}

/** As the lists of all accounts answer it. */
export interface ListedAccountJson extends AccountJson {
  readonly onhold_burn_balance: number;
}

export interface AccountStatusJson {
  readonly assetType: "oaccountStatus";
  readonly status_id: string;
  readonly account_id: string;
  readonly status: AccountStatus;
}

export interface HoldJson {
  readonly bapHoldVersion: number;
  readonly assetType: "ohold";
  readonly holding_id: string;
  readonly operation_id: string;
  readonly token_id: string;
  readonly token_name: string;
  readonly operation_type: OperationType;
  readonly status: OperationStatus;
  readonly from_account_id: string;
  readonly to_account_id: string;
  readonly notary_account_id: string;
  readonly quantity: number;
  readonly time_to_expiration: string;
  readonly category?: string;
  readonly description?: string;
}

export interface ApprovalJson {
  readonly assetType: "ApprovalTransactions";
  readonly approvalTransactionId: string;
  readonly approvalOperationId: string;
  readonly fromAccountId: string;
  readonly toAccountId: string;
  readonly approverAccountId: string;
  readonly totalApprovals: number;
  readonly timestamp: string;
}

export interface AccountPolicyJson {
  readonly assetType: "AccountPolicyCheck";
  readonly accountPolicyId: string;
  readonly orgId: string;
  readonly userId: string;
  readonly kycCompliance: "true" | "false";
  readonly amlCompliance: "true" | "false";
  readonly riskScore: number;
  readonly restrictionFlag: "true" | "false";
}

export interface ApproverJson {
  readonly approverOrgId: string;
  readonly approverUserId: string;
  readonly approvalSequence: number;
}

export interface ApprovalPolicyJson {
  /** Answered when the policy is made or changed, not when it is read. */
  readonly status?: "active";
  readonly assetType: "ApprovalPolicyCheck";
  readonly approvalPolicyId: string;
  readonly transactionLowerLimit: string;
  readonly transactionUpperLimit: string;
  readonly numberOfApprovalsRequired: number;
  readonly approverDetails: readonly ApproverJson[];
}

export interface DeletedAssetJson {
  readonly isValid: true;
  readonly message: string;
}

export type TransactionType =
  | "TRANSFER"
  | "BULKTRANSFER"
  | "ONHOLD"
  | "EXECUTEHOLD"
  | "RELEASEHOLD"
  | "REQUEST_MINT"
  | "APPROVE_MINT"
  | "REJECT_MINT"
  | "REQUEST_BURN"
  | "APPROVE_BURN"
  | "REJECT_BURN";

/** How an account's history names a movement: a transfer by its side. */
export type HistoryType = Exclude<TransactionType, "TRANSFER"> | "DEBIT" | "CREDIT";

export interface TransactionValueJson {
  readonly assetType: "otransaction";
  readonly transaction_id: string;
  readonly token_id: string;
  readonly from_account_id: string;
  readonly from_account_onhold_burn_balance: number;
  /** "" for a bulk transfer: its sub-transactions have the receivers. */
  readonly to_account_id: string;
  readonly to_account_onhold_burn_balance: number;
  readonly transaction_type: TransactionType;
  readonly amount: number;
  readonly timestamp: string;
  readonly number_of_sub_transactions: number;
  /** Of holds only. */
  readonly holding_id?: string;
  readonly sub_transaction: "true" | "false";
  readonly category?: string;
  readonly description?: string;
}

export interface TransactionJson {
  readonly transaction_id: string;
  readonly history: readonly {
    readonly trxId: string;
    readonly timeStamp: string;
    readonly value: TransactionValueJson;
  }[];
}

export interface TransactionWithSubTransactionsJson extends TransactionJson {
  readonly sub_transactions: readonly TransactionJson[];
}

export interface SubTransactionJson {
  readonly transacted_account: string;
  readonly transaction_type: "DEBIT";
  readonly transaction_id: string;
  readonly transacted_amount: number;
}

export interface HistoryRecordJson {
  readonly transaction_id: string;
  readonly transacted_amount: number;
  readonly timestamp: string;
  /** The account's, after the movement. */
  readonly balance: number;
  readonly onhold_balance: number;
  readonly token_id: string;
  readonly category?: string;
  readonly description?: string;
  /** The other side, or the account itself where there is none; left out for a bulk transfer. */
  readonly transacted_account?: string;
  readonly transaction_type: HistoryType;
  readonly transacted_org_id?: string;
  readonly transacted_user_id?: string;
  /** Of holds only. */
  readonly holding_id?: string;
  /** Of a bulk transfer only. */
  readonly sub_transactions?: readonly SubTransactionJson[];
}

export interface BulkTransferJson extends MessageJson {
  readonly from_account_id: string;
  readonly sub_transactions: readonly { readonly to_account_id: string; readonly amount: number }[];
}

import { ContractRefusal } from "@concordat/ledger/contract-api";

/** Why the token contract says no, one sentence for each code; a refusal's own message can say more. */
export const tokenRefusals = {
  ARGUMENT_INVALID: "A member of the argument is missing, unknown or not in its form.",
  NOT_AUTHORIZED: "The caller may not call this function with these arguments.",
  ALREADY_INITIALIZED: "The contract has its first token admins already.",
  SELF_REMOVAL: "A token admin cannot remove itself.",
  OFFICER_UNKNOWN: "The user is no such admin or auditor.",
  TOKEN_EXISTS: "There is a token with this id already.",
  TOKEN_UNKNOWN: "There is no token with this id.",
  ACCOUNT_EXISTS: "The user has an account for this token already.",
  ACCOUNT_UNKNOWN: "There is no such account.",
  ACCOUNT_NOT_ASSOCIATED: "The user has an account, but none for this token.",
  ACCOUNT_ASSOCIATED: "The account is for a token already.",
  ACCOUNT_SUSPENDED: "The account is suspended.",
  ACCOUNT_DELETED: "The account is deleted.",
  ACCOUNT_NOT_EMPTY: "The account has tokens, tokens on hold, or a request that is pending.",
  ROLE_UNKNOWN: "The token has no such role.",
  ROLE_MISSING: "The account lacks the role that this takes.",
  ROLE_NOT_HELD: "The account does not have the role that is to be removed.",
  SAME_ACCOUNT: "One account cannot stand on two sides of an operation.",
  QUANTITY_NOT_POSITIVE: "A quantity must be more than zero.",
  TOO_MANY_DECIMALS: "The amount has more decimals than the token.",
  AMOUNT_TOO_LARGE: "An amount has at most 999999999999999 of the token's smallest unit.",
  BALANCE_TOO_LOW: "The balance of the account is lower than the quantity.",
  MINT_LIMIT_EXCEEDED: "More than the token's largest mintable quantity would be minted.",
  DAILY_COUNT_EXCEEDED: "The account would make more transactions than it may in one day.",
  DAILY_AMOUNT_EXCEEDED: "The account would move more than it may in one day.",
  OPERATION_EXISTS: "The token has an operation with this id already.",
  OPERATION_UNKNOWN: "The token has no such operation with this id.",
  OPERATION_NOT_PENDING: "The operation is finished already.",
  OPERATION_EXPIRED: "The time of the operation is over.",
  EXPIRATION_IN_PAST: "The time of expiration is not later than the transaction.",
  NOT_THE_NOTARY: "Only the notary of the operation may do this.",
  NOT_A_PARTY: "Only the payer, the payee or the notary of the operation may do this.",
  HOLD_EXCEEDED: "The quantity is more than is on hold for the operation.",
  POLICY_EXISTS: "There is such a policy already.",
  POLICY_UNKNOWN: "There is no such policy.",
  POLICY_OVERLAPS: "The limits overlap those of another approval policy.",
  POLICIES_TOO_MANY: "There are as many approval policies as there may be.",
  POLICY_NOT_MET: "The account does not meet its account policy.",
  RESTRICTED: "The account is restricted to amounts of the lowest approval policy.",
  APPROVAL_MISSING: "The operation lacks approvals.",
  APPROVAL_OUT_OF_TURN: "It is another approver's turn.",
  APPROVAL_REPEATED: "The caller has approved the operation already.",
  NOT_AN_APPROVER: "The caller is no approver of the operation.",
  APPROVAL_UNKNOWN: "There is no such approval.",
  TRANSACTION_UNKNOWN: "There is no such transaction.",
} as const;

export type TokenRefusalCode = keyof typeof tokenRefusals;

/** @param message where it can say more than the code's own sentence */
export function refuse(code: TokenRefusalCode, message: string = tokenRefusals[code]): never {
  throw new ContractRefusal(code, message);
}

/** @param what why the member is refused, as the rest of a sentence */
export function refuseMember(name: string, what: string): never {
  return refuse("ARGUMENT_INVALID", `The member "${name}" ${what}.`);
}

/**
 * Limits of the token contract.
 * @source Oracle's stablecoin document: the forms of ids and the default page; where it names no number, the choice is ours
 */
export const tokenLimits = {
  /** Of an amount, a balance and all that was ever minted of a token, in its smallest unit: each is exact as a JSON number. */
  unitsMax: 999_999_999_999_999,
  decimals: { default: 2, maximum: 8 },
  tokenIdCharactersMax: 16,
  /** Of an organization's id, of a user's id. */
  idCharactersMax: 128,
  operationIdCharactersMax: 64,
  /** Of a composed id, or the name of a role, that is only looked up. */
  referenceCharactersMax: 512,
  tokenNameCharactersMax: 64,
  currencyNameCharactersMax: 64,
  /** Of a token's description, and of a transaction's category and description. */
  textCharactersMax: 500,
  /** Of the JSON text that a function takes. */
  argumentCharactersMax: 100_000,
  /** Of the first token admins. */
  adminsMax: 100,
  /** Sub-transfers of one bulk transfer. */
  flowMax: 100,
  approvalPoliciesMax: 100,
  approversMax: 20,
  riskScoreMax: 1_000,
  maxDailyTransactionsMax: 1_000_000_000,
  historyPage: { default: 20, maximum: 100 },
  /** What a history without filters answers at most: the newest. */
  historyMax: 10_000,
} as const;

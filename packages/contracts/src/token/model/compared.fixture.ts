import { isDeepStrictEqual } from "node:util";
import { personArgs } from "./founding.fixture.ts";
import { toNumber } from "./money.fixture.ts";
import { amountMaxOf } from "./movements.fixture.ts";
import { isPending, type ModelAccount, type ModelHold, type ModelState, type ModelToken } from "./state.fixture.ts";

/** A read of the contract by a token admin. */
export type Read = (fn: string, args: object) => Promise<unknown>;

export class Divergence extends Error {}

export function requireEqual(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Divergence(`${what}: the contract has ${JSON.stringify(found)}, the model ${JSON.stringify(expected)}`);
}

/** The members of `found` that `expected` has. */
function part(found: unknown, expected: object): object {
  const members = new Map(Object.entries(found ?? {}));
  return Object.fromEntries(Object.keys(expected).map((name) => [name, members.get(name)]));
}

export function requirePart(what: string, found: unknown, expected: object): void {
  requireEqual(what, part(found, expected), expected);
}

export async function compareAccount(read: Read, account: ModelAccount): Promise<void> {
  const { token, owner, status, balance, onHold, onHoldBurn, dailyAmount, dailyCount, dayMs, countMax } = account;
  if (token === undefined) return;
  const args = { tokenId: token.id, ...personArgs(owner) };
  const amount = (units: bigint) => toNumber(units, token.decimals);
  const amountMax = amountMaxOf(account);
  requirePart(`Account ${account.id}`, await read("getAccount", args), {
    account_id: account.id,
    status,
    balance: amount(balance),
    onhold_balance: amount(onHold),
    daily_amount: amount(dailyAmount),
    daily_transactions: dailyCount,
    current_date: new Date(dayMs).toISOString(),
    max_daily_amount: amountMax === 0n ? undefined : amount(amountMax),
    max_daily_transactions: countMax === 0 ? undefined : countMax,
  });
  const onHoldBurnRead = await read("getAccountOnHoldBurnBalance", args);
  requirePart(`Account ${account.id}`, onHoldBurnRead, { onhold_burn_balance: amount(onHoldBurn) });
}

export async function compareHistory(read: Read, { token, owner, history, id }: ModelAccount): Promise<void> {
  if (token === undefined) return;
  const found = await read("getAccountTransactionHistory", { tokenId: token.id, ...personArgs(owner) });
  const records: readonly unknown[] = Array.isArray(found) ? found : [];
  requireEqual(`History of ${id}`, records.length, history.length);
  for (const [index, entry] of history.toReversed().entries()) {
    requirePart(`History of ${id}, record ${index}`, records[index], {
      transaction_type: entry.type,
      transacted_amount: toNumber(entry.amount, token.decimals),
      balance: toNumber(entry.balance, token.decimals),
      onhold_balance: toNumber(entry.onHold, token.decimals),
      timestamp: new Date(entry.timeMs).toISOString(),
      token_id: token.id,
      transacted_account: entry.other?.id,
      transacted_org_id: entry.other?.owner.org,
      transacted_user_id: entry.other?.owner.user,
    });
  }
}

export async function compareHold(
  read: Read,
  { token, operationId, amount, payer, payee, notary, kind, status, expiresMs }: ModelHold,
): Promise<void> {
  const found = await read("getOnHoldDetailsWithOperationId", { tokenId: token.id, operationId });
  requirePart(`Operation ${operationId}`, found, {
    operation_type: kind,
    from_account_id: payer.id,
    to_account_id: payee.id,
    notary_account_id: notary.id,
    quantity: toNumber(amount, token.decimals),
    status,
    time_to_expiration: expiresMs === undefined ? "0" : new Date(expiresMs).toISOString(),
  });
}

export async function compareHoldIds(read: Read, state: ModelState, account: ModelAccount): Promise<void> {
  const { token, owner } = account;
  if (token === undefined) return;
  const found = Object(await read("getOnHoldIds", { tokenId: token.id, ...personArgs(owner) }));
  const awaited = [...state.holds.values()].filter((hold) => {
    return hold.payer === account && isPending(hold) && hold.kind !== "mint";
  });
  const ids = awaited.map(({ operationId }) => `ohold~stablecoin~${token.id}~${operationId}`);
  requireEqual(`Holds of ${account.id}`, [...found["holding_ids"]].sort(), ids.sort());
}

export async function compareSupply(read: Read, { id, minted, burned, decimals }: ModelToken): Promise<void> {
  const args = { tokenId: id };
  requirePart(`Minted ${id}`, await read("getTotalMintedTokens", args), { quantity: toNumber(minted, decimals) });
  requirePart(`Net ${id}`, await read("getNetTokens", args), { quantity: toNumber(minted - burned, decimals) });
}

export async function compareToken(read: Read, { id, decimals, descriptions }: ModelToken): Promise<void> {
  const found = await read("getTokenById", { tokenId: id });
  requirePart(`Token ${id}`, found, { token_desc: descriptions.at(-1), divisible: { decimal: decimals } });
  const history = await read("getTokenHistory", { tokenId: id });
  requireEqual(`History of ${id}`, Array.isArray(history) ? history.length : history, descriptions.length);
}

export async function comparePeople(read: Read, state: ModelState): Promise<void> {
  const lists = [
    ["getAllTokenAdmins", "admins", state.tokenAdmins],
    ["getTokenAuditors", "auditors", state.tokenAuditors],
    ["getOrgAdmins", "admins", state.orgAdmins],
    ["getOrgAuditors", undefined, state.orgAuditors],
  ] as const;
  for (const [fn, member, expected] of lists) {
    const answer = Object(await read(fn, {}));
    const people: readonly unknown[] = answer[member ?? Object.keys(answer)[0] ?? ""] ?? [];
    const names = people.map((each) => `${Object(each)["org_id"]} ${Object(each)["user_id"]}`);
    requireEqual(fn, names.sort(), [...expected].sort());
  }
}

export async function compareRoles(read: Read, state: ModelState): Promise<void> {
  for (const token of state.tokens.values()) {
    for (const role of ["minter", "burner", "notary"] as const) {
      const answer = Object(await read("getAccountsByRole", { tokenId: token.id, role }));
      const owned = state.accounts.filter((account) => account.token === token && account.roles.has(role));
      requireEqual(`${role}s of ${token.id}`, [...answer["accounts"]].sort(), owned.map(({ id }) => id).sort());
    }
  }
}

export async function comparePolicies(read: Read, state: ModelState): Promise<void> {
  for (const [name, { kyc, aml, restricted, risk }] of state.policies) {
    const id = `APID~${name.replace(" ", "~")}`;
    const flags = { kycCompliance: String(kyc), amlCompliance: String(aml), restrictionFlag: String(restricted) };
    requirePart(id, await read("getAccountPolicyCheckById", { id }), { ...flags, riskScore: risk });
  }
  for (const { id, approvers } of state.bands.values()) {
    const approverDetails = approvers.map(({ org, user }, index) => {
      return { approverOrgId: org, approverUserId: user, approvalSequence: index + 1 };
    });
    requirePart(id, await read("getApprovalPolicyCheckById", { id }), { approverDetails });
  }
}

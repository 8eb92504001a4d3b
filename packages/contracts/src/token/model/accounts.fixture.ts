import {
  type Arguments,
  findAccount,
  isTokenAdmin,
  type ModelCall,
  object,
  person,
  requireAccount,
  requireAdminOf,
  requireKnownRole,
  requireNotDeleted,
  requireToken,
  requireTokenAdmin,
  text,
  tokenIdOf,
} from "./checks.fixture.ts";
import { requireLimit, requireLimitForm, toText, toUnits } from "./money.fixture.ts";
import { dayOf } from "./movements.fixture.ts";
import { no } from "./no.fixture.ts";
import { isPending, type ModelAccount, type ModelState, nameOf, type Role } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

function countOf(value: unknown): number {
  const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000_000_000;
  return isCount ? value : no("ARGUMENT_INVALID");
}

const createAccount: Run = (state, call, args) => {
  const owner = person(args);
  if (text(args, "tokenType") !== "fungible") no("ARGUMENT_INVALID");
  const limits = args["dailyLimits"] === undefined ? {} : object(args, "dailyLimits");
  const amountMaxText = requireLimitForm(limits["max_daily_amount"] ?? "0");
  const countMax = countOf(limits["max_daily_transactions"] ?? 0);
  requireAdminOf(state, call, owner.org);
  requireLimit(amountMaxText);
  const none = { balance: 0n, onHold: 0n, onHoldBurn: 0n, dailyAmount: 0n, dailyCount: 0 };
  const day = { amountMaxText, countMax, dayMs: dayOf(call.timeMs) };
  const rest = { token: undefined, status: "active", roles: new Set<never>(), history: [] } as const;
  state.accounts.push({ id: "", owner, ...none, ...day, ...rest, roles: new Set(), history: [] });
};

const associateTokenToAccount: Run = (state, call, args) => {
  const id = text(args, "accountId");
  const tokenId = tokenIdOf(args);
  const account = state.accounts.find((each) => each.id === id);
  if (account === undefined) {
    // Nobody but admins learns whether there is an account.
    const isAdmin = isTokenAdmin(state, call) || state.orgAdmins.has(nameOf(call.caller));
    return no(isAdmin ? "ACCOUNT_UNKNOWN" : "NOT_AUTHORIZED");
  }
  requireAdminOf(state, call, account.owner.org);
  const token = requireToken(state, tokenId);
  if (account.token !== undefined) no("ACCOUNT_ASSOCIATED");
  if (findAccount(state, token, account.owner) !== undefined) no("ACCOUNT_EXISTS");
  toUnits(account.amountMaxText, token.decimals);
  account.token = token;
};

/** Runs on the associated account that the arguments name, after its form and the caller are checked. */
const onAccount =
  (who: "token admin" | "admin", change: (account: ModelAccount, args: Arguments, state: ModelState) => unknown): Run =>
  (state, call, args) => {
    const tokenId = tokenIdOf(args);
    const owner = person(args);
    if (who === "admin") requireAdminOf(state, call, owner.org);
    else requireTokenAdmin(state, call);
    change(requireAccount(state, requireToken(state, tokenId), owner), args, state);
  };

const deleteAccount = onAccount("token admin", (account, _args, state) => {
  requireNotDeleted(account);
  const { balance, onHold, onHoldBurn } = account;
  const holds = [...state.holds.values()];
  const isAwaited = holds.some((hold) => isPending(hold) && hold.payer === account);
  if (balance + onHold + onHoldBurn > 0n || isAwaited) no("ACCOUNT_NOT_EMPTY");
  account.status = "deleted";
});

const setMaxDailyAmount: Run = (state, call, args) => {
  const amount = requireLimitForm(args["maxDailyAmount"]);
  onAccount("admin", (account) => {
    requireNotDeleted(account);
    const decimals = account.token?.decimals ?? 0;
    account.amountMaxText = toText(toUnits(amount, decimals), decimals);
  })(state, call, args);
};

const setMaxDailyTransactionCount: Run = (state, call, args) => {
  const count = countOf(args["maxDailyTransactions"]);
  onAccount("admin", (account) => {
    requireNotDeleted(account);
    account.countMax = count;
  })(state, call, args);
};

const changeRole =
  (change: (account: ModelAccount, role: Role) => void): Run =>
  (state, call, args) => {
    const [tokenId, owner, name] = [tokenIdOf(args), person(args), text(args, "role")];
    requireAdminOf(state, call, owner.org);
    const token = requireToken(state, tokenId);
    const role = requireKnownRole(name);
    change(requireAccount(state, token, owner), role);
  };

const addRole = changeRole((account, role) => {
  requireNotDeleted(account);
  account.roles.add(role);
});

const removeRole = changeRole(({ roles }, role) => {
  if (!roles.delete(role)) no("ROLE_NOT_HELD");
});

export const accounts: Readonly<Record<string, Run>> = {
  createAccount,
  associateTokenToAccount,
  activateAccount: onAccount("admin", (account) => {
    requireNotDeleted(account);
    account.status = "active";
  }),
  suspendAccount: onAccount("admin", (account) => {
    requireNotDeleted(account);
    account.status = "suspended";
  }),
  deleteAccount,
  setMaxDailyAmount,
  setMaxDailyTransactionCount,
  addRole,
  removeRole,
};

import { transactionTimeMs } from "../../stub-rows.ts";
import type { AlteredCall, Bug } from "./altering.fixture.ts";
import { tokenPlans } from "./founding.fixture.ts";
import { toUnits } from "./money.fixture.ts";
import { DAY_MS } from "./movements.fixture.ts";
import type { Row } from "./observed.fixture.ts";

const number = (row: Row | undefined, name: string) => Number(row?.[name] ?? 0);
const operations = /^(approve|reject)(Mint|Burn|Transaction)$|^(execute|release)HoldTokens$/;
const spending = /^(transfer|bulkTransfer|hold)Tokens$/;

/** The row with some members changed; no row stays none. */
const set =
  (change: (row: Row, call: AlteredCall) => object) =>
  (row: Row | undefined, call: AlteredCall): Row | undefined =>
    row === undefined ? undefined : { ...row, ...change(row, call) };

const shiftExpiry = (offsetMs: number) =>
  set(({ expiration }) => {
    const later = () => new Date(Date.parse(String(expiration)) + offsetMs).toISOString();
    return { expiration: expiration === "0" ? "0" : later() };
  });

const keepExpiry = (row: Row, before: Row): Row => ({ ...row, expiration: before["expiration"] });

const today = ({ context }: AlteredCall) => {
  const timeMs = transactionTimeMs(context.stub);
  return new Date(timeMs - (timeMs % DAY_MS)).toISOString();
};

function cutDecimals(args: AlteredCall["args"]): AlteredCall["args"] {
  const decimals = tokenPlans.find(({ token_id }) => token_id === args["tokenId"])?.decimal ?? 0;
  const [whole = "", fraction = ""] = String(args["quantity"]).split(".");
  if (fraction.length <= decimals) return args;
  return { ...args, quantity: decimals === 0 ? whole : `${whole}.${fraction.slice(0, decimals)}` };
}

/** The caller is taken for the notary of the operation. */
const asNotary: NonNullable<Bug["caller"]> = async ({ row, args }) => {
  const hold = await row("hold", String(args["operationId"]), String(args["tokenId"]));
  const account = hold === undefined ? undefined : await row("account", String(hold["notaryAccountId"]));
  return account === undefined ? undefined : { org: String(account["org"]), user: String(account["user"]) };
};

/** Whoever approves is put in the place of the next. */
const anyTurn = set(({ approvers, approvals }, { context }) => {
  const { clientIdentity } = context;
  const [org, user] = [clientIdentity.getMSPID(), clientIdentity.getAttributeValue("hf.EnrollmentID")];
  const all: readonly Row[] = Array.isArray(approvers) ? approvers : [];
  const mine = all.findIndex((each) => each["org"] === org && each["user"] === user);
  const next = Number(approvals);
  const order = [...all];
  const [here, there] = [all[mine], all[next]];
  if (mine > next && here !== undefined && there !== undefined) {
    order[next] = here;
    order[mine] = there;
  }
  return { approvers: order };
});

/** As if the receiver's row were read as it was before the call for each part. */
function onlyLastPart(row: Row, before: Row, { args }: AlteredCall): Row {
  const flow: readonly Row[] = Array.isArray(args["flow"]) ? args["flow"] : [];
  const parts = flow.filter((each) => each["to_org_id"] === row["org"] && each["to_user_id"] === row["user"]);
  const decimals = tokenPlans.find(({ token_id }) => token_id === row["tokenId"])?.decimal;
  if (parts.length < 2 || decimals === undefined) return row;
  const units = toUnits(String(parts.at(-1)?.["quantity"]), decimals);
  return { ...row, balance: number(before, "balance") + Number(units) };
}

/** Twenty and some bugs, each with its name. */
export const bugs: Readonly<Record<string, Bug>> = {
  "an operation lives a millisecond too long": {
    in: operations,
    type: "hold",
    read: shiftExpiry(1),
    write: keepExpiry,
  },
  "an operation ends a millisecond too early": {
    in: operations,
    type: "hold",
    read: shiftExpiry(-1),
    write: keepExpiry,
  },
  "an expiration of this very moment is taken": {
    in: /^(holdTokens|request.*)$/,
    args: (args) => {
      const expiresMs = Date.parse(String(args["timeToExpiration"])) + 1;
      const isTime = args["timeToExpiration"] !== "0" && !Number.isNaN(expiresMs);
      return isTime ? { ...args, timeToExpiration: new Date(expiresMs).toISOString() } : args;
    },
  },
  "daily sums are not reset at midnight": {
    in: spending,
    type: "account",
    read: set((_row, call) => ({ day: today(call) })),
  },
  "daily sums start anew with each call": {
    in: spending,
    type: "account",
    read: set(() => ({ dailyAmount: 0, dailyTransactions: 0 })),
  },
  "a bulk transfer counts as one": {
    in: /^bulkTransferTokens$/,
    type: "account",
    write: (row, before) => {
      const counted = number(row, "dailyTransactions") > number(before, "dailyTransactions") + 1;
      return counted ? { ...row, dailyTransactions: number(before, "dailyTransactions") + 1 } : row;
    },
  },
  "a bulk transfer loses a unit for each receiver": {
    in: /^bulkTransferTokens$/,
    type: "account",
    write: (row, before) => {
      const isReceiver = number(row, "balance") > number(before, "balance");
      return isReceiver ? { ...row, balance: number(row, "balance") - 1 } : row;
    },
  },
  "a receiver that stands twice in a bulk transfer gets one part": {
    in: /^bulkTransferTokens$/,
    type: "account",
    write: onlyLastPart,
  },
  "daily sums are reset a millisecond after midnight": {
    in: spending,
    type: "account",
    read: set((_row, call) => (transactionTimeMs(call.context.stub) % DAY_MS === 0 ? { day: today(call) } : {})),
  },
  "the rest of a partial execution is lost": {
    in: /^executeHoldTokens$/,
    type: "account",
    write: (row, before) => {
      const isPayer = number(row, "onHold") < number(before, "onHold");
      return isPayer ? { ...row, balance: number(before, "balance") } : row;
    },
  },
  "a hold is released twice": { in: /^releaseHoldTokens$/, type: "hold", read: set(() => ({ status: "pending" })) },
  "a mint request is approved twice": { in: /^approveMint$/, type: "hold", read: set(() => ({ status: "pending" })) },
  "decimals that a token has not are cut off": { in: /^(transfer|hold)Tokens$/, args: cutDecimals },
  "burning does not lower the supply": {
    in: /^approveBurn$/,
    type: "supply",
    write: (row, before) => ({ ...row, burned: before["burned"] }),
  },
  "a request to burn leaves the balance": {
    in: /^requestBurn$/,
    type: "account",
    write: (row, before) => ({ ...row, balance: before["balance"] }),
  },
  "a rejected burn gives nothing back": {
    in: /^rejectBurn$/,
    type: "account",
    write: (row, before) => ({ ...row, balance: before["balance"] }),
  },
  "approvals come in any order": { in: /^approveTransaction$/, type: "hold", read: anyTurn },
  "a restriction is ignored": { in: spending, type: "accountpolicy", read: set(() => ({ restricted: false })) },
  "missing KYC is ignored": { in: spending, type: "accountpolicy", read: set(() => ({ kyc: true })) },
  "a suspension is ignored": { in: spending, type: "status", read: set(() => ({ status: "active" })) },
  "anybody executes as the notary": { in: /^executeHoldTokens$/, caller: asNotary },
  "anybody is a minter": { in: /^requestMint$/, type: "role", read: (row) => row ?? {} },
  "the mint limit is ignored": { in: /Mint$/, type: "token", read: set(() => ({ maxMint: 0 })) },
  "a daily limit is a unit too low": {
    in: spending,
    type: "account",
    read: set(({ maxDailyAmount, tokenId }) => {
      const decimals = tokenPlans.find(({ token_id }) => token_id === tokenId)?.decimal ?? 0;
      const limit = Number(maxDailyAmount);
      return { maxDailyAmount: limit > 0 ? (limit - 10 ** -decimals).toFixed(decimals) : maxDailyAmount };
    }),
  },
  "an account with tokens is deleted": { in: /^deleteAccount$/, type: "account", read: set(() => ({ balance: 0 })) },
  "a removed admin stays one": { in: /^remove(Token|Org)Admin$/, type: "officer", keepsDeleted: true },
};

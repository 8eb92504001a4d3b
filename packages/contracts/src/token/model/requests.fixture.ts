import {
  type Arguments,
  expiryOf,
  type ModelCall,
  person,
  requireAccount,
  requireActive,
  requireNotary,
  requireRole,
  requireToken,
  text,
  tokenIdOf,
} from "./checks.fixture.ts";
import { requireAmountForm, toPositiveUnits } from "./money.fixture.ts";
import { note, requireBalance, requireSumFits } from "./movements.fixture.ts";
import { no } from "./no.fixture.ts";
import { isExpired, isOfCaller, requireHold } from "./operations-found.fixture.ts";
import { holdKey, isPending, type ModelState, type ModelToken } from "./state.fixture.ts";

type Run = (state: ModelState, call: ModelCall, args: Arguments) => void;

function requireMintRoom({ minted, mintMax }: ModelToken, amount: bigint): void {
  if (mintMax > 0n && minted + amount > mintMax) no("MINT_LIMIT_EXCEEDED");
  requireSumFits(minted, amount);
}

const request =
  (kind: "mint" | "burn"): Run =>
  (state, call, args) => {
    const tokenId = tokenIdOf(args);
    const operationId = text(args, "operationId");
    const notaryPerson = person(args, "notaryOrgId", "notaryUserId");
    const quantity = requireAmountForm(args["quantity"]);
    const expiresMs = expiryOf(args);
    const token = requireToken(state, tokenId);
    const payer = requireAccount(state, token, call.caller);
    const notary = requireAccount(state, token, notaryPerson);
    requireRole(payer, kind === "mint" ? "minter" : "burner");
    if (notary === payer) no("SAME_ACCOUNT");
    requireActive(payer, notary);
    requireRole(notary, "notary");
    if (state.holds.has(holdKey(tokenId, operationId))) no("OPERATION_EXISTS");
    if (expiresMs !== undefined && expiresMs <= call.timeMs) no("EXPIRATION_IN_PAST");
    const amount = toPositiveUnits(quantity, token.decimals);
    if (kind === "mint") requireMintRoom(token, amount);
    else {
      requireBalance(payer, amount);
      payer.balance -= amount;
      payer.onHoldBurn += amount;
    }
    const hold = { kind, operationId, token, payer, payee: payer, notary, amount, expiresMs };
    state.holds.set(holdKey(tokenId, operationId), { ...hold, approvers: [], approved: [], status: "pending" });
    note(payer, kind === "mint" ? "REQUEST_MINT" : "REQUEST_BURN", amount, call.timeMs, payer);
  };

const approve =
  (kind: "mint" | "burn"): Run =>
  (state, call, args) => {
    const hold = requireHold(state, args, kind);
    const { payer, notary, token, amount } = hold;
    requireNotary(notary, call);
    if (!isPending(hold)) no("OPERATION_NOT_PENDING");
    if (isExpired(hold, call.timeMs)) no("OPERATION_EXPIRED");
    requireActive(payer, notary);
    if (kind === "mint") {
      requireMintRoom(token, amount);
      token.minted += amount;
      payer.balance += amount;
    } else {
      token.burned += amount;
      payer.onHoldBurn -= amount;
    }
    hold.status = "approved";
    note(payer, kind === "mint" ? "APPROVE_MINT" : "APPROVE_BURN", amount, call.timeMs, payer);
  };

const reject =
  (kind: "mint" | "burn"): Run =>
  (state, call, args) => {
    const hold = requireHold(state, args, kind);
    const { payer, notary, amount } = hold;
    if (!isOfCaller(notary, call) && !isOfCaller(payer, call)) no("NOT_THE_NOTARY");
    if (!isPending(hold)) no("OPERATION_NOT_PENDING");
    if (!isExpired(hold, call.timeMs)) requireNotary(notary, call);
    if (kind === "burn") {
      payer.onHoldBurn -= amount;
      payer.balance += amount;
    }
    hold.status = "rejected";
    note(payer, kind === "mint" ? "REJECT_MINT" : "REJECT_BURN", amount, call.timeMs, payer);
  };

export const requests: Readonly<Record<string, Run>> = {
  requestMint: request("mint"),
  approveMint: approve("mint"),
  rejectMint: reject("mint"),
  requestBurn: request("burn"),
  approveBurn: approve("burn"),
  rejectBurn: reject("burn"),
};

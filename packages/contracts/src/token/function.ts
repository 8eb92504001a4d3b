import type { ContractContext, ContractFunction } from "@concordat/ledger/contract-api";
import { transactionTimeMs } from "../stub-rows.ts";
import { Arguments } from "./arguments.ts";
import { type Call, requireCaller } from "./callers.ts";
import { refuse } from "./refusals.ts";
import { UnitOfWork } from "./unit-of-work.ts";

/**
 * A function of the contract: reads its argument, runs, and writes what it changed only when nothing was refused. A refusal is the
 * first of this order: the argument's form (ARGUMENT_INVALID), the caller (NOT_AUTHORIZED), whether what is named is there, its
 * state, its amounts. Where the caller's right comes from a named operation, the operation is looked up first.
 * @param name as refusals call it
 */
export function tokenFunction<Given>(
  name: string,
  read: (members: Arguments) => Given,
  run: (call: Call, given: Given) => Promise<unknown>,
): ContractFunction {
  return async (context: ContractContext, json = "", ...further: readonly string[]) => {
    if (further.length > 0) refuse("ARGUMENT_INVALID", "A function takes one argument.");
    const members = Arguments.parse(json);
    const given = read(members);
    members.finish();
    const { stub } = context;
    const unit = new UnitOfWork(stub);
    const call: Call = { name, stub, unit, caller: requireCaller(context), timeMs: transactionTimeMs(stub) };
    const answer = await run(call, given);
    await unit.commit();
    return JSON.stringify(answer);
  };
}

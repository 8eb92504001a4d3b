import type { Contract, ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import { mapFunctions, overStub, type Row, typeOf, withStub } from "./observed.fixture.ts";

/** One call of a contract that has a bug. */
export interface AlteredCall {
  readonly fn: string;
  readonly context: ContractContext;
  readonly args: Readonly<Record<string, unknown>>;
  /** The ledger's row, without the bug. */
  row(type: string, ...attributes: readonly string[]): Promise<Row | undefined>;
}

/** A bug from outside: what the contract reads, writes, is told, or thinks who calls, is altered in some functions. */
export interface Bug {
  /** The functions that have it. */
  readonly in: RegExp;
  /** Of the rows that it alters. */
  readonly type?: string;
  /** @param row undefined: there is none */
  readonly read?: (row: Row | undefined, call: AlteredCall) => Row | undefined;
  /** @param before the row as it was */
  readonly write?: (row: Row, before: Row, call: AlteredCall) => Row;
  /** Rows of the type are not deleted. */
  readonly keepsDeleted?: boolean;
  readonly args?: (args: AlteredCall["args"]) => AlteredCall["args"];
  readonly caller?: (call: AlteredCall) => Promise<{ readonly org: string; readonly user: string } | undefined>;
}

/** The contract with the bug in it. */
export function withBug(contract: Contract, bug: Bug): Contract {
  return mapFunctions(contract, (run, fn) => {
    if (!bug.in.test(fn)) return run;
    return async (context, json = "{}") => {
      const given: AlteredCall["args"] = JSON.parse(json);
      const args = bug.args?.(given) ?? given;
      const row: AlteredCall["row"] = async (type, ...attributes) => {
        return decode(await context.stub.getState(context.stub.createCompositeKey(type, [...attributes])));
      };
      const call: AlteredCall = { fn, context, args, row };
      const altered = await asCaller(withStub(context, alterStub(bug, call)), await bug.caller?.(call));
      return run(altered, JSON.stringify(args));
    };
  });
}

function alterStub(bug: Bug, call: AlteredCall): ContractStub {
  const { stub } = call.context;
  const isOfType = (key: string) => typeOf(key) === bug.type;
  const alter = (value: Uint8Array) => encode(bug.read?.(decode(value), call));
  const getState: ContractStub["getState"] = async (key) => {
    const value = await stub.getState(key);
    return bug.read !== undefined && isOfType(key) ? alter(value) : value;
  };
  const putState: ContractStub["putState"] = async (key, value) => {
    const [row, before] = [decode(value), decode(await stub.getState(key))];
    const isAltered = bug.write !== undefined && isOfType(key) && row !== undefined && before !== undefined;
    return stub.putState(key, isAltered ? encode(bug.write?.(row, before, call)) : value);
  };
  const deleteState: ContractStub["deleteState"] = async (key) => {
    if (bug.keepsDeleted !== true || !isOfType(key)) await stub.deleteState(key);
  };
  const getStateByPartialCompositeKey: ContractStub["getStateByPartialCompositeKey"] = async (type, attributes) => {
    const rows = await stub.getStateByPartialCompositeKey(type, attributes);
    if (bug.read === undefined || type !== bug.type) return rows;
    const next = async () => {
      const row = await rows.next();
      return row.done ? row : { ...row, value: { ...row.value, value: alter(row.value.value) } };
    };
    return { next, close: () => rows.close() };
  };
  return overStub(stub, { getState, putState, deleteState, getStateByPartialCompositeKey });
}

function asCaller(context: ContractContext, caller: { readonly org: string; readonly user: string } | undefined) {
  if (caller === undefined) return context;
  const getAttributeValue = (name: string) => (name === "hf.EnrollmentID" ? caller.user : null);
  const clientIdentity = { ...context.clientIdentity, getMSPID: () => caller.org, getAttributeValue };
  return { stub: context.stub, clientIdentity };
}

function decode(value: Uint8Array): Row | undefined {
  return value.length === 0 ? undefined : JSON.parse(Buffer.from(value).toString());
}

function encode(row: Row | undefined): Uint8Array {
  return row === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(row));
}

import { type ClientIdentity, type Contract, ContractRefusal } from "@concordat/ledger/contract-api";
import { describe, expect, it } from "vitest";
import { type FabricShim, type FabricStub, toChaincode } from "./fabric-shim-adapter.ts";

type Response = { readonly status: number; readonly payload?: string; readonly message?: string };

/** Answers as `success` and `error` of fabric-shim do. */
const shim: FabricShim<Response, Response, FabricStub> = {
  success: (payload) => ({ status: 200, payload: Buffer.from(payload).toString() }),
  error: (message) => ({ status: 500, message }),
  ClientIdentity: class implements ClientIdentity {
    readonly #stub: FabricStub;
    constructor(stub: FabricStub) {
      this.#stub = stub;
    }
    getMSPID = () => "Org1MSP";
    getID = () => `caller of ${this.#stub.getTxID()}`;
    getAttributeValue = () => null;
  },
};

const contract: Contract = {
  name: "sample",
  version: "1",
  functions: {
    join: async ({ clientIdentity }, ...parts) => `${clientIdentity.getID()}: ${parts.join("+")}`,
    bytes: async () => new Uint8Array([104, 105]),
    nothing: async () => undefined,
    refuse: async () => {
      throw new ContractRefusal("NOT_TODAY", "The contract says no.");
    },
    fail: async () => {
      throw new Error("broken");
    },
  },
};

function invoke(...args: string[]): Promise<Response> {
  const [fcn = "", ...params] = args;
  // The adapter itself asks the stub for nothing but the call.
  const stub = { getFunctionAndParameters: () => ({ fcn, params }), getTxID: () => "t1" } as unknown as FabricStub;
  return toChaincode(contract, shim).Invoke(stub);
}

describe("toChaincode", () => {
  it.each<[string[], Response]>([
    [["join", "a", "b"], { status: 200, payload: "caller of t1: a+b" }],
    [["bytes"], { status: 200, payload: "hi" }],
    [["nothing"], { status: 200, payload: "" }],
    [["refuse"], { status: 500, message: "NOT_TODAY: The contract says no." }],
    [["fail"], { status: 500, message: "broken" }],
    [["missing"], { status: 500, message: 'FUNCTION_UNKNOWN: Contract "sample" has no function "missing".' }],
    [["toString"], { status: 500, message: 'FUNCTION_UNKNOWN: Contract "sample" has no function "toString".' }],
  ])("%j", async (args, response) => {
    expect(await invoke(...args)).toEqual(response);
  });
});

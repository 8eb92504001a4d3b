import {
  type ClientIdentity,
  type Contract,
  type ContractContext,
  ContractRefusal,
  type ContractStub,
} from "@concordat/ledger/contract-api";

/** The parts of the official `fabric-shim` module that the adapter uses; it is handed in, so that nothing here depends on it. */
export interface FabricShim<Success, Failure, Stub extends FabricStub> {
  success(payload: Uint8Array): Success;
  error(message: string): Failure;
  readonly ClientIdentity: new (stub: Stub) => ClientIdentity;
}

export interface FabricStub extends ContractStub {
  getFunctionAndParameters(): { readonly fcn: string; readonly params: string[] };
}

/** The object that `Shim.start` and `Shim.server` of fabric-shim take. */
export interface Chaincode<Response, Stub extends FabricStub> {
  Init(stub: Stub): Promise<Response>;
  Invoke(stub: Stub): Promise<Response>;
}

/**
 * Runs a built-in contract as chaincode on a real Fabric network. A refusal answers `<code>: <message>`; any other failure is a
 * defect and answers its message without a code.
 */
export function toChaincode<Success, Failure, Stub extends FabricStub>(
  contract: Contract,
  shim: FabricShim<Success, Failure, Stub>,
): Chaincode<Success | Failure, Stub> {
  return {
    Init: async () => shim.success(new Uint8Array()),
    async Invoke(stub) {
      const { fcn, params } = stub.getFunctionAndParameters();
      const run = Object.hasOwn(contract.functions, fcn) ? contract.functions[fcn] : undefined;
      if (run === undefined)
        return shim.error(`FUNCTION_UNKNOWN: Contract "${contract.name}" has no function "${fcn}".`);
      try {
        const context: ContractContext = { stub, clientIdentity: new shim.ClientIdentity(stub) };
        const result = await run(context, ...params);
        return shim.success(typeof result === "string" ? Buffer.from(result) : Buffer.from(result ?? []));
      } catch (error) {
        if (error instanceof ContractRefusal) return shim.error(`${error.code}: ${error.message}`);
        return shim.error(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

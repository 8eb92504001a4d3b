import { ConcordatError } from "@concordat/base";

/** A contract that could not be run, or did not answer: no response of its own. The text is for clients, and for contracts that called it. */
export class ExecutionError extends ConcordatError<"EXECUTION_FAILED"> {
  /** This peer does not have the contract: it is not defined, or its organization has not approved or installed it. */
  readonly isAbsent: boolean;

  constructor(message: string, options: { readonly isAbsent?: boolean } = {}) {
    super({ code: "EXECUTION_FAILED", summary: message });
    this.isAbsent = options.isAbsent === true;
  }
}

/** What the called contract's failure is to the contract that called it. @source fabric core/chaincode/handler.go, HandleInvokeChaincode */
export function asCallersError(error: unknown): unknown {
  return error instanceof ExecutionError ? new ExecutionError(`execute failed: ${error.message}`) : error;
}

/** What a proposal's own contract's failure is to the client. @source fabric core/endorser/endorser.go, core/chaincode/chaincode_support.go */
export function asEndorsersError(error: unknown, txId: string): unknown {
  if (!(error instanceof ExecutionError) || error.isAbsent) return error;
  return new ExecutionError(`error in simulation: failed to execute transaction ${txId}: ${error.message}`);
}

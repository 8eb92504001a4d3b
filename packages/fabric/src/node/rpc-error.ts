import { isConcordatError } from "@concordat/base";
import { Metadata, type ServerErrorResponse, status } from "@grpc/grpc-js";
import { WireError } from "../wire/read.ts";
import { writeMessage } from "../wire/write.ts";

/** What one node said: Fabric's `gateway.ErrorDetail`. */
export interface ErrorDetail {
  /** `host:port` of the node. */
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** The end of a call as the client sees it. */
export class RpcError extends Error {
  /** A gRPC status code. */
  readonly code: status;
  readonly details: readonly ErrorDetail[];

  constructor(code: status, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.details = details;
  }
}

/** Gives any failure the form that a client is told. What nobody foresaw says nothing of the inside; `report` gets it. */
export function toRpcError(error: unknown, report: (error: unknown) => void): RpcError {
  if (error instanceof RpcError) return error;
  if (error instanceof WireError) return new RpcError(status.INVALID_ARGUMENT, `proto: ${error.message}`);
  if (isConcordatError(error)) {
    const known = LEDGER_STATUS[error.code];
    if (known !== undefined) return new RpcError(known, error.message);
  }
  report(error);
  return new RpcError(status.INTERNAL, "internal error");
}

const LEDGER_STATUS: Readonly<Record<string, status>> = {
  CLOSED: status.UNAVAILABLE,
  CHANNEL_FAILED: status.UNAVAILABLE,
  CHANNEL_READ_ONLY: status.UNAVAILABLE,
  CHANNEL_UNKNOWN: status.NOT_FOUND,
  OVERLOADED: status.UNAVAILABLE,
  SIMULATION_REFUSED: status.RESOURCE_EXHAUSTED,
};

/**
 * The trailer that Fabric's clients read details from is sent only when there are any.
 * @source google.rpc.Status, gateway.ErrorDetail
 */
export function toServerError(error: RpcError): ServerErrorResponse {
  const response = { name: "Error", code: error.code, message: error.message, details: error.message };
  if (error.details.length === 0) return response;
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(encodeStatus(error)));
  return { ...response, metadata };
}

function encodeStatus({ code, message, details }: RpcError): Uint8Array {
  return writeMessage(
    [1, code],
    [2, message],
    ...details.map((detail): [number, Uint8Array] => [
      3,
      writeMessage(
        [1, "type.googleapis.com/gateway.ErrorDetail"],
        [2, writeMessage([1, detail.address], [2, detail.mspId], [3, detail.message])],
      ),
    ]),
  );
}

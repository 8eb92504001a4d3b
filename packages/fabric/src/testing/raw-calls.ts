import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { gateway, google } from "@hyperledger/fabric-protos";

const raw = (bytes: Uint8Array) => Buffer.from(bytes);

/** One unary call with bytes in and out. Rejects with the gRPC error. */
export function callUnary(client: Client, path: string, request: Uint8Array, deadlineMs = 20_000): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const deadline = new Date(Date.now() + deadlineMs);
    client.makeUnaryRequest(path, raw, raw, request, new Metadata(), { deadline }, (error, answer) => {
      if (error !== null) reject(error);
      else resolve(new Uint8Array(answer ?? Buffer.alloc(0)));
    });
  });
}

/** A bidirectional stream of bytes, read one answer at a time. */
export interface RawStream {
  send(message: Uint8Array): void;
  /** Undefined at the end; rejects with the gRPC error. */
  next(): Promise<Uint8Array | undefined>;
  end(): void;
  cancel(): void;
}

export function openStream(client: Client, path: string): RawStream {
  const call = client.makeBidiStreamRequest(path, raw, raw);
  const answers = call[Symbol.asyncIterator]();
  return {
    send: (message) => call.write(message),
    async next() {
      const step = await answers.next();
      return step.done === true ? undefined : new Uint8Array(step.value);
    },
    end: () => call.end(),
    cancel: () => call.cancel(),
  };
}

/** What a failed call told: code, text and the details of the trailer. */
export interface CallFailure {
  readonly code: number;
  readonly text: string;
  readonly details: readonly { readonly address: string; readonly mspId: string; readonly message: string }[];
}

/** Waits for the failure. @throws Error when the call succeeds */
export async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  try {
    await call;
  } catch (error) {
    return readFailure(error);
  }
  throw new Error("The call did not fail.");
}

export function readFailure(error: unknown): CallFailure {
  if (!isServiceError(error)) throw error;
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const status = google.rpc.Status.deserializeBinary(
    bytes instanceof Buffer ? new Uint8Array(bytes) : new Uint8Array(),
  );
  const details = status.getDetailsList().map((any) => {
    const detail = gateway.ErrorDetail.deserializeBinary(any.getValue_asU8());
    return { address: detail.getAddress(), mspId: detail.getMspId(), message: detail.getMessage() };
  });
  return { code: error.code, text: error.details, details };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error;
}

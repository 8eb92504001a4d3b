import type { Execution } from "../endorser/contract-call.ts";

/** One function of `_lifecycle`: takes and answers a serialized message. */
export type LifecycleFunction = (execution: Execution, argument: Uint8Array) => Promise<Uint8Array>;

/** A refusal of a lifecycle function, in Fabric's words. */
export class LifecycleFailure extends Error {
  readonly isNotFound: boolean;

  constructor(message: string, options: { readonly isNotFound?: boolean } = {}) {
    super(message);
    this.name = "LifecycleFailure";
    this.isNotFound = options.isNotFound === true;
  }
}

/** Reads a function's argument with its official message. @throws LifecycleFailure */
export function readArgument<Message>(
  type: { deserializeBinary(bytes: Uint8Array): Message },
  bytes: Uint8Array,
): Message {
  try {
    return type.deserializeBinary(new Uint8Array(bytes));
  } catch {
    throw new LifecycleFailure("could not decode input argument: proto: cannot parse invalid wire-format data");
  }
}

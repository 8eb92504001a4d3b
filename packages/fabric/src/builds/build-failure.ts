import { FabricError } from "../errors.ts";

/** A package that cannot be made to run; trying again changes nothing. Its code is CONTRACT_NOT_RUNNING. */
export class BuildFailure extends FabricError {}

/** @param reason completes the sentence "The contract cannot be built: ..." */
export function buildFailure(reason: string, cause?: unknown): BuildFailure {
  return new BuildFailure("CONTRACT_NOT_RUNNING", `The contract cannot be built: ${reason}.`, {
    facts: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

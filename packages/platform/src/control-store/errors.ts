import { ConcordatError } from "@concordat/base";
import { PlatformError } from "../errors.ts";

export type ControlStoreErrorCode =
  | "CONTROL_CONFLICT"
  | "CONTROL_STALE"
  | "CONTROL_STORE_NEWER"
  | "CONTROL_STORE_UNUSABLE";

/** A row would repeat an id, a name or a code that another row has, or refer to a row that is not there. */
export class ControlConflictError extends ConcordatError<"CONTROL_CONFLICT"> {
  constructor(cause: unknown) {
    super({
      code: "CONTROL_CONFLICT",
      summary: "A row repeats what must be unique, or refers to what is not there.",
      cause,
    });
  }
}

/** Another server has changed the directory since these changes were planned. */
export class ControlStaleError extends ConcordatError<"CONTROL_STALE"> {
  constructor(basedOn: number, found: number) {
    super({
      code: "CONTROL_STALE",
      summary: `The control store has version ${found}; the changes were planned on ${basedOn}.`,
      facts: { basedOn, found },
    });
  }
}

/** The store was written by a later release. */
export class ControlStoreNewerError extends ConcordatError<"CONTROL_STORE_NEWER"> {
  constructor(found: number, known: number) {
    super({
      code: "CONTROL_STORE_NEWER",
      summary: `The control store has version ${found}; this release knows ${known}.`,
      remedy: "Use the release that wrote the data folder, or a later one.",
      facts: { found, known },
    });
  }
}

/** The database cannot be used at all: what the operator said of it is wrong. */
export class ControlStoreUnusableError extends ConcordatError<"CONTROL_STORE_UNUSABLE"> {
  constructor(reason: string, remedy: string, cause?: unknown) {
    super({ code: "CONTROL_STORE_UNUSABLE", summary: `The control store cannot be used: ${reason}`, remedy, cause });
  }
}

/**
 * The database does not answer. A commit under way may or may not have happened. It is a refusal of the platform's own, so that it
 * passes through every service as it is.
 */
export class ControlUnavailableError extends PlatformError {
  constructor(cause: unknown) {
    super("STORE_UNAVAILABLE", undefined, {
      remedy: "Try again. What was being written may or may not have been.",
      cause,
    });
  }
}

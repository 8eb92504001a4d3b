import { ConcordatError } from "@concordat/base";

export type ControlStoreErrorCode = "CONTROL_CONFLICT" | "CONTROL_STORE_NEWER";

/** A row would repeat an id, a name or a code that another row has. */
export class ControlConflictError extends ConcordatError<"CONTROL_CONFLICT"> {
  constructor(table: string, cause?: unknown) {
    super({
      code: "CONTROL_CONFLICT",
      summary: `A row of ${table} repeats what must be unique.`,
      facts: { table },
      cause,
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

import { ConcordatError } from "@concordat/base";

export type ServersErrorCode = "LEDGER_HOME_TAKEN" | "FIRST_RUN_PENDING";

/** The lease of this installation's ledger is held by a process that is not this one, and stays held. */
export class LedgerHomeTakenError extends ConcordatError<"LEDGER_HOME_TAKEN"> {
  constructor(url: string) {
    super({
      code: "LEDGER_HOME_TAKEN",
      summary: `The server at ${url} already keeps this installation's ledger, under the same server id.`,
      remedy: "It runs on a copy of this data folder: stop one of the two. Only the original may go on.",
      facts: { url },
    });
  }
}

/** The home server has not made what an installation begins with. */
export class FirstRunPendingError extends ConcordatError<"FIRST_RUN_PENDING"> {
  constructor() {
    super({
      code: "FIRST_RUN_PENDING",
      summary: "The home server has not finished this installation's first run.",
      remedy: "Start the home server; then start this one again.",
    });
  }
}

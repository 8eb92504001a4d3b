import { ConcordatError } from "@concordat/base";

/** A proof reaches below the snapshot that the channel was imported from: the nodes it needs are not on this machine. */
export class ProofBelowBaseError extends ConcordatError<"PROOF_BELOW_BASE"> {
  constructor(facts: { readonly base: number; readonly leaf: number }) {
    super({
      code: "PROOF_BELOW_BASE",
      summary: `This installation holds the log from leaf ${facts.base} on and cannot prove anything about leaf ${facts.leaf}.`,
      remedy: "Ask an installation that holds the channel from its first block.",
      facts,
    });
  }
}

/** The derived log file does not hold the tree that it should: it is rebuilt from the segments. */
export class MerkleLogDamagedError extends ConcordatError<"MERKLE_LOG_DAMAGED"> {
  constructor(facts: { readonly path: string; readonly row: number }, cause?: unknown) {
    super({
      code: "MERKLE_LOG_DAMAGED",
      summary: `The Merkle log ${facts.path} is damaged or short at row ${facts.row}.`,
      remedy: "It is derived data: delete it and open the channel again.",
      facts,
      cause,
    });
  }
}

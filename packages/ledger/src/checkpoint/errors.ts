import { ConcordatError } from "@concordat/base";

/** A text that is not a checkpoint of ours, with the first thing wrong about it. */
export class CheckpointInvalidError extends ConcordatError<"CHECKPOINT_INVALID"> {
  constructor(reason: string) {
    super({ code: "CHECKPOINT_INVALID", summary: `This is not a checkpoint: ${reason}.`, facts: { reason } });
  }
}

import type { BlockCutting } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";

/** Huawei BCS's documented defaults, and a cut as soon as the committer is idle. */
export const defaultBlockCutting: BlockCutting = {
  messageCountMax: 500,
  bytesMax: 2 * 1024 * 1024,
  timeoutMs: 2000,
  cutWhenIdle: true,
};

const names = ["messageCountMax", "bytesMax", "timeoutMs"] as const;

/** @throws PlatformError BLOCK_CUTTING_INVALID with the name of the first number that is out of its bounds */
export function requireBlockCutting(cutting: Partial<BlockCutting>): void {
  for (const name of names) {
    const value = cutting[name];
    const { minimum, maximum } = platformLimits.blockCutting[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= minimum && value <= maximum)) continue;
    throw new PlatformError("BLOCK_CUTTING_INVALID", `${name} must be a whole number from ${minimum} to ${maximum}.`, {
      facts: { name },
    });
  }
}

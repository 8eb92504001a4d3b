import { isConcordatError } from "@concordat/base";
import { type CommandContext, EXIT, type ExitCode } from "./context.ts";

/** One sentence and what to do about it; only a defect of the program shows its stack. */
export function reportError(error: unknown, context: CommandContext): ExitCode {
  if (isConcordatError(error)) {
    context.warn(`concordat: ${error.message}`);
    if (error.remedy !== undefined) context.warn(`  ${error.remedy}`);
    return EXIT.failed;
  }
  context.warn(`concordat: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.internal;
}

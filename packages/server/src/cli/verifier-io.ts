import type { CommandIo } from "@concordat/verifier/node";
import type { CommandContext } from "./context.ts";

/** The verifier's commands write whole lines; the context adds the last line end itself. */
export function verifierIo(context: CommandContext): CommandIo {
  return {
    out: (text) => context.print(text.replace(/\n$/, "")),
    error: (text) => context.warn(`concordat: ${text.replace(/\n$/, "")}`),
  };
}

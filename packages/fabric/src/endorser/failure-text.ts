import { isConcordatError, type Logger } from "@concordat/base";
import { WireError } from "../wire/read.ts";

/** What may be said of a failure: refusals speak for themselves, and what nobody foresaw is for the log alone. */
export function failureText(error: unknown, log: Logger): string {
  if (isConcordatError(error) || error instanceof WireError) return error.message;
  log.error("A proposal broke off", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return "internal error";
}

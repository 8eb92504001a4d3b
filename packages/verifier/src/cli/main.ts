import { type CommandIo, type ExitCode, runVerifyLedger, runVerifyReceipt } from "./commands.ts";

const USAGE = `Usage:
  concordat-verify receipt FILE [--trust BUNDLE] [--json]
  concordat-verify ledger --data DIR [--since CHECKPOINT_FILE] [--trust BUNDLE] [--json]
`;

/** The commands of this package by themselves, for a machine without the server. */
export async function main(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const [command, ...rest] = args;
  if (command === "receipt") return runVerifyReceipt(rest, io);
  if (command === "ledger") return runVerifyLedger(rest, io);
  io.error(USAGE);
  return 2;
}
